import { oneOf, optional, text, textOrEmpty } from "~/list/address";
import { DENSITIES } from "~/list/density";

/** What the list shows when nothing is asked: what somebody misses and nothing newer replaces. */
export const USUAL_PATCHES = "patchStatus:missing and isSuperseded:no";

/** What the patch list shows, as it stands in the address. An empty query asks for everything. */
export function patchesAddress(raw: Record<string, unknown>) {
  return optional({
    query: textOrEmpty(raw.query),
    assets: text(raw.assets),
    applicable: oneOf(["all"] as const, raw.applicable),
    sort: text(raw.sort),
    cols: text(raw.cols),
    density: oneOf(DENSITIES, raw.density),
  });
}

export type PatchesAddress = ReturnType<typeof patchesAddress>;

/** What is asked, as the API takes it. */
export function patchesAsked({ query = USUAL_PATCHES, assets, applicable }: PatchesAddress) {
  return { query: query || undefined, assets, applicable };
}

/** A query as it stands in the address: the usual one need not be written. */
export function inAddress(query: string): string | undefined {
  return query === USUAL_PATCHES ? undefined : query;
}

/** What a patch's page shows. */
export function patchAddress(raw: Record<string, unknown>) {
  return optional({
    status: oneOf(["missing", "installed"] as const, raw.status),
    q: text(raw.q),
    why: text(raw.why),
    sort: text(raw.sort),
  });
}
