/** Order in which statuses of patches stand in a breakdown. */
export const PATCH_RUN_ORDER = [
  "installed",
  "removed",
  "failed",
  "verifying",
  "installing",
  "downloading",
  "pending_reboot",
  "pending",
  "skipped",
  "superseded",
  "not_applicable",
];
