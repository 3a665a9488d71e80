import type { components } from "../src/api/schema";
import {
  assets,
  dice,
  findings,
  type Job,
  me,
  patches,
  type Run,
  type RunAssetDetail,
  recount,
  users,
  uuid,
} from "./world.ts";

type Schemas = components["schemas"];

/** A run with its asset rows; the clock of the invented installation moves it on. */
export type LiveRun = { run: Run; job: Job; rows: RunAssetDetail[] };

export const jobs = new Map<string, Job>();
export const runs = new Map<string, LiveRun>();

const roll = dice(11);
const ref = ({ id, name }: { id: string; name: string }) => ({ id, name });
let made = 0;

const FAILURE: Schemas["FailureBody"] = {
  reason: "installer_failed",
  sentence: "The installer reported an error.",
  advice: "Read the end of the installer's log below.",
  exit_code: 100,
  log: [
    "Preparing to unpack .../openssl_3.0.17-1~deb12u2_amd64.deb ...",
    "Unpacking openssl (3.0.17-1~deb12u2) over (3.0.14-1~deb12u2) ...",
    "Setting up openssl (3.0.17-1~deb12u2) ...",
    "dpkg: error processing package openssl (--configure):",
    " installed openssl package post-installation script subprocess returned error exit status 1",
    "Errors were encountered while processing:",
    " openssl",
    "E: Sub-process /usr/bin/dpkg returned an error code (1)",
  ].join("\n"),
};

export function flawsOf(job: Pick<Job, "patches" | "assets" | "schedule">): Job["flaws"] {
  const { include_tags, include_assets } = job.assets;
  return [
    ...(job.patches.length ? [] : [{ field: "patches", message: "Choose at least one patch." }]),
    ...(include_tags.length || include_assets.length
      ? []
      : [{ field: "assets", message: "Choose at least one asset or tag." }]),
    ...(job.schedule ? [] : [{ field: "schedule", message: "Choose when it runs." }]),
  ];
}

export function makeJob(body: Schemas["CreateJob"], owner = me): Job {
  const now = new Date().toISOString();
  const chosen = (body.patches ?? []).map((id) => ({
    id,
    title: patches.find((patch) => patch.id === id)?.title ?? id,
  }));
  const selection = {
    include_tags: body.assets?.include_tags ?? [],
    include_match: body.assets?.include_match ?? "any",
    exclude_tags: body.assets?.exclude_tags ?? [],
    exclude_match: body.assets?.exclude_match ?? "any",
    include_assets: body.assets?.include_assets ?? [],
    exclude_assets: body.assets?.exclude_assets ?? [],
  } satisfies Schemas["SelectionBody"];
  const named = new Set([...selection.include_assets, ...selection.exclude_assets]);
  const job: Job = {
    id: uuid(4, made++),
    name: body.name,
    kind: body.kind,
    status: "disabled",
    schedule: body.schedule ?? null,
    owner: ref(owner),
    created_at: now,
    updated_at: now,
    permissions: ["job.view", "job.edit", "job.enable", "job.delete", "job.change_owner"],
    patch_count: chosen.length,
    last_run: null,
    description: body.description ?? "",
    patches: chosen,
    assets: selection,
    named_assets: assets.filter(({ id }) => named.has(id)).map(ref),
    options: {
      continue_on_failure: body.options?.continue_on_failure ?? true,
      window_minutes: body.options?.window_minutes ?? null,
    },
    co_authors: [],
    flaws: [],
  };
  job.flaws = flawsOf(job);
  if (job.flaws.length) job.status = "partially_configured";
  jobs.set(job.id, job);
  return job;
}

