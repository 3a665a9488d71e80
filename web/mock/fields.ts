import { field, type MockField } from "./field.ts";
import { auditFields, jobFields, resultFields } from "./records.ts";
import type { AssetRow, PatchDetail } from "./world.ts";
import { findings, patches } from "./world.ts";

const time = (at: string | null) => (at === null ? null : Date.parse(at));
const SCAN = ["never_scanned", "scanning", "scanned", "scan_failed", "unsupported", "stale"];
const SEVERITY = ["none", "low", "moderate", "important", "critical"];

function bySeverity(row: AssetRow, severity: string): number {
  const missing = findings.get(row.id)?.missing ?? new Set();
  return patches.filter((patch) => missing.has(patch.id) && patch.severity === severity).length;
}

const assetFields = [
  field({
    name: "name",
    aliases: ["hostname"],
    help: "Name of the machine",
    example: "name:web*",
    main: true,
    values: (row: AssetRow) => [row.name],
  }),
  field({
    name: "os.name",
    aliases: ["os", "operatingSystem"],
    help: "Operating system",
    example: "os.name:debian",
    main: true,
    facet: true,
    values: (row: AssetRow) => [row.os],
  }),
  field({
    name: "os.release",
    help: "Distribution release",
    example: "os.release:`debian/bookworm`",
    facet: true,
    values: (row: AssetRow) => [row.release],
  }),
  field({
    name: "architecture",
    aliases: ["arch"],
    help: "Architecture",
    example: "architecture:amd64",
    facet: true,
    values: (row: AssetRow) => [row.architecture],
  }),
  field({
    name: "tags.name",
    aliases: ["tag", "tags"],
    help: "Tags",
    label: "Tag",
    example: "tags.name:production",
    facet: true,
    sortable: false,
    values: (row: AssetRow) => row.tags.map(({ name }) => name),
  }),
  field({
    name: "lastLoggedOnUser",
    aliases: ["user"],
    help: "Who is or was logged on",
    example: "lastLoggedOnUser:amelie",
    main: true,
    values: (row: AssetRow) => [row.logged_on_user],
  }),
  field({
    name: "scanStatus",
    kind: "choice",
    members: SCAN,
    help: "How the last scan went",
    label: "Scan status",
    example: "scanStatus:[scan_failed, stale]",
    values: (row: AssetRow) => [row.scan_status],
  }),
  field({
    name: "lastScan",
    kind: "moment",
    help: "When the last scan was made",
    example: "lastScan<now-7d",
    values: (row: AssetRow) => [time(row.last_scan)],
  }),
  field({
    name: "lastCheckIn",
    kind: "moment",
    help: "When the agent was last heard from",
    example: "lastCheckIn<now-3d",
    values: (row: AssetRow) => [time(row.last_check_in)],
  }),
  field({
    name: "online",
    kind: "flag",
    help: "The agent is connected",
    label: "Online",
    example: "online:yes",
    values: (row: AssetRow) => [row.online],
  }),
  field({
    name: "rebootPending",
    kind: "flag",
    help: "The machine should be restarted",
    label: "Restart pending",
    example: "rebootPending:yes",
    values: (row: AssetRow) => [row.pending_reboot],
  }),
  field({
    name: "agent.version",
    help: "Version of the agent",
    label: "Agent version",
    facet: true,
    example: "agent.version<0.2",
    values: (row: AssetRow) => [row.agent_version],
  }),
  field({
    name: "agent.id",
    aliases: ["id"],
    help: "Id of the agent",
    example: "agent.id:`0193b8a0-0000-7000-8000-000000000000`",
    values: (row: AssetRow) => [row.id],
  }),
  field({
    name: "interfaces.address",
    aliases: ["ip"],
    help: "Network addresses",
    example: "interfaces.address:10.0.0.1",
    sortable: false,
    values: (row: AssetRow) => row.addresses,
  }),
  field({
    name: "missingCount",
    kind: "number",
    findings: true,
    help: "Missing patches",
    example: "missingCount>=10",
    values: (row: AssetRow) => [row.missing],
  }),
  field({
    name: "missingCount.critical",
    kind: "number",
    findings: true,
    help: "Missing patches that the vendor rates critical",
    example: "missingCount.critical>0",
    values: (row: AssetRow) => [bySeverity(row, "critical")],
  }),
  field({
    name: "latestMissingCount",
    kind: "number",
    findings: true,
    help: "Missing patches that nothing supersedes",
    example: "latestMissingCount>0",
    values: (row: AssetRow) => [row.latest_missing],
  }),
  field({
    name: "latestMissingCount.security",
    kind: "number",
    findings: true,
    help: "Missing security patches that nothing supersedes",
    example: "latestMissingCount.security>0",
    values: (row: AssetRow) => [row.latest_missing_security],
  }),
  field({
    name: "compliance",
    kind: "number",
    findings: true,
    help: "Share of the applicable latest patches that are installed, in per cent",
    example: "compliance<95",
    values: (row: AssetRow) => [row.compliance],
  }),
  field({
    name: "risk",
    kind: "number",
    findings: true,
    help: "Sum over missing latest patches of what each puts at risk",
    example: "risk>100",
    values: (row: AssetRow) => [row.risk],
  }),
  field({
    name: "installedCount",
    kind: "number",
    findings: true,
    help: "Installed patches",
    example: "installedCount>100",
    values: (row: AssetRow) => [row.installed],
  }),
];

