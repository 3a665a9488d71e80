import type { AssetRef, ChangeJob, Job, PatchRef } from "~/api/model";
import { MOST_NAMED_ASSETS, MOST_PATCHES } from "./draft";

/** What is to be added to a job that is there already. */
export type Addition = { patches?: PatchRef[]; assets?: AssetRef[] };

/** How an addition changes a job, and how much of it is new to the job. */
export type Merged = { change: ChangeJob; added: number; tooMany: string | null };

/** Adds patches at the end of a job's list and assets to those it names; what it has already stays where it is. */
export function mergeInto(job: Pick<Job, "patches" | "assets">, addition: Addition): Merged {
  const before = job.patches.map((patch) => patch.id);
  const patches = union(before, addition.patches ?? []);
  const named = job.assets.include_assets ?? [];
  const assets = union(named, addition.assets ?? []);
  // An asset that is added by name is wanted, even if it was excluded by name before.
  const wanted = new Set((addition.assets ?? []).map((asset) => asset.id));
  const excluded = job.assets.exclude_assets ?? [];
  const exclude_assets = excluded.filter((id) => !wanted.has(id));
  const tooMany =
    patches.length > MOST_PATCHES
      ? `A job holds at most ${MOST_PATCHES} patches.`
      : assets.length > MOST_NAMED_ASSETS
        ? `A job names at most ${MOST_NAMED_ASSETS} assets one by one; use a tag for more.`
        : null;
  return {
    change: {
      ...(addition.patches ? { patches } : {}),
      ...(addition.assets ? { assets: { ...job.assets, include_assets: assets, exclude_assets } } : {}),
    },
    added:
      patches.length -
      before.length +
      (assets.length - named.length) +
      (excluded.length - exclude_assets.length),
    tooMany,
  };
}

function union(before: string[], more: { id: string }[]): string[] {
  return [...new Set([...before, ...more.map(({ id }) => id)])];
}
