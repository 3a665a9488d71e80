import { flag, oneOf, optional, text, texts } from "~/list/address";
import { DENSITIES } from "~/list/density";

export const PATCH_STATUSES = ["missing", "installed", "any"] as const;

/** What the patch list shows, as it stands in the address. Nothing said: missing and latest. */
export function patchesAddress(raw: Record<string, unknown>) {
  return optional({
    q: text(raw.q),
    status: oneOf(PATCH_STATUSES, raw.status),
    latest: flag(raw.latest),
    all: flag(raw.all),
    category: texts(raw.category),
    severity: texts(raw.severity),
    release: texts(raw.release),
    kind: oneOf(["os", "application"] as const, raw.kind),
    cve: text(raw.cve),
    sort: text(raw.sort),
    cols: text(raw.cols),
    density: oneOf(DENSITIES, raw.density),
  });
}

export type PatchesAddress = ReturnType<typeof patchesAddress>;

/** The filters of the address as the API takes them. */
export function patchFilters(address: PatchesAddress) {
  const status = address.status ?? "missing";
  return {
    q: address.q,
    status: status === "any" ? undefined : status,
    latest: address.latest ?? true,
    all: address.all,
    category: address.category?.join(","),
    severity: address.severity?.join(","),
    release: address.release?.join(","),
    kind: address.kind,
    cve: address.cve,
  };
}

export const NO_PATCH_FILTERS = {
  q: undefined,
  category: undefined,
  severity: undefined,
  release: undefined,
  kind: undefined,
  cve: undefined,
} satisfies Partial<PatchesAddress>;

/** What a patch's page shows. */
export function patchAddress(raw: Record<string, unknown>) {
  return optional({
    status: oneOf(["missing", "installed"] as const, raw.status),
    q: text(raw.q),
    sort: text(raw.sort),
  });
}