const patchFields = [
  field({
    name: "id",
    help: "Stable name of the patch",
    example: "id:`debian:bookworm:DSA-5678-1`",
    main: true,
    values: (row: PatchDetail) => [row.id],
  }),
  field({
    name: "title",
    help: "Title",
    example: "title:openssl",
    main: true,
    values: (row: PatchDetail) => [row.title],
  }),
  field({
    name: "bulletin",
    aliases: ["advisory"],
    help: "Advisory of the vendor",
    example: "bulletin:DSA-5678",
    main: true,
    values: (row: PatchDetail) => [row.bulletin],
  }),
  field({
    name: "cve",
    aliases: ["cves"],
    help: "Vulnerabilities it fixes",
    example: "cve:CVE-2023-4863",
    main: true,
    sortable: false,
    values: (row: PatchDetail) => row.cves,
  }),
  field({
    name: "category",
    kind: "choice",
    members: ["security", "non-security"],
    help: "Whether it fixes a vulnerability",
    label: "Category",
    values: (row: PatchDetail) => [row.category],
  }),
  field({
    name: "type",
    kind: "choice",
    members: ["os", "application"],
    help: "Part of the system or an application",
    label: "Type",
    values: (row: PatchDetail) => [row.kind],
  }),
  field({
    name: "product",
    aliases: ["release"],
    help: "Products it applies to",
    label: "Product",
    facet: true,
    sortable: false,
    example: "product:`debian/bookworm`",
    values: (row: PatchDetail) => row.products,
  }),
  field({
    name: "appFamily",
    help: "Family of products",
    example: "appFamily:openssl",
    main: true,
    values: (row: PatchDetail) => [row.product],
  }),
  field({
    name: "vendorSeverity",
    aliases: ["severity"],
    kind: "choice",
    members: SEVERITY,
    help: "How the vendor rates it",
    label: "Severity",
    example: "vendorSeverity>=important",
    values: (row: PatchDetail) => [row.severity],
  }),
  field({
    name: "kev",
    aliases: ["knownExploited"],
    kind: "flag",
    help: "Something it fixes is known to be exploited",
    label: "Known exploited",
    example: "kev:yes",
    values: (row: PatchDetail) => [row.known_exploited],
  }),
  field({
    name: "cvss",
    kind: "number",
    help: "Highest CVSS base score of what it fixes, 0 to 10",
    example: "cvss>=7",
    values: (row: PatchDetail) => [row.cvss],
  }),
  field({
    name: "epss",
    kind: "number",
    help: "Highest probability of exploitation within 30 days, 0 to 1",
    example: "epss>0.5",
    values: (row: PatchDetail) => [row.epss],
  }),
  field({
    name: "publishedDate",
    aliases: ["published"],
    kind: "moment",
    help: "When it was published",
    example: "publishedDate<now-30d",
    values: (row: PatchDetail) => [time(row.published_at)],
  }),
  field({
    name: "isSuperseded",
    aliases: ["superseded"],
    kind: "flag",
    help: "A newer patch replaces it",
    label: "Superseded",
    example: "isSuperseded:no",
    values: (row: PatchDetail) => [row.superseded],
  }),
  field({
    name: "rebootRequired",
    kind: "choice",
    members: ["never", "maybe", "required"],
    help: "Whether it asks for a restart",
    label: "Restart",
    values: (row: PatchDetail) => [row.reboot],
  }),
  field({
    name: "size",
    kind: "size",
    help: "Size of the download",
    example: "size>100MB",
    values: (row: PatchDetail) => [row.download.how === "package_manager" ? row.download.size : null],
  }),
  field({
    name: "patchStatus",
    aliases: ["status"],
    kind: "choice",
    members: ["missing", "installed"],
    sortable: false,
    help: "Some asset in view misses it or has it",
    label: "Status",
    values: (row: PatchDetail) => [
      ...(row.missing ? ["missing"] : []),
      ...(row.installed ? ["installed"] : []),
    ],
  }),
  field({
    name: "missingCount",
    aliases: ["missing"],
    kind: "number",
    help: "Assets in view that miss it",
    example: "missingCount>0",
    values: (row: PatchDetail) => [row.missing],
  }),
  field({
    name: "installedCount",
    aliases: ["installed"],
    kind: "number",
    help: "Assets in view that have it",
    example: "installedCount>0",
    values: (row: PatchDetail) => [row.installed],
  }),
];

export type MockEntity = "asset" | "patch";

/** The fields of an entity, in the order people see them. */
export const fieldsOf: Record<string, MockField[]> = {
  asset: assetFields,
  patch: patchFields,
  job: jobFields,
  result: resultFields,
  audit: auditFields,
};

/** From an asset to its patches. */
export const RELATIONS = ["missing", "installed"] as const;

/** A field by its name or another one it has. */
export function fieldNamed(entity: string, name: string): MockField | undefined {
  const wanted = name.toLowerCase();
  const all = fieldsOf[entity] ?? [];
  return (
    all.find((each) => each.name.toLowerCase() === wanted) ??
    all.find((each) => each.aliases.some((alias) => alias.toLowerCase() === wanted))
  );
}
