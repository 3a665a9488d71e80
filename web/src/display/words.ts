/** How good or bad something is, as a colour family of tokens.css. */
export type Tone = "good" | "bad" | "warn" | "busy" | "idle";

/** A value of the API with its words and tone. */
export type Word = { label: string; tone: Tone };

function lookup(words: Record<string, Word>): (value: string) => Word {
  return (value) => words[value] ?? { label: sentence(value), tone: "idle" };
}

/** `never_scanned` as "Never scanned": for words newer than this console. */
export function sentence(value: string): string {
  const text = value.replaceAll(/[_-]/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** An operating system's name without the part that says nothing: "Debian 12 (bookworm)", "Windows 11 Pro". */
export function shortOs(name: string): string {
  return name
    .replace(/ GNU\/Linux\b/, "")
    .replace(/^Microsoft (?=Windows)/, "")
    .trim();
}

export const scanStatus = lookup({
  never_scanned: { label: "Never scanned", tone: "idle" },
  scanning: { label: "Scanning", tone: "busy" },
  scanned: { label: "Scanned", tone: "good" },
  scan_failed: { label: "Scan failed", tone: "bad" },
  unsupported: { label: "Unsupported", tone: "warn" },
  stale: { label: "Stale", tone: "warn" },
});

export const jobStatus = lookup({
  partially_configured: { label: "Partially configured", tone: "warn" },
  disabled: { label: "Disabled", tone: "idle" },
  enabled: { label: "Enabled", tone: "busy" },
  completed: { label: "Completed", tone: "good" },
});

export const assetRunStatus = lookup({
  pending: { label: "Pending", tone: "idle" },
  received: { label: "Received", tone: "idle" },
  downloading: { label: "Downloading", tone: "busy" },
  downloaded: { label: "Downloaded", tone: "busy" },
  deferred: { label: "Deferred", tone: "warn" },
  blocked: { label: "Blocked", tone: "warn" },
  running: { label: "Running", tone: "busy" },
  pending_reboot: { label: "Pending reboot", tone: "warn" },
  rebooting: { label: "Rebooting", tone: "busy" },
  verifying: { label: "Verifying", tone: "busy" },
  succeeded: { label: "Succeeded", tone: "good" },
  partly_succeeded: { label: "Partly succeeded", tone: "warn" },
  failed: { label: "Failed", tone: "bad" },
  nothing_to_do: { label: "Nothing to do", tone: "idle" },
  timed_out: { label: "Timed out", tone: "bad" },
  cancelled: { label: "Cancelled", tone: "idle" },
  not_licensed: { label: "Not licensed", tone: "idle" },
  agent_lost: { label: "Agent lost", tone: "bad" },
});

export const patchRunStatus = lookup({
  pending: { label: "Pending", tone: "idle" },
  downloading: { label: "Downloading", tone: "busy" },
  installing: { label: "Installing", tone: "busy" },
  verifying: { label: "Verifying", tone: "busy" },
  installed: { label: "Installed", tone: "good" },
  removed: { label: "Removed", tone: "good" },
  pending_reboot: { label: "Pending reboot", tone: "warn" },
  failed: { label: "Failed", tone: "bad" },
  superseded: { label: "Superseded", tone: "idle" },
  not_applicable: { label: "Not applicable", tone: "idle" },
  skipped: { label: "Skipped", tone: "warn" },
});

export const severity = lookup({
  critical: { label: "Critical", tone: "bad" },
  important: { label: "Important", tone: "warn" },
  moderate: { label: "Moderate", tone: "warn" },
  low: { label: "Low", tone: "idle" },
  none: { label: "Not rated", tone: "idle" },
});

export const category = lookup({
  security: { label: "Security", tone: "busy" },
  "non-security": { label: "Non-security", tone: "idle" },
});

export const reboot = lookup({
  never: { label: "No restart needed", tone: "idle" },
  maybe: { label: "May need a restart", tone: "warn" },
  required: { label: "Needs a restart", tone: "warn" },
});

export const jobKind = lookup({
  install: { label: "Install", tone: "busy" },
  uninstall: { label: "Roll back", tone: "warn" },
});

const roles: Record<string, { label: string; about: string }> = {
  patch_reader: { label: "Patch Reader", about: "Looks at assets, patches and jobs" },
  patch_dashboard_author: { label: "Dashboard Author", about: "Looks, and makes dashboards" },
  patch_user: { label: "Patch User", about: "Makes and runs jobs of their own" },
  patch_security: { label: "Patch Security", about: "Proposes patches; owns no jobs" },
  patch_manager: { label: "Patch Manager", about: "Runs any job and manages configuration" },
  super_user: { label: "Super User", about: "May do everything and administers users" },
};

/** The roles, lowest first. */
export const roleNames = Object.keys(roles);

/** A role with what it may do, in a few words. */
export function role(value: string): { label: string; about: string } {
  return roles[value] ?? { label: sentence(value), about: "" };
}

/** Order in which statuses stand in a breakdown: what is done first, what waits last. */
export const ASSET_RUN_ORDER = [
  "succeeded",
  "partly_succeeded",
  "failed",
  "timed_out",
  "agent_lost",
  "verifying",
  "rebooting",
  "running",
  "downloaded",
  "downloading",
  "pending_reboot",
  "deferred",
  "blocked",
  "received",
  "pending",
  "nothing_to_do",
  "cancelled",
  "not_licensed",
];
