import { HttpResponse, http } from "msw";
import type { components } from "../src/api/schema";
import { fits, notFound, page, sorted } from "./answers.ts";
import { ask, facetsOf, ordered, refusing, VERSION } from "./asking.ts";
import { whyOf } from "./why.ts";
import { runs } from "./work.ts";
import { type AssetRow, assets, findings, type PatchDetail, patches, tagRef, tags, users } from "./world.ts";

type Schemas = components["schemas"];

const V = "*/api/v1";
const contains = (url: URL, ...texts: (string | null | undefined)[]) => {
  const q = url.searchParams.get("q")?.toLowerCase();
  return !q || texts.some((text) => text?.toLowerCase().includes(q));
};

/** Both boxes as one query. */
function boxes(url: URL): string {
  const query = url.searchParams.get("query")?.trim() ?? "";
  const beside = url.searchParams.get("patches")?.trim();
  if (!beside) return query;
  const relation = url.searchParams.get("status") ?? "missing";
  return `${query ? `(${query}) and ` : ""}${relation}:(${beside})`;
}

const assetsOf = (url: URL) => ask<AssetRow>("asset", boxes(url), assets, url.searchParams.get("truth"));

/** The patches asked for, with their numbers on the assets of the other box. */
function patchesOf(url: URL) {
  const beside = url.searchParams.get("assets") ?? "";
  const over = ask<AssetRow>("asset", beside, assets);
  const counted = beside ? patches.map((patch) => ({ ...patch, ...countsOn(over.rows, patch) })) : patches;
  const all = url.searchParams.get("applicable") === "all";
  const found = ask<PatchDetail>("patch", url.searchParams.get("query") ?? "", counted);
  return {
    rows: found.rows.filter((patch) => all || patch.missing + patch.installed > 0),
    unknown: over.unknown,
  };
}

function countsOn(rows: AssetRow[], { id }: PatchDetail) {
  const having = (status: "missing" | "installed") =>
    rows.filter((asset) => findings.get(asset.id)?.[status].has(id)).length;
  return { missing: having("missing"), installed: having("installed") };
}

function listed<T extends object>(
  entity: string,
  found: { rows: T[]; unknown: number },
  url: URL,
  usual: string,
) {
  const rows = ordered(entity, found.rows, url.searchParams.get("sort") ?? usual);
  return page(rows, url, { unknown: found.unknown, version: VERSION });
}

function csv(rows: object[], columns: string[]) {
  const lines = rows.map((row) =>
    columns.map((name) => String((row as Record<string, unknown>)[name] ?? "")).join(","),
  );
  return new HttpResponse([columns.join(","), ...lines].join("\n"), {
    headers: { "content-type": "text/csv", "content-disposition": "attachment" },
  });
}

/** What a patch would change on a machine. */
function outdated(patch: PatchDetail) {
  return patch.packages.map(({ name, architecture, version }) => ({
    name,
    architecture: architecture ?? "",
    installed: `0.${version}`,
    version,
    held: name === "sudo",
  }));
}

/** Assets that miss a latest patch of each severity. */
function severityFacet(rows: AssetRow[]) {
  const values = ["critical", "important", "moderate", "low", "none"].map((severity) => {
    const rated = patches.filter((patch) => patch.severity === severity && !patch.superseded);
    const misses = (asset: AssetRow) => rated.some(({ id }) => findings.get(asset.id)?.missing.has(id));
    return {
      value: severity,
      label: severity === "none" ? "Not rated" : severity.charAt(0).toUpperCase() + severity.slice(1),
      count: rows.filter(misses).length,
      term: `missing:(vendorSeverity:${severity} and isSuperseded:no)`,
    };
  });
  return { field: "missing.vendorSeverity", label: "Misses a patch rated", values };
}

/** What replaces a patch and what it replaces: in the invented catalog nothing goes over others. */
function chainOf(patch: PatchDetail): Schemas["PatchChain"] {
  const among = (refs: Schemas["PatchRef"][]) =>
    patches.filter(({ id }) => refs.some((ref) => ref.id === id));
  const chained = (distance: number) => (one: PatchDetail) => {
    const { id, title, published_at, superseded, missing } = one;
    return { id, title, distance, published_at, superseded, enabled: true, missing };
  };
  const [newer, older] = [among(patch.superseded_by), among(patch.supersedes)];
  return {
    patches: [...newer.map(chained(1)), chained(0)(patch), ...older.map(chained(-1))],
    links: [
      ...newer.map(({ id }) => ({ newer: id, older: patch.id })),
      ...older.map(({ id }) => ({ newer: patch.id, older: id })),
    ],
    cut: false,
  };
}