/** What the job would do: assets with their patches, and those left out. */
export function planOf(job: Job): Schemas["Preview"] {
  const { include_tags, exclude_tags, include_assets, exclude_assets } = job.assets;
  const carries = (asset: (typeof assets)[number], ids: string[]) =>
    asset.tags.some((tag) => ids.includes(tag.id));
  const plan: Schemas["Preview"] = { assets: [], left_out: [], flaws: job.flaws };
  for (const asset of assets) {
    const named = include_assets.includes(asset.id);
    if (!named && !carries(asset, include_tags)) continue;
    const leave = (reason: string, sentence: string) =>
      plan.left_out.push({ asset: ref(asset), reason, sentence });
    if (!named && carries(asset, exclude_tags)) leave("excluded_by_tag", "It carries an excluded tag.");
    else if (exclude_assets.includes(asset.id)) leave("excluded_by_name", "It is excluded by name.");
    else if (asset.assess_only)
      leave("assess_only", "Its agent only assesses and never changes the machine.");
    else if (asset.scan_status === "never_scanned") leave("never_scanned", "It has not been scanned yet.");
    else if (asset.scan_status === "unsupported")
      leave("unsupported", "Its operating system cannot be assessed.");
    else {
      const missing = findings.get(asset.id)?.missing ?? new Set();
      const own = job.patches.filter(({ id }) => missing.has(id));
      if (own.length === 0) leave("no_patch_missing", "It misses none of the job's patches.");
      else {
        plan.assets.push({
          asset: ref(asset),
          patches: own.map(({ id, title }) => {
            const patch = patches.find((each) => each.id === id);
            const packages = patch?.packages ?? [];
            return {
              id,
              title,
              status: patch?.superseded ? "superseded" : "pending",
              packages,
              held: roll() < 0.03 ? ["openssl"] : [],
            };
          }),
        });
      }
    }
  }
  return plan;
}

export function startRun(job: Job): LiveRun {
  const plan = planOf(job);
  const now = new Date().toISOString();
  const row = (asset: Schemas["AssetRef"]) => ({ asset, failure: null, updated_at: now, patch_status: [] });
  const rows: RunAssetDetail[] = [
    ...plan.assets.map(({ asset, patches: own }) => ({
      ...row(asset),
      status: "pending" as const,
      left_out: null,
      patches: own.map(({ id, title, status }) => ({ id, title, status, failure: null, changes: [] })),
    })),
    ...plan.left_out.map(({ asset, reason, sentence }) => ({
      ...row(asset),
      status: null,
      left_out: { reason, sentence },
      patches: [],
    })),
  ];
  const run: Run = {
    id: uuid(5, runs.size),
    job: job.id,
    started_at: now,
    ended_at: null,
    assets: plan.assets.length,
    left_out: plan.left_out.length,
    asset_status: [],
    patch_status: [],
  };
  const live = { run, job, rows };
  runs.set(run.id, live);
  job.status = "enabled";
  job.last_run = run;
  count(live);
  return live;
}

function tally<S extends string>(statuses: S[]): { status: S; count: number }[] {
  const counts = new Map<S, number>();
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => ({ status, count }));
}

function count({ run, rows, job }: LiveRun): void {
  for (const row of rows) row.patch_status = tally(row.patches.map((patch) => patch.status));
  run.asset_status = tally(rows.flatMap((row) => row.status ?? []));
  run.patch_status = tally(rows.flatMap((row) => row.patches.map((patch) => patch.status)));
  const over = rows.every((row) => row.status === null || TERMINAL.includes(row.status));
  if (over && !run.ended_at) {
    run.ended_at = new Date().toISOString();
    job.status = "completed";
    recount();
  }
}

const TERMINAL = ["succeeded", "partly_succeeded", "failed", "nothing_to_do", "timed_out", "cancelled"];

