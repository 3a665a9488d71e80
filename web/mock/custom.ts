import { HttpResponse, http } from "msw";
import type { components } from "../src/api/schema";
import { notFound, page, refuse, sorted } from "./answers.ts";
import { patches, uuid } from "./world.ts";

type Schemas = components["schemas"];
type Content = Schemas["ContentBody"];
type Custom = Schemas["CustomPatchBody"];
const V = "*/api/v1/custom-patches";

const at = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
const texts = (text: string) => text.toLowerCase();

/** What a file says of itself, made up from its first letters, as the server tells kinds by their content. */
function contentOf(sha256: string, bytes: Uint8Array): Content | undefined {
  const beginning = new TextDecoder().decode(bytes.subarray(0, 7));
  if (beginning === "!<arch>") {
    const file = {
      kind: "deb",
      name: "acme-agent",
      version: "2.1-1",
      publisher: "Acme",
      architecture: "amd64",
    };
    return proposed({ ...file, size: bytes.length, sha256 });
  }
  if (beginning.startsWith("MZ")) {
    const file = { kind: "exe", name: "Acme Tool", version: "2.1", publisher: "Acme", architecture: "x64" };
    return proposed({ ...file, size: bytes.length, sha256 });
  }
  return undefined;
}

function proposed(file: Schemas["FileBody"]): Content {
  const windows = file.kind === "exe" || file.kind === "msi";
  const details: Schemas["CustomPatchDetails"] = {
    title: `${file.name} ${file.version}`,
    description: "",
    vendor: file.publisher,
    app_family: file.name,
    category: "non-security",
    severity: "none",
    cves: [],
    bulletin: "",
    advisory_url: "",
    reboot: windows ? "maybe" : "never",
    silent_arguments: file.kind === "msi" ? "/quiet /norestart" : "",
    success_codes: [],
    reboot_codes: file.kind === "msi" ? [1641, 3010] : [],
    product_name: windows ? file.name : "",
    publisher: windows ? file.publisher : "",
    product_codes: [],
    upgrade_codes: [],
    version: windows ? file.version : "",
    architecture: windows ? file.architecture : "",
    release: "",
  };
  return { file, proposed: details };
}

function make(
  nth: number,
  file: Schemas["FileBody"],
  name: string,
  change: Partial<Custom["details"]>,
): Custom {
  const id = uuid(9, nth);
  return {
    id,
    patch: `custom:${id}`,
    file_name: name,
    file,
    details: { ...proposed(file).proposed, ...change },
    enabled: nth !== 2,
    created_at: at(9000 - nth * 2000),
    changed_at: at(400 + nth * 90),
  };
}

const digest = (nth: number) => `${nth}f3c`.repeat(16);
const file = (nth: number, words: string, size: number): Schemas["FileBody"] => {
  const [kind = "", name = "", version = "", publisher = "", architecture = ""] = words.split("|");
  return { kind, name, version, publisher, architecture, size, sha256: digest(nth) };
};

/** The custom patches; uploads that no patch was made of yet. */
export const custom: Custom[] = [
  make(0, file(1, "deb|acme-agent|2.0-1|Acme Corp <it@acme.example>|amd64", 8_402_112), "acme-agent.deb", {
    release: "debian/bookworm",
  }),
  make(1, file(2, "msi|Acme VPN|7.4.2|Acme Corp|x64", 61_222_912), "acme-vpn-7.4.2.msi", {
    category: "security",
    severity: "critical",
    cves: ["CVE-2026-1234", "CVE-2026-1240"],
    bulletin: "ACME-2026-07",
    advisory_url: "https://acme.example/security/7",
    description: "Mends two holes in the tunnel.",
    product_codes: ["{6A0C7B0E-2C59-4D7C-9D2B-52A1C3D0AE11}"],
    upgrade_codes: ["{0F2D5E7A-9A4B-4B0B-8A47-0A7D3C1E9B52}"],
  }),
  make(2, file(3, "rpm|acme-fonts|0:1.4-3.el9|Acme Corp|noarch", 1_204_224), "acme-fonts-1.4-3.el9.rpm", {
    release: "rocky/9",
  }),
];
const uploads = new Map<string, Content>();

/** What is refused of details, as the server does. */
function flaws(details: Custom["details"], kind: string): { field: string; message: string }[] {
  const found: { field: string; message: string }[] = [];
  const flaw = (field: string, message: string) => found.push({ field: `details.${field}`, message });
  for (const field of ["title", "vendor", "app_family"] as const)
    if (!details[field].trim()) flaw(field, "must not be empty");
  details.cves.forEach((cve, nth) => {
    if (!/^CVE-\d{4}-\d{4,19}$/.test(cve)) flaw(`cves[${nth}]`, "must be an id such as CVE-2026-1234");
  });
  if (details.cves.length && details.category !== "security")
    flaw("category", "must be security when there are CVEs");
  const linux = kind === "deb" || kind === "rpm";
  if (linux && !/^[a-z]+\/\w+$/.test(details.release))
    flaw("release", "must be the release whose machines it is for, such as debian/bookworm");
  return found;
}

