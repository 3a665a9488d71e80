import { type Token, tokens } from "../src/query/lexer.ts";
import type { MockField } from "./field.ts";
import { fieldNamed, fieldsOf, RELATIONS } from "./fields.ts";
import { findings, patches } from "./world.ts";

// The query language as far as the invented installation needs it. What queries really mean is the server's
// business; this one is only good enough to see the console at work.

export type Truth = "yes" | "no" | "unknown";
type Row = { id: string; scan_status?: string };
export type Test = (row: Row) => Truth;

/** What is wrong with a query, as the API says it. */
export class Wrong extends Error {
  constructor(
    readonly from: number,
    readonly to: number,
    message: string,
    readonly expected: string,
    readonly suggestion: string | null = null,
  ) {
    super(message);
  }
}

const of = (value: boolean): Truth => (value ? "yes" : "no");
const not = (truth: Truth): Truth => (truth === "yes" ? "no" : truth === "no" ? "yes" : "unknown");
const all = (truths: Truth[]): Truth =>
  truths.includes("no") ? "no" : truths.includes("unknown") ? "unknown" : "yes";
const any = (truths: Truth[]): Truth => not(all(truths.map(not)));

/** Whether a good scan tells what an asset misses. */
const isKnown = (row: Row) =>
  row.scan_status === undefined || ["scanned", "scanning"].includes(row.scan_status);

/** Reads a query; throws {@link Wrong}. */
export function readQuery(entity: string, text: string): Test {
  const reader = new Reader(entity, text);
  const test = reader.either();
  reader.end();
  return test;
}

class Reader {
  private at = 0;
  private readonly words: Token[];

  constructor(
    private readonly entity: string,
    private readonly text: string,
    words?: Token[],
  ) {
    this.words = words ?? tokens(text);
  }

  private next(): Token | undefined {
    return this.words[this.at];
  }
  private is(word: string): boolean {
    const next = this.next();
    return next?.kind === "keyword" && next.text.toLowerCase() === word;
  }

  end() {
    const left = this.next();
    if (left)
      throw new Wrong(
        left.from,
        left.to,
        `“${left.text}” does not fit here.`,
        "expected and, or, or the end",
      );
  }

  either(): Test {
    const parts = [this.every()];
    while (this.is("or")) {
      this.at += 1;
      parts.push(this.every());
    }
    return parts.length === 1 ? (parts[0] as Test) : (row) => any(parts.map((part) => part(row)));
  }

  private every(): Test {
    const parts: Test[] = [];
    while (this.next() && !this.is("or") && this.next()?.kind !== "close") {
      if (this.is("and")) this.at += 1;
      else parts.push(this.one());
    }
    return (row) => all(parts.map((part) => part(row)));
  }

  private one(): Test {
    const word = this.next();
    if (!word)
      throw new Wrong(this.text.length, this.text.length, "The query ends too soon.", "expected a term");
    this.at += 1;
    if (word.kind === "keyword" && /^not$/i.test(word.text)) {
      const inner = this.one();
      return (row) => not(inner(row));
    }
    if (word.kind === "open") return this.group(() => this.either());
    if (word.kind === "field") return this.term(word);
    if (word.kind !== "free")
      throw new Wrong(word.from, word.to, `“${word.text}” does not fit here.`, "expected a term");
    const main = (fieldsOf[this.entity] ?? []).filter((field) => field.main);
    return (row) => of(main.some((field) => field.values(row).some((value) => matches(word.text, value))));
  }

  private group<T>(inside: () => T): T {
    const inner = inside();
    if (this.next()?.kind !== "close") {
      throw new Wrong(this.text.length, this.text.length, "A parenthesis is not closed.", "expected )");
    }
    this.at += 1;
    return inner;
  }

  private term(name: Token): Test {
    const [first = "", ...rest] = name.text.split(".");
    const relation = RELATIONS.find((one) => one === first.toLowerCase());
    const field = fieldNamed(this.entity, name.text);
    if (!field && relation && this.entity === "asset") {
      const test = rest.length ? this.compare(this.field("patch", name, rest.join("."))) : this.nested();
      return (row) => related(row, relation, test);
    }
    const test = this.compare(this.field(this.entity, name, name.text));
    const known = field?.findings ?? false;
    return (row) => (known && !isKnown(row) && test(row) === "no" ? "unknown" : test(row));
  }

  private nested(): Test {
    this.at += 1;
    const words = this.words.slice(this.at);
    if (words[0]?.kind !== "open") return () => "yes";
    this.at += 1;
    const before = this.at;
    const inner = new Reader("patch", this.text, this.words.slice(before));
    const test = inner.either();
    this.at = before + inner.at;
    return this.group(() => test);
  }

  private field(entity: string, place: Token, name: string): MockField {
    const found = fieldNamed(entity, name);
    if (found) return found;
    const near = nearest(
      name,
      (fieldsOf[entity] ?? []).flatMap((field) => [field.name, ...field.aliases]),
    );
    throw new Wrong(
      place.from,
      place.to,
      `There is no field “${name}”.`,
      `expected a field of ${entity}s`,
      near,
    );
  }