function detail(asset: AssetRow) {
  const seen = asset.last_scan !== null;
  const [id = "", codename = ""] = (asset.release ?? "").split("/");
  return {
    ...asset,
    created_at: new Date(Date.now() - 30 * 86_400_000).toISOString(),
    machine_id: `3f9a1c${asset.id.slice(-6)}7be2d04c81aa9d50`,
    inventory: seen
      ? {
          os: {
            platform: "linux",
            id,
            name: asset.os,
            version: "12",
            codename,
            architecture: asset.architecture,
            foreign_architectures: [],
          },
          hardware: {
            manufacturer: "QEMU",
            model: "Standard PC (Q35 + ICH9)",
            serial: "",
            cpu: "AMD EPYC 7443P",
            cpu_cores: 4,
            memory_bytes: 8_329_003_008,
          },
          interfaces: [
            {
              name: "ens3",
              mac: "52:54:00:1c:a0:7e",
              addresses: [...asset.addresses, "fe80::5054:ff:fe1c:a07e"],
            },
          ],
          kernels: {
            running: "6.1.0-26-amd64",
            installed: ["6.1.0-26-amd64", ...(asset.pending_reboot ? ["6.1.0-37-amd64"] : [])],
          },
          pending_reboot: asset.pending_reboot
            ? ["Kernel 6.1.0-37-amd64 is installed, 6.1.0-26-amd64 runs."]
            : [],
          package_manager: { interrupted: false, broken: [] },
          disks: [
            { mount: "/", total_bytes: 42e9, free_bytes: 17e9 },
            { mount: "/var", total_bytes: 120e9, free_bytes: 14e9 },
          ],
          logged_on: asset.logged_on_user ? [{ user: asset.logged_on_user, terminal: "pts/0" }] : [],
          booted_at: new Date(Date.now() - 19 * 86_400_000).toISOString(),
          package_count: 486,
        }
      : null,
  };
}

const packages = Array.from({ length: 486 }, (_, at) => {
  const patch = patches[at % patches.length] as PatchDetail;
  const fixed = patch.packages[at % 2];
  return {
    name: `${fixed?.name ?? "package"}${at < 40 ? "" : `-${at}`}`,
    architecture: at % 9 ? "amd64" : "all",
    version: fixed?.version ?? "1.0-1",
    source: patch.product,
    source_version: fixed?.version ?? "1.0-1",
    state: at === 12 ? "half-configured" : "installed",
    held: at % 97 === 5,
  };
});

