import { HttpResponse, http } from "msw";
import { page } from "./answers.ts";
import { ask, ordered, refusing, VERSION } from "./asking.ts";
import { field } from "./field.ts";
import { runs } from "./work.ts";
import type { Job } from "./world.ts";

const V = "*/api/v1";

/** What became of each patch on each asset in each run, newest run first. */
function results() {
  return [...runs.values()].reverse().flatMap(({ run, job, rows }) =>
    rows.flatMap((row) =>
      row.patches.map((patch) => ({
        id: `${run.id} ${row.asset.id} ${patch.id}`,
        job: { id: job.id, name: job.name },
        run: run.id,
        asset: row.asset,
        patch: { id: patch.id, title: patch.title },
        status: patch.status,
        failure: patch.failure
          ? {
              reason: patch.failure.reason,
              sentence: patch.failure.sentence,
              exit_code: patch.failure.exit_code,
            }
          : null,
        started_at: run.started_at,
        ended_at: run.ended_at,
      })),
    ),
  );
}

type Result = ReturnType<typeof results>[number];

export const jobFields = [
  field({
    name: "name",
    help: "Name of the job",
    example: "name:monthly",
    main: true,
    values: (row: Job) => [row.name],
  }),
  field({
    name: "status",
    kind: "choice",
    members: ["partially_configured", "disabled", "enabled", "completed"],
    help: "State of the job",
    values: (row: Job) => [row.status],
  }),
  field({
    name: "type",
    kind: "choice",
    members: ["install", "uninstall"],
    help: "What it does",
    values: (row: Job) => [row.kind],
  }),
  field({
    name: "owner",
    help: "Whose job it is",
    example: "owner:amelie",
    main: true,
    values: (row: Job) => [row.owner?.name ?? null],
  }),
  field({
    name: "coAuthor",
    help: "Who else may edit it",
    example: "coAuthor:rui",
    sortable: false,
    values: (row: Job) => row.co_authors.map(({ name }) => name),
  }),
  field({
    name: "created",
    kind: "moment",
    help: "When it was made",
    example: "created>now-1w",
    values: (row: Job) => [Date.parse(row.created_at)],
  }),
  field({
    name: "updated",
    kind: "moment",
    help: "When it was last changed",
    example: "updated>now-1d",
    values: (row: Job) => [Date.parse(row.updated_at)],
  }),
];

const STATUSES =
  "pending downloading installing verifying installed removed pending_reboot failed superseded not_applicable skipped".split(
    " ",
  );

export const resultFields = [
  field({
    name: "job",
    help: "Name of the job",
    example: "job:monthly",
    main: true,
    values: (row: Result) => [row.job.name],
  }),
  field({
    name: "run",
    help: "Id of the run",
    example: "run:`0193b8a0`",
    values: (row: Result) => [row.run],
  }),
  field({
    name: "asset.name",
    help: "Name of the asset",
    example: "asset.name:web",
    main: true,
    values: (row: Result) => [row.asset.name],
  }),
  field({
    name: "patch.title",
    help: "Title of the patch",
    example: "patch.title:openssl",
    main: true,
    values: (row: Result) => [row.patch.title],
  }),
  field({
    name: "status",
    kind: "choice",
    members: STATUSES,
    help: "What became of the patch",
    example: "status:failed",
    values: (row: Result) => [row.status],
  }),
  field({
    name: "reason",
    help: "Why it failed",
    example: "reason:disk",
    main: true,
    values: (row: Result) => [row.failure?.reason.replaceAll("_", " ") ?? null],
  }),
  field({
    name: "exitCode",
    kind: "number",
    help: "The installer's exit code",
    example: "exitCode:100",
    values: (row: Result) => [row.failure?.exit_code ?? null],
  }),
];

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

const DEEDS: [who: string, action: string, subject: string, before: unknown, after: unknown][] = [
  [
    "amelie",
    "user.create",
    "user rui",
    null,
    { name: "rui", role: "patch_user", scope: { everything: false } },
  ],
  ["jonas", "job.create", "job Monthly, web", null, { name: "Monthly, web", status: "disabled" }],
  ["jonas", "job.enable", "job Monthly, web", { status: "disabled" }, { status: "enabled" }],
  ["fettle", "feed.sync", "feed debian/bookworm", null, { added: 12 }],
  ["amelie", "tag.update", "tag canary", { query: null }, { query: "name:ci* and online:yes" }],
  ["rui", "session.create", "user rui", null, null],
];

const log = Array.from({ length: 60 }, (_, at) => {
  const [actor, action, subject, before, after] = DEEDS[at % DEEDS.length] ?? [
    "fettle",
    "server.start",
    "server",
    null,
    null,
  ];
  const number = 60 - at;
  return {
    id: String(number),
    number,
    at: minutesAgo(7 + at * 53),
    actor_id: null,
    actor,
    from: actor === "fettle" ? "local" : "10.0.4.17",
    action,
    subject,
    before,
    after,
    hash: `${(number * 2654435761).toString(16).padStart(12, "0")}`.repeat(6).slice(0, 64),
  };
});

type Entry = (typeof log)[number];

export const auditFields = [
  field({
    name: "at",
    kind: "moment",
    help: "When it happened",
    example: "at>now-1d",
    values: (row: Entry) => [Date.parse(row.at)],
  }),
  field({
    name: "actor",
    aliases: ["who"],
    help: "Who did it",
    example: "actor:amelie",
    main: true,
    facet: true,
    values: (row: Entry) => [row.actor],
  }),
  field({
    name: "from",
    help: "Address it came from",
    example: "from:`10.0.0.1`",
    values: (row: Entry) => [row.from],
  }),
  field({
    name: "action",
    help: "What was done",
    example: "action:job.enable",
    main: true,
    facet: true,
    values: (row: Entry) => [row.action],
  }),
  field({
    name: "subject",
    help: "What it was done to",
    example: "subject:job",
    main: true,
    values: (row: Entry) => [row.subject],
  }),
];

const queryOf = (url: URL) => url.searchParams.get("query") ?? "";

export const recordHandlers = [
  http.get(`${V}/results`, ({ request }) => {
    const url = new URL(request.url);
    return refusing(url, () => {
      const { rows, unknown } = ask("result", queryOf(url), results(), url.searchParams.get("truth"));
      return page(rows, url, { unknown, version: VERSION });
    });
  }),
  http.get(`${V}/audit`, ({ request }) => {
    const url = new URL(request.url);
    return refusing(url, () => {
      const { rows } = ask("audit", queryOf(url), log);
      return page(ordered("audit", rows, url.searchParams.get("sort") ?? "-at"), url);
    });
  }),
  http.get(`${V}/audit/verify`, () =>
    HttpResponse.json({ whole: true, entries: log.length, broken_at: null }),
  ),
];