  private compare(field: MockField): Test {
    const operator = this.next();
    this.at += 1;
    if (operator?.kind === "keyword") {
      const absent = !this.is("not");
      this.at += absent ? 1 : 2;
      return (row) => of(field.values(row).every((value) => value === null || value === "") === absent);
    }
    const value = this.next();
    if (!operator || !value) {
      const end = this.text.length;
      throw new Wrong(end, end, `${field.name} has no value.`, `expected a value such as ${field.example}`);
    }
    this.at += 1;
    if (value.kind === "open") {
      const values = this.group(() => {
        const listed: Token[] = [];
        while (this.next() && this.next()?.kind !== "close") {
          const word = this.next() as Token;
          if (word.kind !== "comma") listed.push(word);
          this.at += 1;
        }
        return listed;
      });
      const tests = values.map((one) => compared(field, operator.text, one));
      return (row) => any(tests.map((test) => test(row)));
    }
    return compared(field, operator.text, value);
  }
}

function related(row: Row, relation: "missing" | "installed", test: Test): Truth {
  const own = findings.get(row.id)?.[relation] ?? new Set();
  const found = patches.some((patch) => own.has(patch.id) && test(patch) === "yes");
  return found ? "yes" : isKnown(row) ? "no" : "unknown";
}

const UNITS: Record<string, number> = { s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5, M: 2592e6, y: 31536e6 };
const SIZES: Record<string, number> = {
  "": 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib: 1048576,
  gib: 1073741824,
};

function amount(field: MockField, place: Token): number {
  const text = bare(place.text);
  const back = /^(?:now|today)(?:([+-]\d+)([smhdwMy]))?$/.exec(text);
  const size = /^([\d.]+)([a-z]*)$/i.exec(text);
  const number =
    field.kind === "moment"
      ? back
        ? Date.now() + Number(back[1] ?? 0) * (UNITS[back[2] ?? ""] ?? 0)
        : Date.parse(text)
      : field.kind === "choice"
        ? field.members.indexOf(text)
        : Number(size?.[1]) * (SIZES[size?.[2]?.toLowerCase() ?? ""] ?? Number.NaN);
  if (Number.isNaN(number) || number < 0)
    throw new Wrong(
      place.from,
      place.to,
      `“${text}” is no value of ${field.name}.`,
      `expected one as in ${field.example}`,
    );
  return number;
}

function compared(field: MockField, operator: string, place: Token): Test {
  const text = bare(place.text);
  if (text === "*") return (row) => of(field.values(row).some((value) => value !== null && value !== ""));
  if (field.kind === "flag") {
    if (!/^(yes|no|true|false)$/i.test(text))
      throw new Wrong(place.from, place.to, `“${text}” is neither yes nor no.`, "expected yes or no", "yes");
    return (row) => of(field.values(row)[0] === /^(yes|true)$/i.test(text));
  }
  if (field.kind === "choice" && !field.members.includes(text)) {
    const listed = field.members.join(", ");
    throw new Wrong(
      place.from,
      place.to,
      `${field.name} is never “${text}”.`,
      `expected one of ${listed}`,
      nearest(text, field.members),
    );
  }
  if (field.kind === "text" || (field.kind === "choice" && /^[:=]$/.test(operator))) {
    return (row) => of(field.values(row).some((value) => matches(place.text, value)));
  }
  const wanted = amount(field, place);
  return (row) =>
    of(
      field.values(row).some((value) => {
        if (value === null) return false;
        const number = field.kind === "choice" ? field.members.indexOf(String(value)) : Number(value);
        const order = Math.sign(number - wanted);
        return {
          ":": order === 0,
          "=": order === 0,
          "<": order < 0,
          "<=": order <= 0,
          ">": order > 0,
          ">=": order >= 0,
        }[operator];
      }),
    );
}

const bare = (text: string) => (/^["`]/.test(text) ? text.slice(1, -1) : text);

/** Texts match by words, each by its beginning; in backticks the whole value. */
function matches(written: string, value: string | number | boolean | null): boolean {
  if (value === null) return false;
  const has = String(value).toLowerCase();
  const wanted = bare(written).toLowerCase();
  if (written.startsWith("`")) return has === wanted;
  const cut = (text: string) => text.split(/[^\p{L}\p{N}.*]+/u).filter(Boolean);
  const words = cut(has);
  return cut(wanted).every((word) => words.some((one) => one.startsWith(word.replaceAll("*", ""))));
}

function nearest(name: string, names: string[]): string | null {
  const scored = names.map((each) => [distance(name.toLowerCase(), each.toLowerCase()), each] as const);
  const [best] = scored.toSorted(([a], [b]) => a - b);
  return best && best[0] <= Math.max(2, name.length / 3) ? best[1] : null;
}

function distance(a: string, b: string): number {
  let before = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const now = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (before[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      now.push(Math.min(changed, (before[j] ?? 0) + 1, (now[j - 1] ?? 0) + 1));
    }
    before = now;
  }
  return before[b.length] ?? 0;
}
