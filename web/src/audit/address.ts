import { oneOf, optional, text } from "~/list/address";
import { DENSITIES } from "~/list/density";

/** What the audit log shows, as it stands in the address. */
export function auditAddress(raw: Record<string, unknown>) {
  return optional({
    query: text(raw.query),
    entry: text(raw.entry),
    sort: text(raw.sort),
    cols: text(raw.cols),
    density: oneOf(DENSITIES, raw.density),
  });
}

export type AuditAddress = ReturnType<typeof auditAddress>;
