import { HttpResponse, http } from "msw";
import type { components } from "../src/api/schema";
import { fits, notFound, page, sorted } from "./answers.ts";
import { assets, findings, patches } from "./world.ts";

type Schemas = components["schemas"];
const V = "*/api/v1";

/** What is said of the vulnerabilities that the invented catalog fixes. */
export const vulnerabilities: Schemas["VulnerabilityListRow"][] = [
  ...new Set(patches.flatMap(({ cves }) => cves)),
].map((id, at) => {
  const fixes = patches.filter(({ cves }) => cves.includes(id));
  const exposed = assets.filter((asset) =>
    fixes.some((patch) => findings.get(asset.id)?.missing.has(patch.id)),
  );
  const said = fixes.flatMap((patch) => patch.vulnerabilities).find((one) => one.id === id);
  return {
    id,
    title: at % 3 ? `A hole in ${fixes[0]?.product}` : null,
    cvss: at % 4 ? 3 + (at % 70) / 10 : null,
    cvss_vector: at % 4 ? "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" : null,
    epss: said?.epss ?? null,
    known_exploited: said?.known_exploited ?? false,
    known_exploited_added: null,
    known_exploited_due: said?.known_exploited ? "2026-02-01" : null,
    ransomware: false,
    patches: fixes.length,
    missing: exposed.length,
  };
});

function asked(url: URL) {
  const wanted = (name: string) => url.searchParams.get(name);
  const least = (name: string, value: number | null) =>
    wanted(name) === null || (value !== null && value >= Number(wanted(name)));
  const text = wanted("q")?.toLowerCase() ?? "";
  return vulnerabilities.filter(
    (row) =>
      `${row.id} ${row.title ?? ""}`.toLowerCase().includes(text) &&
      fits(url, "exploited", row.known_exploited) &&
      fits(url, "missing", row.missing > 0) &&
      least("min_cvss", row.cvss) &&
      least("min_epss", row.epss),
  );
}

export const vulnerabilityHandlers = [
  http.get(`${V}/vulnerabilities`, ({ request }) => {
    const url = new URL(request.url);
    return page(sorted(asked(url), url, "-missing"), url);
  }),
  http.get(`${V}/vulnerabilities/:id`, ({ params }) => {
    const row = vulnerabilities.find(({ id }) => id === params.id);
    if (!row) return notFound("vulnerability");
    const fixes = patches.filter(({ cves }) => cves.includes(row.id));
    const answer: Schemas["VulnerabilityDetail"] = {
      ...row,
      details: row.title ? `${row.title} lets strangers in.\n\nUpdates close it.` : null,
      published_at: "2026-01-02T00:00:00Z",
      modified_at: null,
      references: ["https://advisories.example/1", "javascript:alert(1)"],
      patches: fixes,
      total: fixes.length,
    };
    return HttpResponse.json(answer);
  }),
];
