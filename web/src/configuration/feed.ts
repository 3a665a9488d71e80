import type { Feed } from "~/api/model";

type Config = Feed["config"];
type Values = Record<string, string>;

/** A field of a feed's configuration, under the API's name for it. */
export type FeedField = {
  key: string;
  label: string;
  placeholder?: string;
  description?: string;
  required?: boolean;
  /** Words in the form, a list in the API. */
  list?: boolean;
  /** Its text may have several lines. */
  long?: boolean;
  initial?: string;
};

/** A kind of feed. */
export type FeedKind = {
  kind: Config["kind"];
  label: string;
  fields: FeedField[];
  /** What a feed of this kind has one or several of. */
  rows?: { key: string; legend: string; fields: FeedField[] };
};

const keyring: FeedField = {
  key: "keyring",
  label: "Keyring",
  description: "Path of a keyring file on the server, or an armoured public key",
  long: true,
};

/** Every kind that can be made and changed here. To add one, add an entry. */
export const FEED_KINDS: FeedKind[] = [
  {
    kind: "debian",
    label: "Debian or Ubuntu",
    fields: [
      { key: "release", label: "Release", placeholder: "debian/bookworm", required: true },
      { key: "architectures", label: "Architectures", required: true, list: true, initial: "amd64" },
      {
        key: "advisories",
        label: "Advisories",
        description: "Addresses or files of the distribution's lists of security advisories",
        list: true,
      },
    ],
    rows: {
      key: "sources",
      legend: "Source",
      fields: [
        { key: "uri", label: "Address", placeholder: "https://mirror.example/debian", required: true },
        { key: "suite", label: "Suite", placeholder: "bookworm-security", required: true },
        { key: "components", label: "Components", required: true, list: true, initial: "main" },
        { ...keyring, required: true },
      ],
    },
  },
  {
    kind: "rpm",
    label: "RPM packages",
    fields: [
      { key: "release", label: "Release", placeholder: "rocky/9", required: true },
      { key: "architectures", label: "Architectures", required: true, list: true, initial: "x86_64" },
    ],
    rows: {
      key: "repositories",
      legend: "Repository",
      fields: [
        {
          key: "uri",
          label: "Address",
          placeholder: "https://mirror.example/rocky/9/BaseOS/x86_64/os",
          required: true,
        },
        keyring,
      ],
    },
  },
  {
    kind: "microsoft",
    label: "Windows",
    fields: [
      {
        key: "source",
        label: "Source",
        description: "Address of the vendor's API, or a folder on the server with documents",
        required: true,
        initial: "https://api.msrc.microsoft.com/cvrf/v3.0",
      },
      {
        key: "since",
        label: "Since",
        placeholder: "2023-01-01",
        description: "Leave out what was first published before this day",
      },
    ],
  },
  {
    kind: "winget",
    label: "Windows applications",
    fields: [
      {
        key: "manifests",
        label: "Manifests",
        description: "A folder on the server, or the address of a .zip or .tar.gz archive",
        required: true,
      },
      {
        key: "packages",
        label: "Packages",
        placeholder: "7zip.7zip Mozilla.*",
        description: "Only these, or those that begin so; all when empty",
        list: true,
      },
    ],
  },
  {
    kind: "known_exploited",
    label: "Known exploited",
    fields: [
      {
        key: "source",
        label: "List",
        description: "Address of CISA's list in JSON, or a file on the server",
        required: true,
        initial: "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
      },
    ],
  },
  {
    kind: "exploitation",
    label: "Probability of exploitation",
    fields: [
      {
        key: "source",
        label: "List",
        description: "Address of the EPSS list in CSV, or a file on the server",
        required: true,
        initial: "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz",
      },
    ],
  },
  {
    kind: "descriptions",
    label: "Descriptions of vulnerabilities",
    fields: [
      {
        key: "source",
        label: "Records",
        description: "Address of a .zip or .tar.gz archive of OSV records, or a folder on the server",
        required: true,
        initial: "https://osv-vulnerabilities.storage.googleapis.com/Debian/all.zip",
      },
    ],
  },
];

/** The kind of a feed. */
export function kindOf(kind: string): FeedKind | undefined {
  return FEED_KINDS.find((other) => other.kind === kind);
}

/** A feed as the form holds it. */
export type FeedDraft = {
  name: string;
  kind: Config["kind"];
  values: Values;
  rows: { key: number; values: Values }[];
};

/** Words of a text, separated by spaces or commas. */
export function words(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

/** The form of a new feed of a kind. */
export function newDraft(kind: FeedKind, name = ""): FeedDraft {
  const rows = kind.rows ? [{ key: 0, values: initial(kind.rows.fields) }] : [];
  return { name, kind: kind.kind, values: initial(kind.fields), rows };
}

/** The form of a feed. */
export function draftOf(feed: Feed, kind: FeedKind): FeedDraft {
  const config = feed.config as Record<string, unknown>;
  const rows = kind.rows ? (config[kind.rows.key] as Record<string, unknown>[]) : [];
  return {
    name: feed.name,
    kind: kind.kind,
    values: texts(kind.fields, config),
    rows: rows.map((row, key) => ({ key, values: texts(kind.rows?.fields ?? [], row) })),
  };
}

/** A further row: like the last, but for what tells them apart. */
export function withRow(draft: FeedDraft, kind: FeedKind): FeedDraft {
  const fields = kind.rows?.fields ?? [];
  const key = Math.max(0, ...draft.rows.map((row) => row.key)) + 1;
  const last = draft.rows.at(-1)?.values ?? {};
  const same = fields.filter((field) => field.initial !== undefined || field.long || field.key === "uri");
  const values = {
    ...initial(fields),
    ...Object.fromEntries(same.map(({ key }) => [key, last[key] ?? ""])),
  };
  return { ...draft, rows: [...draft.rows, { key, values }] };
}

/** What the API takes. */
export function configOf(draft: FeedDraft, kind: FeedKind): Config {
  const { rows } = kind;
  const listed = rows ? { [rows.key]: draft.rows.map((row) => fields(rows.fields, row.values)) } : {};
  return { kind: draft.kind, ...fields(kind.fields, draft.values), ...listed } as Config;
}

/** Whether every field that is needed is filled in; what is in them the server judges. */
export function isComplete(draft: FeedDraft, kind: FeedKind): boolean {
  const isFilled = (fields: FeedField[], values: Values) =>
    fields.every((field) => !field.required || words(values[field.key] ?? "").length > 0);
  const rows = kind.rows;
  const areRowsFilled =
    !rows || (draft.rows.length > 0 && draft.rows.every((row) => isFilled(rows.fields, row.values)));
  return Boolean(draft.name.trim()) && isFilled(kind.fields, draft.values) && areRowsFilled;
}

function initial(fields: FeedField[]): Values {
  return Object.fromEntries(fields.map((field) => [field.key, field.initial ?? ""]));
}

function texts(fields: FeedField[], config: Record<string, unknown>): Values {
  const text = (value: unknown) => (Array.isArray(value) ? value.join(" ") : String(value ?? ""));
  return Object.fromEntries(fields.map(({ key }) => [key, text(config[key])]));
}

function fields(fields: FeedField[], values: Values): Record<string, unknown> {
  const value = ({ key, list }: FeedField) => {
    const text = values[key] ?? "";
    return list ? words(text) : text.trim() || null;
  };
  return Object.fromEntries(fields.map((field) => [field.key, value(field)]));
}
