import { type AssetRow, findings, type PatchDetail } from "./world.ts";

/** Why a patch is missing on an asset, or not. */
export function whyOf(asset: AssetRow, patch: PatchDetail) {
  const own = findings.get(asset.id);
  const listed = own?.missing.has(patch.id) ? "missing" : own?.installed.has(patch.id) ? "installed" : null;
  const fresh = ["scanned", "scanning"].includes(asset.scan_status);
  const judged = listed
    ? patch.packages.map(({ name, version }) => ({
        name,
        architecture: "amd64",
        source: name === patch.product ? null : patch.product,
        installed: listed === "missing" ? `0.${version}` : version,
        fixed: version,
        below: listed === "missing",
        held: name === "sudo",
      }))
    : [];
  const conclusion = {
    missing: `${asset.name} misses ${patch.id}: all ${judged.length} packages it speaks of are below the version that has the fix.`,
    installed: `${asset.name} has ${patch.id}: no package it speaks of is below the version that has the fix.`,
  };
  return {
    asset: asset.id,
    asset_name: asset.name,
    patch: patch.id,
    patch_title: patch.title,
    status: listed ?? "not_applicable",
    reason: listed ? null : "nothing_present",
    judged,
    baseline: false,
    disabled: false,
    superseded: patch.superseded,
    superseded_by: patch.superseded_by.map(({ id, title }) => ({
      id,
      title,
      replaces: patch.id,
      enabled: true,
      latest: true,
      listed: own?.missing.has(id) ? "missing" : own?.installed.has(id) ? "installed" : null,
    })),
    last_scan: asset.last_scan,
    scan_status: asset.scan_status,
    scan_error: asset.scan_error ?? null,
    fresh,
    listed,
    sentences: [
      listed
        ? conclusion[listed]
        : `${patch.id} makes no finding on ${asset.name}: no package it speaks of is installed.`,
      ...judged.map(
        ({ name, installed, fixed, below }) =>
          `${name} (amd64) ${installed} is ${below ? "" : "not "}below ${fixed}.`,
      ),
      fresh ? "The last scan was good." : "The last good scan no longer counts.",
    ],
  };
}
