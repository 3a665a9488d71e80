import type { components } from "../src/api/schema";

// An invented installation for working on the console without a server, and for component tests.
// Everything in it follows from a fixed seed, so that pictures of it can be compared.

type Schemas = components["schemas"];
export type AssetRow = Schemas["AssetRow"];
export type PatchRow = Schemas["PatchRow"];
export type PatchDetail = Schemas["PatchDetail"];
export type Job = Schemas["JobBody"];
export type Run = Schemas["RunBody"];
export type RunAssetDetail = Schemas["RunAssetDetail"];

/** A generator of repeatable numbers between 0 and 1 (mulberry32). */
export function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function uuid(kind: number, number: number): string {
  return `0000${kind.toString(16).padStart(4, "0")}-0000-7000-8000-${number.toString(16).padStart(12, "0")}`;
}

const roll = dice(7);
const pick = <T>(from: readonly T[]): T => from[Math.floor(roll() * from.length)] as T;
const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

export const tags: Schemas["TagBody"][] = [
  ["production", null],
  ["web", 0],
  ["database", 0],
  ["staging", null],
  ["workstations", null],
  ["berlin", null],
  ["lisbon", null],
  ["canary", null],
].map(([name, parent], at) => ({
  id: uuid(2, at),
  name: name as string,
  parent: parent === null ? null : uuid(2, parent as number),
  query: name === "canary" ? "name:ci* and online:yes" : null,
  error: null,
  assets: 0,
}));

/** A tag as other records name it. */
export const tagRef = ({ id, name, query }: Schemas["TagBody"]) => ({ id, name, dynamic: query !== null });

const RELEASES = [
  { release: "debian/bookworm", os: "Debian GNU/Linux 12 (bookworm)" },
  { release: "debian/bookworm", os: "Debian GNU/Linux 12 (bookworm)" },
  { release: "debian/trixie", os: "Debian GNU/Linux 13 (trixie)" },
  { release: "ubuntu/jammy", os: "Ubuntu 22.04.5 LTS" },
  { release: "ubuntu/noble", os: "Ubuntu 24.04.1 LTS" },
] as const;

const SOURCES = (
  "openssl linux curl glibc systemd nginx postgresql-15 openssh sudo expat libxml2 krb5 bind9 apache2 php8.2 python3.11 " +
  "gnutls28 git vim tiff libwebp ghostscript cups dbus perl rsync tar xz-utils zlib samba intel-microcode firefox-esr " +
  "chromium thunderbird nodejs ruby3.1 tomcat10 haproxy redis mariadb mc tzdata base-files debian-security-support"
).split(" ");

const RELEASE_KEYS = ["debian/bookworm", "debian/trixie", "ubuntu/jammy", "ubuntu/noble"];
const SEVERITIES = ["none", "none", "none", "low", "moderate", "important", "critical"] as const;

function makePatch(at: number): PatchDetail {
  const product = SOURCES[at % SOURCES.length] as string;
  const release = RELEASE_KEYS[Math.floor(at / SOURCES.length) % RELEASE_KEYS.length] as string;
  const round = Math.floor(at / (SOURCES.length * RELEASE_KEYS.length));
  const security = roll() < 0.6;
  const number = 5200 + at * 3 + round;
  const bulletin = security ? `${release.startsWith("debian") ? "DSA" : "USN"}-${number}-1` : null;
  const version = `${1 + (at % 9)}.${at % 13}.${round + 2}-${1 + (at % 3)}`;
  const id = `${release.replace("/", ":")}:${bulletin ?? `${product}@${version}`}`;
  const cves = security
    ? Array.from({ length: 1 + Math.floor(roll() * 5) }, (_, nth) => `CVE-2025-${20000 + at * 7 + nth}`)
    : [];
  const names =
    product === "linux"
      ? ["linux-image-amd64", "linux-headers-amd64"]
      : [product, `lib${product.split("-")[0]}1`];
  return {
    id,
    title: security ? `${product} security update` : `${product} ${version}`,
    vendor: release.startsWith("debian") ? "Debian" : "Ubuntu",
    release,
    product,
    kind: ["firefox-esr", "chromium", "thunderbird", "nginx"].includes(product) ? "application" : "os",
    architectures: ["amd64", "arm64"],
    bulletin,
    category: security ? "security" : "non-security",
    severity: security ? pick(SEVERITIES) : "none",
    cves,
    kb: null,
    cvss: security ? 4 + (at % 60) / 10 : null,
    epss: security ? ((at * 37) % 1000) / 1000 : null,
    known_exploited: security && at % 17 === 3,
    known_exploited_due: null,
    published_at: ago(60 * (4 + at * 5 + roll() * 40)),
    reboot:
      product === "linux" ? "required" : ["glibc", "systemd", "dbus"].includes(product) ? "maybe" : "never",
    download:
      product === "intel-microcode"
        ? { how: "acquire_from_vendor", link: "https://vendor.example/microcode" }
        : { how: "package_manager", size: Math.floor(40_000 + roll() * (product === "linux" ? 9e7 : 6e6)) },
    rollback: roll() < 0.7,
    superseded: round === 0 && at % 5 === 0,
    missing: 0,
    installed: 0,
    description: security
      ? `Several vulnerabilities were discovered in ${product}, which could result in denial of service, information disclosure or the execution of arbitrary code.`
      : `Bug fixes for ${product}.`,
    advisory_url: bulletin ? `https://advisories.example/${bulletin}` : null,
    products: [release],
    supersedes: [],
    superseded_by: [],
    packages: names.map((name) => ({ name, architecture: "amd64", version })),
    vulnerabilities: cves.map((id) => ({
      id,
      title: null,
      cvss: null,
      cvss_vector: null,
      epss: ((at * 37) % 1000) / 1000,
      known_exploited: at % 17 === 3,
      known_exploited_added: null,
      known_exploited_due: null,
      ransomware: false,
    })),
    source: `${release} from this machine`,
    modified_at: null,
  };
}

