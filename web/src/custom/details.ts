import type { CustomDetails, DetailsChange } from "~/api/model";
import type { Problem } from "~/api/problem";
import { category, reboot, severity } from "~/display/words";

/** What is said of a patch, as it stands in the form. */
export type Draft = Record<keyof CustomDetails, string>;

/** How a field's text is one value, or several of them. */
type Shape = "text" | "words" | "lines" | "numbers";

/** One field of the form, under the API's name for it. */
export type DetailField = {
  key: keyof CustomDetails;
  label: string;
  description?: string;
  placeholder?: string;
  required?: boolean;
  shape?: Shape;
  /** Its text may have several lines. */
  long?: boolean;
  options?: { value: string; label: string }[];
};

/** Fields that belong together. */
export type DetailGroup = { legend: string; fields: DetailField[] };

const choice = (values: string[], word: (value: string) => { label: string }) =>
  values.map((value) => ({ value, label: word(value).label }));

const ABOUT: DetailGroup = {
  legend: "What it is",
  fields: [
    { key: "title", label: "Title", required: true },
    { key: "vendor", label: "Vendor", required: true },
    { key: "app_family", label: "Product", description: "Family of products it belongs to", required: true },
    { key: "reboot", label: "Restart", options: choice(["never", "maybe", "required"], reboot) },
    { key: "description", label: "Description", long: true },
  ],
};

const SECURITY: DetailGroup = {
  legend: "What it fixes",
  fields: [
    { key: "category", label: "Category", options: choice(["non-security", "security"], category) },
    {
      key: "severity",
      label: "Severity",
      options: choice(["none", "low", "moderate", "important", "critical"], severity),
    },
    { key: "cves", label: "CVEs", description: "With spaces between them", shape: "words", long: true },
    { key: "bulletin", label: "Advisory" },
    { key: "advisory_url", label: "Address of the advisory", placeholder: "https://" },
  ],
};

const LINUX: DetailGroup = {
  legend: "Whose machines it is for",
  fields: [
    {
      key: "release",
      label: "Release",
      description: "No such file says it itself",
      placeholder: "debian/bookworm",
      required: true,
    },
  ],
};

const INSTALLED: DetailGroup = {
  legend: "How Windows shows it once it is installed",
  fields: [
    { key: "product_name", label: "Name", description: "In the list of installed applications" },
    { key: "publisher", label: "Publisher" },
    { key: "version", label: "Version", required: true },
    {
      key: "architecture",
      label: "Architecture",
      options: [
        { value: "", label: "All" },
        ...["x86", "x64", "arm", "arm64"].map((value) => ({ value, label: value })),
      ],
    },
    { key: "product_codes", label: "Product codes", description: "One a line", shape: "lines", long: true },
    {
      key: "upgrade_codes",
      label: "Upgrade codes",
      description: "One a line; all its versions share them",
      shape: "lines",
      long: true,
    },
  ],
};

const UNATTENDED: DetailGroup = {
  legend: "How it installs without asking",
  fields: [
    { key: "silent_arguments", label: "Silent arguments", placeholder: "/S" },
    {
      key: "success_codes",
      label: "Exit codes of success",
      description: "Beside 0, with spaces between them",
      shape: "numbers",
    },
    {
      key: "reboot_codes",
      label: "Exit codes of success after a restart",
      description: "With spaces between them",
      shape: "numbers",
    },
  ],
};

/** Whether a file of this kind is for Windows. */
export const isForWindows = (kind: string) => kind === "msi" || kind === "exe";

/** What may be said of a patch whose file is of this kind. */
export function groupsOf(kind: string): DetailGroup[] {
  return isForWindows(kind) ? [ABOUT, SECURITY, INSTALLED, UNATTENDED] : [LINUX, ABOUT, SECURITY];
}

const fieldsOf = (kind: string) => groupsOf(kind).flatMap(({ fields }) => fields);
const shapeOf = (key: string): Shape =>
  [ABOUT, SECURITY, LINUX, INSTALLED, UNATTENDED]
    .flatMap(({ fields }) => fields)
    .find((field) => field.key === key)?.shape ?? "text";

/** What is said of a patch, for the form. */
export function draftOf(details: CustomDetails): Draft {
  const texts = Object.entries(details).map(([key, value]) => [
    key,
    Array.isArray(value) ? value.join(shapeOf(key) === "lines" ? "\n" : " ") : value,
  ]);
  return Object.fromEntries(texts) as Draft;
}

/** The parts of a text that stands for several values. */
function partsOf(text: string, shape: Shape): string[] {
  const parts = shape === "lines" ? text.split("\n") : text.split(/[\s,;]+/);
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

/** What the form says, as the API takes it; what does not fit the kind of file is left out. */
export function changeOf(draft: Draft, kind: string): DetailsChange {
  const values = fieldsOf(kind).map(({ key, shape = "text" }) => {
    if (shape === "text") return [key, draft[key]];
    const parts = partsOf(draft[key], shape);
    return [key, shape === "numbers" ? parts.map(Number) : parts];
  });
  return Object.fromEntries(values) as DetailsChange;
}

/** What is wrong by itself, before the server is asked: numbers that are none could not even be sent. */
export function flawsOf(draft: Draft, kind: string): Partial<Draft> {
  const wrong = fieldsOf(kind).filter(
    ({ key, shape }) =>
      shape === "numbers" && partsOf(draft[key], shape).some((part) => !/^-?\d{1,12}$/.test(part)),
  );
  return Object.fromEntries(wrong.map(({ key }) => [key, "Whole numbers, such as 3010."]));
}

/** The server's complaints by field; those about one of several values name that value. */
export function complaintsOf(problem: Problem | null, draft: Draft): Partial<Draft> {
  const found: Partial<Draft> = {};
  for (const { field, message } of problem?.fields ?? []) {
    const [, key = "", at] = /^details\.(\w+)(?:\[(\d+)\])?$/.exec(field) ?? [];
    if (!(key in draft)) continue;
    const name = key as keyof Draft;
    const value = at === undefined ? undefined : partsOf(draft[name], shapeOf(name))[Number(at)];
    const words = value === undefined ? message : `“${value}” ${message}`;
    found[name] = found[name] ? `${found[name]}; ${words}` : words;
  }
  return found;
}
