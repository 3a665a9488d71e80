import { HttpResponse, http } from "msw";
import type { components } from "../src/api/schema";
import { anyOf, fits, notFound, page, refuse, sorted } from "./answers.ts";
import { ask, ordered, refusing } from "./asking.ts";
import { beat, cancel, flawsOf, jobs, type LiveRun, makeJob, planOf, runs, startRun } from "./work.ts";
import { assets, type Job, patches, type RunAssetDetail } from "./world.ts";

type Schemas = components["schemas"];
const V = "*/api/v1";

const bare = ({ patches: _patches, failure, ...row }: RunAssetDetail) => ({ ...row, failure });

function withJob(params: Record<string, unknown>, then: (job: Job) => Response | Promise<Response>) {
  const job = jobs.get(String(params.id ?? params.job));
  return job ? then(job) : notFound("job");
}

function withRun(params: Record<string, unknown>, then: (live: LiveRun) => Response) {
  const live = runs.get(String(params.run));
  return live ? then(live) : notFound("run");
}

function rowsOf(live: LiveRun, url: URL) {
  const q = url.searchParams.get("q")?.toLowerCase();
  const patchStatus = url.searchParams.get("patch_status");
  return live.rows.filter(
    (row) =>
      (!q || row.asset.name.toLowerCase().includes(q)) &&
      anyOf(url, "status", (status) => row.status === status) &&
      (!patchStatus || row.patch_status.some(({ status }) => status === patchStatus)) &&
      fits(url, "left_out", row.left_out !== null),
  );
}

const unknown = (ids: string[]) =>
  ids.flatMap((id, at) =>
    patches.some((patch) => patch.id === id)
      ? []
      : [{ field: `patches[${at}]`, message: `there is no patch ${id}` }],
  );

/** Server-sent events of a run until it ends. */
function events(live: LiveRun, every: number): Response {
  const encoder = new TextEncoder();
  let timer: ReturnType<typeof setInterval>;
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      const send = () => {
        controller.enqueue(encoder.encode(`event: progress\ndata: ${JSON.stringify(live.run)}\n\n`));
        if (!live.run.ended_at) return;
        clearInterval(timer);
        controller.close();
      };
      timer = setInterval(() => {
        beat();
        send();
      }, every);
      send();
    },
    cancel: () => clearInterval(timer),
  });
  return new HttpResponse(stream, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
  });
}

export const jobHandlers = [
  http.get(`${V}/jobs`, ({ request }) => {
    const url = new URL(request.url);
    return refusing(url, () => {
      const { rows } = ask<Job>("job", url.searchParams.get("query") ?? "", [...jobs.values()]);
      return page(ordered("job", rows, url.searchParams.get("sort") ?? "-created"), url);
    });
  }),
  http.post(`${V}/jobs`, async ({ request }) => {
    const body = (await request.json()) as Schemas["CreateJob"];
    const errors = [
      ...(body.name ? [] : [{ field: "name", message: "must not be empty" }]),
      ...unknown(body.patches ?? []),
    ];
    if (errors.length)
      return refuse(
        422,
        "invalid",
        "Some values were refused.",
        "Correct the values named in errors.",
        errors,
      );
    const job = makeJob(body);
    if (body.enable && !job.flaws.length) startRun(job);
    return HttpResponse.json(job, { status: 201 });
  }),
  http.get(`${V}/jobs/:id`, ({ params }) => withJob(params, (job) => HttpResponse.json(job))),
  http.patch(`${V}/jobs/:id`, ({ request, params }) =>
    withJob(params, async (job) => {
      const body = (await request.json()) as Schemas["ChangeJob"];
      const errors = unknown(body.patches ?? []);
      if (errors.length)
        return refuse(
          422,
          "invalid",
          "Some values were refused.",
          "Correct the values named in errors.",
          errors,
        );
      const { patches: ids, owner: _owner, co_authors: _authors, ...rest } = body;
      Object.assign(job, Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)));
      if (ids)
        job.patches = ids.map((id) => ({ id, title: patches.find((patch) => patch.id === id)?.title ?? id }));
      const named = [...job.assets.include_assets, ...job.assets.exclude_assets];
      job.named_assets = assets.filter(({ id }) => named.includes(id)).map(({ id, name }) => ({ id, name }));
      job.flaws = flawsOf(job);
      job.patch_count = job.patches.length;
      job.status = job.flaws.length ? "partially_configured" : "disabled";
      job.updated_at = new Date().toISOString();
      return HttpResponse.json(job);
    }),
  ),
  http.delete(`${V}/jobs/:id`, ({ params }) => {
    jobs.delete(String(params.id));
    return new HttpResponse(null, { status: 204 });
  }),
  http.post(`${V}/jobs/:id/enable`, ({ params }) =>
    withJob(params, (job) => {
      if (job.flaws.length)
        return refuse(
          409,
          "not-complete",
          "This is not possible now.",
          "The job is not complete.",
          job.flaws,
        );
      if (job.schedule?.type === "once" && Date.parse(job.schedule.at) > Date.now()) job.status = "enabled";
      else startRun(job);
      return HttpResponse.json(job);
    }),
  ),
  http.post(`${V}/jobs/:id/disable`, ({ params }) =>
    withJob(params, (job) => {
      job.status = "disabled";
      return HttpResponse.json(job);
    }),
  ),
  http.post(`${V}/jobs/:id/clone`, ({ params }) =>
    withJob(params, (job) => {
      const copy = makeJob({
        ...job,
        name: `Copy of ${job.name}`,
        patches: job.patches.map(({ id }) => id),
        co_authors: [],
        enable: false,
      });
      return HttpResponse.json(copy, { status: 201 });
    }),
  ),
  http.get(`${V}/jobs/:id/preview`, ({ params }) => withJob(params, (job) => HttpResponse.json(planOf(job)))),
  http.get(`${V}/jobs/:id/runs`, ({ request, params }) =>
    withJob(params, (job) =>
      page(
        [...runs.values()]
          .filter(({ run }) => run.job === job.id)
          .map(({ run }) => run)
          .reverse(),
        new URL(request.url),
      ),
    ),
  ),
  http.get(`${V}/jobs/:job/runs/:run`, ({ params }) => withRun(params, ({ run }) => HttpResponse.json(run))),
  http.get(`${V}/jobs/:job/runs/:run/assets`, ({ request, params }) =>
    withRun(params, (live) => {
      const url = new URL(request.url);
      const rows = rowsOf(live, url).map((row) => ({ ...bare(row), name: row.asset.name }));
      return page(
        sorted(rows, url, "name").map(({ name: _name, ...row }) => row),
        url,
      );
    }),
  ),
  http.get(
    `${V}/jobs/:job/runs/:run/assets/export`,
    () => new HttpResponse("name,status\n", { headers: { "content-type": "text/csv" } }),
  ),
  http.get(`${V}/jobs/:job/runs/:run/assets/:asset`, ({ params }) =>
    withRun(params, (live) => {
      const row = live.rows.find(({ asset }) => asset.id === params.asset);
      return row ? HttpResponse.json(row) : notFound("asset");
    }),
  ),
  http.get(`${V}/jobs/:job/runs/:run/events`, ({ params }) => withRun(params, (live) => events(live, 700))),
  http.post(`${V}/jobs/:job/runs/:run/cancel`, ({ params }) =>
    withRun(params, (live) => {
      cancel(live);
      return HttpResponse.json(live.run);
    }),
  ),
];
