import { HttpResponse, http } from "msw";
import type { components } from "../src/api/schema";
import { anyOf, notFound, page, refuse, sorted } from "./answers.ts";
import { patches, uuid } from "./world.ts";

type Schemas = components["schemas"];
type Location = Schemas["DownloadLocation"];
const V = "*/api/v1";

/** The mirrors, which the invented installation only keeps: the addresses of its patches stand as they are. */
export const mirrors: Schemas["MirrorBody"][] = [
  {
    id: uuid(10, 0),
    name: "Inside",
    rule: { kind: "prefix", from: "https://download.example/", to: "https://mirror.corp.example/d/" },
    plain_http: false,
    enabled: true,
    created_at: "2026-09-02T08:00:00Z",
  },
  {
    id: uuid(10, 1),
    name: "Lab",
    rule: { kind: "installer", sha256: "a1".repeat(32), to: "http://lab.corp.example/setup.exe" },
    plain_http: true,
    enabled: false,
    created_at: "2026-10-12T12:30:00Z",
  },
];

const installer = (architecture: string, digest: string): Schemas["InstallerBody"] => ({
  kind: "exe",
  architecture,
  scope: "machine",
  locale: null,
  url: `https://mirror.corp.example/d/a/7z2501-${architecture}.exe`,
  vendor_url: `https://download.example/a/7z2501-${architecture}.exe`,
  sha256: digest,
  silent_arguments: "/S",
  success_codes: [],
  reboot_codes: [3010],
});
const fromVendor: Schemas["InstallerBody"] = {
  ...installer("arm64", "c3".repeat(32)),
  url: "https://files.vendor.example/7z2501-arm64.exe",
  vendor_url: null,
};

/** An application with installers: two of them on a mirror. */
export const application = "winget:7zip.7zip:25.01";
const [model] = patches;
if (model)
  patches.push({
    ...model,
    id: application,
    title: "7-Zip 25.01",
    vendor: "Igor Pavlov",
    release: null,
    product: "7-Zip",
    kind: "application",
    architectures: ["x64", "x86", "arm64"],
    bulletin: null,
    advisory_url: null,
    category: "non-security",
    severity: "none",
    cves: [],
    vulnerabilities: [],
    cvss: null,
    epss: null,
    known_exploited: false,
    known_exploited_due: null,
    reboot: "maybe",
    rollback: false,
    superseded: false,
    missing: 0,
    installed: 0,
    description: "",
    products: ["7-Zip"],
    supersedes: [],
    superseded_by: [],
    packages: [],
    source: "winget",
    download: {
      how: "automatic",
      installers: [installer("x64", "a1".repeat(32)), installer("x86", "b2".repeat(32)), fromVendor],
    },
  });

const location = (words: string, more: Partial<Location> = {}): Location => {
  const [purpose = "", scheme = "", host = "", port = ""] = words.split(" ");
  return {
    purpose: purpose as Location["purpose"],
    scheme,
    host,
    port: Number(port),
    patches: 0,
    feeds: [],
    mirror: false,
    note: null,
    ...more,
  };
};
const own = "The machines' own package sources may be others.";
const locations: Location[] = [
  location("server https fettle.corp.example 8443", { patches: 3, feeds: ["custom"] }),
  location("installers https mirror.corp.example 443", { patches: 812, feeds: ["winget"], mirror: true }),
  location("installers https files.vendor.example 443", {
    patches: 61,
    feeds: ["winget"],
    note: "It may redirect to other hosts.",
  }),
  location("packages https mirror.example 443", {
    patches: 7093,
    feeds: ["debian/bookworm from this machine", "Ubuntu noble"],
    note: own,
  }),
];

const made = <T>(body: T) => HttpResponse.json(body as never, { status: 201 });
const refused = (field: string, message: string) =>
  refuse(422, "invalid", "Some values were refused.", "", [{ field, message }]);

/** What is refused of a mirror, as the server does. */
function flaw(id: string | undefined, { name, rule, plain_http }: Schemas["CreateMirror"]) {
  if (mirrors.some((other) => other.id !== id && other.name === name))
    return refused("name", "is taken by another mirror");
  if (rule.kind === "prefix" && !rule.from.endsWith("/")) return refused("rule.from", "must end with /");
  if (!plain_http && rule.to.startsWith("http://"))
    return refused("rule.to", "must begin with https://, or plain HTTP be allowed for this mirror");
  return undefined;
}

export const mirrorHandlers = [
  http.get(`${V}/mirrors`, ({ request }) => {
    const url = new URL(request.url);
    return page(sorted(mirrors, url, "name"), url);
  }),
  http.post(`${V}/mirrors`, async ({ request }) => {
    const body = (await request.json()) as Schemas["CreateMirror"];
    const wrong = flaw(undefined, body);
    if (wrong) return wrong;
    const mirror: Schemas["MirrorBody"] = {
      id: uuid(10, mirrors.length),
      name: body.name,
      rule: body.rule,
      plain_http: body.plain_http ?? false,
      enabled: body.enabled ?? true,
      created_at: new Date().toISOString(),
    };
    mirrors.push(mirror);
    return made(mirror);
  }),
  http.patch(`${V}/mirrors/:id`, async ({ request, params }) => {
    const mirror = mirrors.find(({ id }) => id === params.id);
    if (!mirror) return notFound("mirror");
    const next = { ...mirror, ...((await request.json()) as Partial<Schemas["MirrorBody"]>) };
    return flaw(mirror.id, next) ?? HttpResponse.json(Object.assign(mirror, next));
  }),
  http.delete(`${V}/mirrors/:id`, ({ params }) => {
    const nth = mirrors.findIndex(({ id }) => id === params.id);
    if (nth < 0) return notFound("mirror");
    mirrors.splice(nth, 1);
    return new HttpResponse(null, { status: 204 });
  }),
  http.get(`${V}/download-locations`, ({ request }) => {
    const url = new URL(request.url);
    const q = url.searchParams.get("q") ?? "";
    const found = locations.filter(
      ({ host, feeds, purpose }) =>
        anyOf(url, "purpose", (value) => value === purpose) &&
        [host, ...feeds].some((text) => text.includes(q)),
    );
    return page(sorted(found, url, "host"), url);
  }),
];
