import type { AssetRef, ChangeJob, CreateJob, Job, JobKind, PatchRef, Schedule } from "~/api/model";

/** A job as the form holds it while a person works on it. */
export type JobForm = {
  name: string;
  description: string;
  kind: JobKind;
  patches: PatchRef[];
  includeTags: string[];
  includeMatch: "any" | "all";
  excludeTags: string[];
  excludeMatch: "any" | "all";
  includeAssets: AssetRef[];
  excludeAssets: AssetRef[];
  when: "later" | "on_demand" | "once";
  /** Local date and time as an input of type datetime-local writes it. */
  at: string;
  continueOnFailure: boolean;
  /** Minutes; `null`: no window. */
  windowMinutes: number | null;
};

/** A form nobody has touched. */
export const EMPTY_FORM: JobForm = {
  name: "",
  description: "",
  kind: "install",
  patches: [],
  includeTags: [],
  includeMatch: "any",
  excludeTags: [],
  excludeMatch: "any",
  includeAssets: [],
  excludeAssets: [],
  when: "on_demand",
  at: "",
  continueOnFailure: true,
  windowMinutes: null,
};

/** The form of a job that is to be changed. */
export function formOf(job: Job): JobForm {
  const names = new Map(job.named_assets.map((asset) => [asset.id, asset]));
  const named = (ids: string[]) => ids.map((id) => names.get(id) ?? { id, name: id });
  return {
    name: job.name,
    description: job.description,
    kind: job.kind,
    patches: job.patches,
    includeTags: job.assets.include_tags ?? [],
    includeMatch: job.assets.include_match ?? "any",
    excludeTags: job.assets.exclude_tags ?? [],
    excludeMatch: job.assets.exclude_match ?? "any",
    includeAssets: named(job.assets.include_assets ?? []),
    excludeAssets: named(job.assets.exclude_assets ?? []),
    when: job.schedule?.type ?? "later",
    at: job.schedule?.type === "once" ? localMinute(new Date(job.schedule.at)) : "",
    continueOnFailure: job.options.continue_on_failure ?? true,
    windowMinutes: job.options.window_minutes ?? null,
  };
}

/** When the form says the job runs; `null` while that is not said. */
export function scheduleOf(form: JobForm): Schedule | null {
  if (form.when === "on_demand") return { type: "on_demand" };
  if (form.when === "once" && form.at && !Number.isNaN(Date.parse(form.at))) {
    return { type: "once", at: new Date(form.at).toISOString() };
  }
  return null;
}

/** The form as the API takes it. */
export function bodyOf(form: JobForm): Omit<CreateJob, "co_authors" | "enable"> & ChangeJob {
  return {
    name: form.name.trim(),
    description: form.description.trim(),
    kind: form.kind,
    patches: form.patches.map((patch) => patch.id),
    assets: {
      include_tags: form.includeTags,
      include_match: form.includeMatch,
      exclude_tags: form.excludeTags,
      exclude_match: form.excludeMatch,
      include_assets: form.includeAssets.map((asset) => asset.id),
      exclude_assets: form.excludeAssets.map((asset) => asset.id),
    },
    schedule: scheduleOf(form),
    options: { continue_on_failure: form.continueOnFailure, window_minutes: form.windowMinutes },
  };
}

/** What is still lacking before the job can be enabled; it may be saved without. */
export function lacking(form: JobForm): ("patches" | "assets" | "schedule")[] {
  return [
    ...(form.patches.length ? [] : ["patches" as const]),
    ...(form.includeTags.length || form.includeAssets.length ? [] : ["assets" as const]),
    ...(scheduleOf(form) ? [] : ["schedule" as const]),
  ];
}

/** A moment as an input of type datetime-local wants it, in the reader's zone. */
export function localMinute(moment: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  return `${day}T${two(moment.getHours())}:${two(moment.getMinutes())}`;
}

/** A name for a job nobody has named yet, from what it does. */
export function suggestedName(form: Pick<JobForm, "kind" | "patches" | "includeAssets">): string {
  const [patch] = form.patches;
  if (!patch) return "";
  const what = form.patches.length === 1 ? patch.title : `${form.patches.length} patches`;
  const [asset] = form.includeAssets;
  const where =
    form.includeAssets.length === 1 && asset
      ? ` on ${asset.name}`
      : form.includeAssets.length > 1
        ? ` on ${form.includeAssets.length} assets`
        : "";
  return `${form.kind === "install" ? "Install" : "Roll back"} ${what}${where}`.slice(0, 200);
}
