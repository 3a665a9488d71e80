import { oneOf, optional, text } from "~/list/address";
import { DENSITIES } from "~/list/density";

/** What the list of custom patches shows, as it stands in the address. */
export function customPatchesAddress(raw: Record<string, unknown>) {
  return optional({
    q: text(raw.q),
    sort: text(raw.sort),
    cols: text(raw.cols),
    density: oneOf(DENSITIES, raw.density),
  });
}

export type CustomPatchesAddress = ReturnType<typeof customPatchesAddress>;

/** What a new patch begins with: the catalog's patch whose file is to be uploaded, if there is one. */
export function newCustomPatchAddress(raw: Record<string, unknown>) {
  return optional({ like: text(raw.like) });
}