export const fleetHandlers = [
  http.get(`${V}/assets`, ({ request }) => {
    const url = new URL(request.url);
    return refusing(url, () => listed("asset", assetsOf(url), url, "name"));
  }),
  http.get(`${V}/assets/export`, ({ request }) =>
    csv(assetsOf(new URL(request.url)).rows, ["name", "os", "latest_missing", "installed"]),
  ),
  http.get(`${V}/assets/facets`, ({ request }) => {
    const url = new URL(request.url);
    return refusing(url, () => {
      const { rows, unknown } = assetsOf(url);
      const certain = url.searchParams.get("truth") !== "unknown";
      const facets = [...facetsOf("asset", rows), ...(certain ? [severityFacet(rows)] : [])];
      return HttpResponse.json({ version: VERSION, total: rows.length, unknown, facets });
    });
  }),
  http.get(`${V}/assets/:id`, ({ params }) => {
    const asset = assets.find(({ id }) => id === params.id);
    return asset ? HttpResponse.json(detail(asset)) : notFound("asset");
  }),
  http.get(`${V}/assets/:id/packages`, ({ request }) => {
    const url = new URL(request.url);
    return page(
      sorted(
        packages.filter((row) => contains(url, row.name, row.source) && fits(url, "held", row.held)),
        url,
        "name",
      ),
      url,
    );
  }),
  http.get(`${V}/assets/:id/patches`, ({ request, params }) => {
    const url = new URL(request.url);
    const status = url.searchParams.get("status") === "installed" ? "installed" : "missing";
    const own = findings.get(String(params.id))?.[status] ?? new Set();
    return refusing(url, () => {
      const held = patches.filter((patch) => own.has(patch.id));
      const { rows } = ask<PatchDetail>("patch", url.searchParams.get("query") ?? "", held);
      const found = rows.map((patch) => ({ ...patch, status, packages: outdated(patch) }));
      return listed("patch", { rows: found, unknown: 0 }, url, "-publishedDate");
    });
  }),
  http.get(`${V}/assets/:id/patches/:patch/why`, ({ params }) => {
    const asset = assets.find(({ id }) => id === params.id);
    const patch = patches.find(({ id }) => id === decodeURIComponent(String(params.patch)));
    return asset && patch ? HttpResponse.json(whyOf(asset, patch)) : notFound("asset");
  }),
  http.get(`${V}/assets/:id/jobs`, ({ request, params }) => {
    const rows = [...runs.values()].flatMap(({ run, job, rows }) => {
      const row = rows.find(({ asset }) => asset.id === params.id);
      return row?.status
        ? [{ job: job.id, name: job.name, run: run.id, started_at: run.started_at, status: row.status }]
        : [];
    });
    return page(rows, new URL(request.url));
  }),
  http.post(`${V}/assets/:id/scan`, ({ params }) => {
    const asset = assets.find(({ id }) => id === params.id);
    if (!asset) return notFound("asset");
    const before = asset.scan_status;
    asset.scan_status = "scanning";
    setTimeout(() => {
      asset.scan_status = before === "unsupported" ? before : "scanned";
      asset.scan_error = before === "unsupported" ? asset.scan_error : null;
      asset.last_scan = new Date().toISOString();
    }, 4_000);
    return new HttpResponse(null, { status: 202 });
  }),
  http.put(`${V}/assets/:id/tags`, async ({ request, params }) => {
    const asset = assets.find(({ id }) => id === params.id);
    const body = (await request.json()) as { tags: string[] };
    if (!asset) return notFound("asset");
    asset.tags = tags.filter(({ id }) => body.tags.includes(id)).map(tagRef);
    return HttpResponse.json(detail(asset));
  }),
  http.delete(`${V}/assets/:id`, ({ params }) => {
    assets.splice(
      assets.findIndex(({ id }) => id === params.id),
      1,
    );
    return new HttpResponse(null, { status: 204 });
  }),
  http.get(`${V}/patches`, ({ request }) => {
    const url = new URL(request.url);
    return refusing(url, () => listed("patch", patchesOf(url), url, "-publishedDate"));
  }),
  http.get(`${V}/patches/export`, ({ request }) =>
    csv(patchesOf(new URL(request.url)).rows, ["id", "title", "missing", "installed"]),
  ),
  http.get(`${V}/patches/facets`, ({ request }) => {
    const url = new URL(request.url);
    return refusing(url, () => {
      const { rows, unknown } = patchesOf(url);
      return HttpResponse.json({
        version: VERSION,
        total: rows.length,
        unknown,
        facets: facetsOf("patch", rows),
      });
    });
  }),
  http.get(`${V}/patches/:id`, ({ params }) => {
    const patch = patches.find(({ id }) => id === decodeURIComponent(String(params.id)));
    return patch ? HttpResponse.json(patch) : notFound("patch");
  }),
  http.get(`${V}/patches/:id/chain`, ({ params }) => {
    const patch = patches.find(({ id }) => id === decodeURIComponent(String(params.id)));
    return patch ? HttpResponse.json(chainOf(patch)) : notFound("patch");
  }),
  http.get(`${V}/status`, () =>
    HttpResponse.json({
      version: "0.1.0",
      time: new Date().toISOString(),
      catalog_generation: 42,
      agent_url: "https://fettle.corp.example:8481",
      totals: {
        assets: assets.length,
        online: assets.filter((asset) => asset.online).length,
        assets_missing: assets.filter((asset) => asset.latest_missing).length,
        pending_reboot: assets.filter((asset) => asset.pending_reboot).length,
        patches_missing: patches.filter((patch) => patch.missing && !patch.superseded).length,
        security_patches_missing: patches.filter(
          (patch) => patch.missing && !patch.superseded && patch.category === "security",
        ).length,
      },
      reconcilers: ["sync_catalog", "reassess", "schedule_jobs", "close_runs", "prune", "mark_stale"].map(
        (name, at) => ({
          name,
          started_at: new Date(Date.now() - 1000 * (30 + at * 77)).toISOString(),
          ended_at: new Date(Date.now() - 1000 * (28 + at * 77)).toISOString(),
          result: at === 1 ? "264 assets assessed" : "",
          error: at === 4 ? "the database is busy" : null,
        }),
      ),
    }),
  ),
  http.get(`${V}/users`, ({ request }) => page(users, new URL(request.url))),
];
