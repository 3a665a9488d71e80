import { oneOf, optional, text, textOrEmpty } from "~/list/address";
import { DENSITIES } from "~/list/density";

export const FINDING_STATUSES = ["missing", "installed"] as const;

/** What the asset list shows, as it stands in the address. */
export function assetsAddress(raw: Record<string, unknown>) {
  return optional({
    query: text(raw.query),
    patches: text(raw.patches),
    status: oneOf(FINDING_STATUSES, raw.status),
    truth: oneOf(["unknown"] as const, raw.truth),
    sort: text(raw.sort),
    cols: text(raw.cols),
    density: oneOf(DENSITIES, raw.density),
  });
}

export type AssetsAddress = ReturnType<typeof assetsAddress>;

/** What is asked, as the API takes it: how patches are meant says nothing without them. */
export function assetsAsked({ query, patches, status, truth }: AssetsAddress) {
  return { query, patches, status: patches ? status : undefined, truth };
}

/** Pages of an asset's details. */
export const ASSET_TABS = ["overview", "patches", "software", "jobs"] as const;

/** What is shown of an asset's patches when nothing is asked: what nothing newer replaces. */
export const LATEST = "isSuperseded:no";
export const LATEST_SECURITY = `${LATEST} and category:security`;

/** What an asset's page shows; an empty query asks for all its patches. */
export function assetAddress(raw: Record<string, unknown>) {
  return optional({
    tab: oneOf(ASSET_TABS, raw.tab),
    q: text(raw.q),
    query: textOrEmpty(raw.query),
    status: oneOf(FINDING_STATUSES, raw.status),
    why: text(raw.why),
    sort: text(raw.sort),
  });
}
