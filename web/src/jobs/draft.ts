import type { AssetRef, PatchRef } from "~/api/model";

/** Most assets a job names one by one, each way. */
export const MOST_NAMED_ASSETS = 50;
/** Most patches of one job. */
export const MOST_PATCHES = 2_000;

/** What was chosen on another page for a job that is about to be made. */
export type Draft = { patches: PatchRef[]; assets: AssetRef[] };

const KEY = "fettle-job-draft";

/** Keeps a choice for the job form; it is too long for an address and survives a reload. */
export function startDraft(draft: Partial<Draft>): void {
  sessionStorage.setItem(KEY, JSON.stringify({ patches: [], assets: [], ...draft }));
}

/** The choice that was kept; empty when there is none. */
export function readDraft(): Draft {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    if (typeof kept === "object" && kept !== null) {
      const { patches, assets } = kept as Partial<Draft>;
      return { patches: patches ?? [], assets: assets ?? [] };
    }
  } catch {
    // What cannot be read is no choice.
  }
  return { patches: [], assets: [] };
}

/** Forgets the choice, once it has become a job. */
export function dropDraft(): void {
  sessionStorage.removeItem(KEY);
}
