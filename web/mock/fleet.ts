import { HttpResponse, http } from "msw";
import { anyOf, facet, fits, notFound, page, sorted } from "./answers.ts";
import { runs } from "./work.ts";
import { type AssetRow, assets, findings, type PatchDetail, patches, tags, users } from "./world.ts";

const V = "*/api/v1";
const contains = (url: URL, ...texts: (string | null | undefined)[]) => {
  const q = url.searchParams.get("q")?.toLowerCase();
  return !q || texts.some((text) => text?.toLowerCase().includes(q));
};

function assetsOf(url: URL, without?: string): AssetRow[] {
  const missing = url.searchParams.get("missing_patch");
  const installed = url.searchParams.get("installed_patch");
  return assets.filter(
    (asset) =>
      contains(url, asset.name, asset.os, ...asset.addresses) &&
      (without === "os" || anyOf(url, "os", (os) => asset.os === os)) &&
      (without === "scan_status" || anyOf(url, "scan_status", (status) => asset.scan_status === status)) &&
      (without === "tag" || anyOf(url, "tag", (id) => asset.tags.some((tag) => tag.id === id))) &&
      anyOf(url, "release", (release) => asset.release === release) &&
      fits(url, "online", asset.online) &&
      fits(url, "reboot_pending", asset.pending_reboot) &&
      (!missing || findings.get(asset.id)?.missing.has(missing)) &&
      (!installed || findings.get(asset.id)?.installed.has(installed)),
  );
}

function patchesOf(url: URL): PatchDetail[] {
  const status = url.searchParams.get("status");
  const latest = url.searchParams.get("latest") !== "false";
  const cve = url.searchParams.get("cve");
  return patches.filter(
    (patch) =>
      contains(url, patch.title, patch.bulletin, patch.product, ...patch.cves) &&
      (!latest || !patch.superseded) &&
      (status !== "missing" || patch.missing > 0) &&
      (status !== "installed" || patch.installed > 0) &&
      (url.searchParams.get("all") === "true" || patch.missing + patch.installed > 0) &&
      (!cve || patch.cves.includes(cve)) &&
      (url.searchParams.get("kind") ?? patch.kind) === patch.kind &&
      anyOf(url, "category", (category) => patch.category === category) &&
      anyOf(url, "severity", (severity) => patch.severity === severity) &&
      anyOf(url, "release", (release) => patch.release === release),
  );
}

function csv(rows: object[], columns: string[]) {
  const lines = rows.map((row) =>
    columns.map((name) => String((row as Record<string, unknown>)[name] ?? "")).join(","),
  );
  return new HttpResponse([columns.join(","), ...lines].join("\n"), {
    headers: { "content-type": "text/csv", "content-disposition": "attachment" },
  });
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
    return page(sorted(assetsOf(url), url, "name"), url);
  }),
  http.get(`${V}/assets/export`, ({ request }) =>
    csv(assetsOf(new URL(request.url)), ["name", "os", "latest_missing", "installed"]),
  ),
  http.get(`${V}/assets/facets`, ({ request }) => {
    const url = new URL(request.url);
    return HttpResponse.json({
      os: facet(assetsOf(url, "os"), (asset) => [asset.os]),
      scan_status: facet(assetsOf(url, "scan_status"), (asset) => [asset.scan_status]),
      release: facet(assetsOf(url), (asset) => (asset.release ? [asset.release] : [])),
      tags: facet(assetsOf(url, "tag"), (asset) => asset.tags.map((tag) => tag.id)).map(
        ({ value, count }) => ({
          id: value,
          name: tags.find((tag) => tag.id === value)?.name ?? "",
          count,
        }),
      ),
      total: assetsOf(url).length,
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
    const latest = url.searchParams.get("latest") !== "false";
    const own = findings.get(String(params.id))?.[status] ?? new Set();
    const rows = patches
      .filter(
        (patch) =>
          own.has(patch.id) &&
          (!latest || !patch.superseded) &&
          contains(url, patch.title, patch.bulletin, ...patch.cves),
      )
      .map((patch) => ({
        ...patch,
        status,
        packages: patch.packages.map(({ name, architecture, version }) => ({
          name,
          architecture: architecture ?? "",
          installed: `0.${version}`,
          version,
          held: name === "sudo",
        })),
      }));
    return page(sorted(rows, url, "-published_at"), url);
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
    asset.tags = tags.filter(({ id }) => body.tags.includes(id)).map(({ id, name }) => ({ id, name }));
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
    return page(sorted(patchesOf(url), url, "-published_at"), url);
  }),
  http.get(`${V}/patches/export`, ({ request }) =>
    csv(patchesOf(new URL(request.url)), ["id", "title", "missing", "installed"]),
  ),
  http.get(`${V}/patches/facets`, ({ request }) => {
    const rows = patchesOf(new URL(request.url));
    return HttpResponse.json({
      category: facet(rows, (patch) => [patch.category]),
      severity: facet(rows, (patch) => [patch.severity]),
      release: facet(rows, (patch) => [patch.release ?? ""]),
      kind: facet(rows, (patch) => [patch.kind]),
      total: rows.length,
    });
  }),
  http.get(`${V}/patches/:id`, ({ params }) => {
    const patch = patches.find(({ id }) => id === decodeURIComponent(String(params.id)));
    return patch ? HttpResponse.json(patch) : notFound("patch");
  }),
  http.get(`${V}/patches/:id/assets`, ({ request, params }) => {
    const url = new URL(request.url);
    const id = decodeURIComponent(String(params.id));
    const status = url.searchParams.get("status") === "installed" ? "installed" : "missing";
    return page(
      sorted(
        assets.filter((asset) => findings.get(asset.id)?.[status].has(id) && contains(url, asset.name)),
        url,
        "name",
      ),
      url,
    );
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