/** One step of one asset; `doomed` makes one patch of it fail. */
function step(row: RunAssetDetail, job: Job, doomed: boolean): void {
  row.updated_at = new Date().toISOString();
  const todo = row.patches.filter((patch) => patch.status !== "superseded");
  const next = todo.find((patch) => ["pending", "downloading", "installing"].includes(patch.status));
  if (row.status === "pending") row.status = "received";
  else if (row.status === "received") row.status = "downloading";
  else if (row.status === "downloading") row.status = "running";
  else if (row.status === "running" && next) {
    if (next.status === "pending") next.status = "downloading";
    else if (next.status === "downloading") next.status = "installing";
    else if (doomed && next === todo[0]) Object.assign(next, { status: "failed", failure: FAILURE });
    else {
      const packages = patches.find(({ id }) => id === next.id)?.packages ?? [];
      next.changes = packages.map(({ name, architecture, version }) => ({
        name,
        architecture: architecture ?? "",
        from: `0${version}`,
        to: version,
      }));
      next.status = "verifying";
    }
  } else if (row.status === "running") row.status = "verifying";
  else if (row.status === "verifying") {
    const own = findings.get(row.asset.id);
    for (const patch of todo.filter(({ status }) => status === "verifying")) {
      patch.status = job.kind === "install" ? "installed" : "removed";
      own?.missing.delete(patch.id);
      own?.installed.add(patch.id);
    }
    const failed = todo.filter(({ status }) => status === "failed").length;
    row.status =
      todo.length === 0
        ? "nothing_to_do"
        : failed === 0
          ? "succeeded"
          : failed === todo.length
            ? "failed"
            : "partly_succeeded";
  }
}

/** Moves every run on by one beat. */
export function beat(share = 0.35): void {
  for (const live of runs.values()) {
    if (live.run.ended_at) continue;
    live.rows.forEach((row, at) => {
      if (row.status && !TERMINAL.includes(row.status) && roll() < share) step(row, live.job, at % 11 === 6);
    });
    count(live);
  }
}

export function cancel(live: LiveRun): void {
  for (const row of live.rows)
    if (row.status === "pending" || row.status === "received") row.status = "cancelled";
  count(live);
}

function seed(): void {
  const latest = patches.filter(
    (patch) => !patch.superseded && patch.missing > 0 && patch.download.how === "package_manager",
  );
  const securityOf = (release: string) =>
    latest.filter((patch) => patch.release === release && patch.category === "security").map(({ id }) => id);
  const byTag = (at: number) => ({ include_tags: [uuid(2, at)], include_match: "any" as const });
  const selection = {
    exclude_tags: [],
    exclude_match: "any" as const,
    include_assets: [],
    exclude_assets: [],
  };
  const on = { continue_on_failure: true, window_minutes: null };
  const job = (
    name: string,
    patchIds: string[],
    tag: number,
    owner: number,
    more: Partial<Schemas["CreateJob"]> = {},
  ) =>
    makeJob(
      {
        name,
        description: "",
        kind: "install",
        patches: patchIds,
        assets: { ...selection, ...byTag(tag) },
        schedule: { type: "on_demand" },
        options: on,
        co_authors: [],
        enable: false,
        ...more,
      },
      users[owner],
    );
  const done = startRun(job("Security updates, canary", securityOf("debian/bookworm").slice(0, 6), 7, 0));
  for (let beats = 0; beats < 400 && !done.run.ended_at; beats += 1) beat();
  done.run.started_at = new Date(Date.now() - 26 * 3_600_000).toISOString();
  done.run.ended_at = new Date(Date.now() - 25.8 * 3_600_000).toISOString();
  const live = startRun(
    job("Security updates, production", securityOf("debian/bookworm").slice(0, 12), 0, 0),
  );
  for (let beats = 0; beats < 14; beats += 1) beat();
  live.run.started_at = new Date(Date.now() - 6 * 60_000).toISOString();
  job(
    "OpenSSH everywhere",
    latest.filter(({ product }) => product === "openssh").map(({ id }) => id),
    0,
    1,
    {
      schedule: { type: "once", at: new Date(Date.now() + 2.2 * 86_400_000).toISOString() },
    },
  ).status = "enabled";
  job(
    "Take back tiff on workstations",
    latest.filter(({ product, rollback }) => product === "tiff" && rollback).map(({ id }) => id),
    4,
    2,
    {
      kind: "uninstall",
    },
  );
  makeJob(
    {
      name: "Quarterly kernel window",
      description: "",
      kind: "install",
      patches: securityOf("ubuntu/noble").slice(0, 3),
      assets: { ...selection, include_tags: [], include_match: "any" },
      schedule: null,
      options: on,
      co_authors: [],
      enable: false,
    },
    users[1],
  );
}
seed();
