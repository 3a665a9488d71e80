import { flag, oneOf, optional, text, texts } from "~/list/address";
import { DENSITIES } from "~/list/density";

/** What the asset list shows, as it stands in the address. */
export function assetsAddress(raw: Record<string, unknown>) {
  return optional({
    q: text(raw.q),
    tag: texts(raw.tag),
    os: texts(raw.os),
    release: texts(raw.release),
    scan_status: texts(raw.scan_status),
    online: flag(raw.online),
    reboot_pending: flag(raw.reboot_pending),
    missing_patch: text(raw.missing_patch),
    installed_patch: text(raw.installed_patch),
    sort: text(raw.sort),
    cols: text(raw.cols),
    density: oneOf(DENSITIES, raw.density),
  });
}

export type AssetsAddress = ReturnType<typeof assetsAddress>;

/** The filters of the address as the API takes them: several values are joined by commas. */
export function assetFilters(address: AssetsAddress) {
  const { q, tag, os, release, scan_status, online, reboot_pending, missing_patch, installed_patch } =
    address;
  return {
    q,
    tag: tag?.join(","),
    os: os?.join(","),
    release: release?.join(","),
    scan_status: scan_status?.join(","),
    online,
    reboot_pending,
    missing_patch,
    installed_patch,
  };
}

/** The address without any filter; how the list is shown stays. */
export const NO_ASSET_FILTERS = {
  q: undefined,
  tag: undefined,
  os: undefined,
  release: undefined,
  scan_status: undefined,
  online: undefined,
  reboot_pending: undefined,
  missing_patch: undefined,
  installed_patch: undefined,
} satisfies Partial<AssetsAddress>;

/** Pages of an asset's details. */
export const ASSET_TABS = ["overview", "patches", "software", "jobs"] as const;

/** What an asset's page shows. */
export function assetAddress(raw: Record<string, unknown>) {
  return optional({
    tab: oneOf(ASSET_TABS, raw.tab),
    q: text(raw.q),
    status: oneOf(["missing", "installed"] as const, raw.status),
    latest: flag(raw.latest),
    sort: text(raw.sort),
  });
}