export const patches: PatchDetail[] = Array.from({ length: 340 }, (_, at) => makePatch(at));
for (const old of patches.filter((patch) => patch.superseded)) {
  const newer = patches.find(
    (patch) => !patch.superseded && patch.product === old.product && patch.release === old.release,
  );
  if (!newer) {
    old.superseded = false;
    continue;
  }
  old.superseded_by.push({ id: newer.id, title: newer.title });
  newer.supersedes.push({ id: old.id, title: old.title });
}

/** Patches an asset misses and has. */
export const findings = new Map<string, { missing: Set<string>; installed: Set<string> }>();

function makeAsset(at: number): AssetRow {
  const place = pick(["ber", "lis", "fra"]);
  const role = pick(["web", "db", "app", "ci", "mail", "dev", "build", "proxy"]);
  const { release, os } = pick(RELEASES);
  const chance = roll();
  const scan_status =
    chance < 0.86
      ? "scanned"
      : chance < 0.9
        ? "stale"
        : chance < 0.94
          ? "scan_failed"
          : chance < 0.97
            ? "never_scanned"
            : "unsupported";
  const id = uuid(1, at);
  const seen = scan_status !== "never_scanned";
  const known = scan_status !== "never_scanned" && scan_status !== "unsupported";
  const own = patches.filter((patch) => patch.release === release);
  const missing = new Set(known ? own.filter(() => roll() < 0.13).map((patch) => patch.id) : []);
  const installed = new Set(
    known ? own.filter((patch) => !missing.has(patch.id) && roll() < 0.5).map((patch) => patch.id) : [],
  );
  findings.set(id, { missing, installed });
  const online = scan_status !== "stale" && roll() < 0.88;
  return {
    id,
    name: `${role}-${String(at + 1).padStart(3, "0")}.${place}.corp.example`,
    platform: "linux",
    os: seen ? os : "",
    release: seen ? release : null,
    architecture: seen ? (roll() < 0.9 ? "amd64" : "arm64") : "",
    tags: tags
      .filter(({ name }) => name === role || (name === "production" && roll() < 0.6) || roll() < 0.07)
      .map(tagRef),
    scan_status,
    scan_error:
      scan_status === "scan_failed"
        ? "dpkg's database is locked by another process."
        : scan_status === "unsupported"
          ? "No feed covers this release."
          : null,
    last_scan: seen ? ago(roll() * (scan_status === "stale" ? 9000 : 300)) : null,
    last_check_in: ago(online ? roll() * 3 : roll() * 9000),
    online,
    agent_version: roll() < 0.8 ? "0.1.0" : "0.0.9",
    assess_only: roll() < 0.06,
    logged_on_user: roll() < 0.3 ? pick(["amelie", "jonas", "root", "rui", "deploy"]) : null,
    missing: 0,
    latest_missing: 0,
    latest_missing_security: 0,
    missing_critical: 0,
    compliance: null,
    risk: 0,
    installed: 0,
    pending_reboot: known && roll() < 0.08,
    addresses: [`10.${at % 7}.${at % 250}.${(at * 13) % 250}`],
  };
}

export const assets: AssetRow[] = Array.from({ length: 264 }, (_, at) => makeAsset(at));

const RISK = { critical: 10, important: 5, moderate: 2, low: 1, none: 1 };

/** Counts what assets and patches say of each other; done again after a patch was installed. */
export function recount(): void {
  const byId = new Map(patches.map((patch) => [patch.id, patch]));
  for (const patch of patches) {
    patch.missing = 0;
    patch.installed = 0;
  }
  for (const asset of assets) {
    const { missing, installed } = findings.get(asset.id) ?? {
      missing: new Set<string>(),
      installed: new Set<string>(),
    };
    const rows = [...missing].flatMap((id) => byId.get(id) ?? []);
    for (const patch of rows) patch.missing += 1;
    for (const id of installed) (byId.get(id) ?? { installed: 0 }).installed += 1;
    const latest = rows.filter((patch) => !patch.superseded);
    asset.missing = rows.length;
    asset.latest_missing = latest.length;
    asset.latest_missing_security = latest.filter((patch) => patch.category === "security").length;
    asset.missing_critical = rows.filter((patch) => patch.severity === "critical").length;
    asset.installed = installed.size;
    const has = [...installed].filter((id) => byId.get(id)?.superseded === false).length;
    asset.compliance = has + latest.length ? (has / (has + latest.length)) * 100 : null;
    asset.risk = latest.reduce(
      (sum, patch) => sum + RISK[patch.severity] * (patch.known_exploited ? 3 : 1),
      0,
    );
  }
}
recount();

export const users: Schemas["UserBody"][] = (
  [
    ["amelie", "super_user"],
    ["jonas", "patch_manager"],
    ["rui", "patch_user"],
    ["sec-team", "patch_security"],
    ["auditor", "patch_reader"],
  ] as const
).map(([name, role], at) => ({
  id: uuid(3, at),
  name,
  role,
  scope: at < 2 ? { everything: true, tags: [] } : { everything: false, tags: [uuid(2, at)] },
  disabled: name === "auditor",
  created_at: ago(60 * 24 * (40 - at * 7)),
}));

export const me = users[0] as Schemas["UserBody"];