const given = (change: Schemas["DetailsChange"] = {}) =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== null));

/** The record of the catalog. */
function catalogued({ patch, details, file, created_at, changed_at }: Custom): void {
  const [model] = patches;
  if (!model) return;
  const { title, vendor, category, severity, cves, bulletin, description, advisory_url, reboot } = details;
  patches.push({
    ...model,
    ...{ title, vendor, category, severity, cves, description, reboot },
    id: patch,
    release: details.release || null,
    product: details.app_family,
    kind: "application",
    architectures: [file.architecture],
    bulletin: bulletin || null,
    advisory_url: advisory_url || null,
    cvss: null,
    epss: null,
    known_exploited: false,
    published_at: created_at,
    modified_at: changed_at,
    rollback: false,
    superseded: false,
    missing: 0,
    installed: 0,
    products: [details.release || details.app_family],
    supersedes: [],
    superseded_by: [],
    packages: [],
    vulnerabilities: [],
    source: "custom",
    download: {
      how: "automatic",
      installers: [
        {
          kind: file.kind,
          architecture: file.architecture,
          scope: "machine",
          locale: null,
          url: `https://fettle.corp.example:8443/agent/v1/content/${file.sha256}`,
          vendor_url: null,
          sha256: file.sha256,
          silent_arguments: details.silent_arguments,
          success_codes: details.success_codes,
          reboot_codes: details.reboot_codes,
        },
      ],
    },
  });
}
custom.forEach(catalogued);

const refused = (errors: { field: string; message: string }[]) =>
  refuse(422, "invalid", "Some values were refused.", "", errors);

export const customHandlers = [
  http.get(`${V}/content/:sha256`, ({ params }) => {
    const content = uploads.get(String(params.sha256));
    return content ? HttpResponse.json(content) : notFound("uploaded file");
  }),
  http.put(`${V}/content/:sha256`, async ({ request, params }) => {
    const content = contentOf(String(params.sha256), new Uint8Array(await request.arrayBuffer()));
    if (!content)
      return refuse(
        422,
        "file-refused",
        "The file cannot be made a patch.",
        "It is neither an MSI package nor a program, deb or rpm. Upload an MSI package, a program for Windows, a deb or an rpm.",
      );
    uploads.set(content.file.sha256, content);
    return HttpResponse.json(content);
  }),
  http.get(V, ({ request }) => {
    const url = new URL(request.url);
    const q = texts(url.searchParams.get("q") ?? "");
    const flat = custom.map((patch) => ({ ...patch, title: patch.details.title, size: patch.file.size }));
    const found = flat.filter(({ title, details, file_name, file }) =>
      [title, details.app_family, file_name, file.sha256].some((text) => texts(text).includes(q)),
    );
    const rows = sorted(found, url, "-created_at").map(
      ({ title: _title, size: _size, ...row }): Custom => row,
    );
    return page(rows, url);
  }),
  http.post(V, async ({ request }) => {
    const body = (await request.json()) as Schemas["CreateCustomPatch"];
    const content = uploads.get(body.sha256);
    if (!content)
      return refused([{ field: "sha256", message: "is of no file that is here; upload the file first" }]);
    const patch = make(custom.length + 10, content.file, body.file_name, given(body.details));
    const found = flaws(patch.details, content.file.kind);
    if (found.length) return refused(found);
    Object.assign(patch, { enabled: body.enabled ?? true, created_at: at(0), changed_at: at(0) });
    custom.push(patch);
    catalogued(patch);
    return HttpResponse.json(patch, { status: 201 });
  }),
  http.get(`${V}/:id`, ({ params }) => {
    const patch = custom.find(({ id }) => id === params.id);
    return patch ? HttpResponse.json(patch) : notFound("custom patch");
  }),
  http.patch(`${V}/:id`, async ({ request, params }) => {
    const patch = custom.find(({ id }) => id === params.id);
    if (!patch) return notFound("custom patch");
    const { enabled, details } = (await request.json()) as Schemas["ChangeCustomPatch"];
    const next = { ...patch.details, ...given(details) };
    const found = flaws(next, patch.file.kind);
    if (found.length) return refused(found);
    Object.assign(patch, { enabled: enabled ?? patch.enabled, details: next, changed_at: at(0) });
    return HttpResponse.json(patch);
  }),
  http.delete(`${V}/:id`, ({ params }) => {
    const nth = custom.findIndex(({ id }) => id === params.id);
    if (nth < 0) return notFound("custom patch");
    custom.splice(nth, 1);
    return new HttpResponse(null, { status: 204 });
  }),
];
