import { flag, oneOf, optional, text, texts } from "~/list/address";
import { DENSITIES } from "~/list/density";

/** What the job list shows, as it stands in the address. */
export function jobsAddress(raw: Record<string, unknown>) {
  return optional({
    query: text(raw.query),
    sort: text(raw.sort),
    cols: text(raw.cols),
    density: oneOf(DENSITIES, raw.density),
  });
}

export type JobsAddress = ReturnType<typeof jobsAddress>;

/** What the job form starts from. */
export function newJobAddress(raw: Record<string, unknown>) {
  return optional({ draft: flag(raw.draft), kind: oneOf(["install", "uninstall"] as const, raw.kind) });
}

/** What a job's page shows. */
export function jobAddress(raw: Record<string, unknown>) {
  return optional({ enable: flag(raw.enable) });
}

/** What a run's page shows. */
export function runAddress(raw: Record<string, unknown>) {
  return optional({
    q: text(raw.q),
    status: texts(raw.status),
    patch_status: text(raw.patch_status),
    left_out: flag(raw.left_out),
    sort: text(raw.sort),
    asset: text(raw.asset),
  });
}

export type RunAddress = ReturnType<typeof runAddress>;
