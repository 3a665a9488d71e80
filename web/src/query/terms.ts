import { type Token, tokens } from "./lexer";

/** One of the parts of a query that must all hold. */
export type Part = {
  /** As it is written. */
  text: string;
  /** The field it tests, when it is one test of one field. */
  field?: string;
  /** The values it allows, as written, when it is `field:value` or `field:[A, B]`. */
  values?: string[];
  /** What is asked of related records, when it is `field:( … )`. */
  inner?: string;
};

/** Gives the one name of a field that may be written under several. */
export type Naming = (name: string) => string;

const plainNaming: Naming = (name) => name.toLowerCase();

/**
 * The parts of a query joined by `and`, or nothing when brackets or quotes do not fit. A query whose outermost
 * word is `or` is one part, in parentheses.
 */
export function partsOf(query: string): Part[] | undefined {
  const words = tokens(query);
  if (!balanced(words)) return undefined;
  const parts: Part[] = [];
  for (let at = 0; at < words.length; ) {
    const word = words[at] as Token;
    if (word.kind === "keyword" && /^and$/i.test(word.text)) {
      at += 1;
      continue;
    }
    if (word.kind === "keyword" && /^or$/i.test(word.text)) return [{ text: `(${query.trim()})` }];
    const end = endOfPart(words, at);
    if (end === undefined) return undefined;
    parts.push(part(query, words.slice(at, end)));
    at = end;
  }
  return parts;
}

function balanced(words: Token[]): boolean {
  const open: string[] = [];
  for (const { kind, text } of words) {
    if (kind === "open") open.push(text);
    // A range may begin and end with brackets of different kinds.
    else if (kind === "close" && open.pop() === undefined) return false;
    else if (/^["`]/.test(text) && (text.length === 1 || text.at(-1) !== text[0])) return false;
  }
  return open.length === 0;
}

/** Index after the part that begins at `at`. */
function endOfPart(words: Token[], at: number): number | undefined {
  const word = words[at];
  if (!word) return undefined;
  if (word.kind === "keyword" && /^not$/i.test(word.text)) return endOfPart(words, at + 1);
  if (word.kind === "open") return afterGroup(words, at);
  if (word.kind !== "field") return word.kind === "free" ? at + 1 : undefined;
  if (/^is$/i.test(words[at + 1]?.text ?? "")) return at + (/^not$/i.test(words[at + 2]?.text ?? "") ? 4 : 3);
  const value = words[at + 2];
  if (!value) return undefined;
  return value.kind === "open" ? afterGroup(words, at + 2) : at + 3;
}

function afterGroup(words: Token[], at: number): number {
  let depth = 0;
  for (let here = at; here < words.length; here++) {
    if (words[here]?.kind === "open") depth += 1;
    if (words[here]?.kind === "close") depth -= 1;
    if (depth === 0) return here + 1;
  }
  return words.length;
}

function part(query: string, words: Token[]): Part {
  const [name, operator, first, ...rest] = words;
  const text = query.slice(name?.from, words.at(-1)?.to);
  if (name?.kind !== "field") return { text };
  if (operator?.kind !== "operator" || !first || !/^[:=]$/.test(operator.text)) {
    return { text, field: name.text };
  }
  if (first.kind === "value") return { text, field: name.text, values: [first.text] };
  const inner = rest.slice(0, -1);
  if (first.text === "(" && !inner.some(({ text: word }) => word === ".."))
    return { text, field: name.text, inner: query.slice(first.to, rest.at(-1)?.from) };
  const isList =
    first.text === "[" && inner.every(({ kind, text: word }) => kind !== "open" && word !== "..");
  return isList ? { text, field: name.text, values: listed(query, inner) } : { text, field: name.text };
}

/** The values between commas. */
function listed(query: string, words: Token[]): string[] {
  const values: string[] = [];
  let from: number | undefined;
  words.forEach((word, at) => {
    if (word.kind !== "comma") from ??= word.from;
    if (from !== undefined && (word.kind === "comma" || at === words.length - 1)) {
      values.push(query.slice(from, word.kind === "comma" ? words[at - 1]?.to : word.to));
      from = undefined;
    }
  });
  return values;
}

const YES_NO: Record<string, string> = { yes: "true", no: "false" };

/** Whether two values as written mean the same: case matters to nobody, quotes do. */
function sameValue(a: string, b: string): boolean {
  const plain = (value: string) => YES_NO[value.toLowerCase()] ?? value.toLowerCase();
  return plain(a) === plain(b);
}

const join = (parts: { text: string }[]) => parts.map(({ text }) => text).join(" and ");

/** What a part asks of what; of related records, as in `missing:(severity:low and kev:yes)`, the first values. */
type Asked = {
  /** The same for parts that differ only in their values. */
  same: string;
  values?: string[];
  /** The part with other values. */
  withValues: (values: string[]) => Part;
};

function asked(each: Part, naming: Naming): Asked | undefined {
  const { field, values, inner } = each;
  if (!field) return undefined;
  if (inner === undefined) return { same: naming(field), values, withValues: (list) => term(field, list) };
  const parts = partsOf(inner) ?? [];
  const key = parts.findIndex((part) => part.values);
  const what = parts[key]?.field;
  if (what === undefined) return undefined;
  const shape = parts.map(({ text }, at) => (at === key ? what : text).toLowerCase()).join(" and ");
  return {
    same: `${naming(field)}:(${shape})`,
    values: parts[key]?.values,
    withValues: (list) => ({ text: `${field}:(${join(parts.with(key, term(what, list)))})`, field }),
  };
}

const term = (field: string, values: string[]): Part => ({
  text: values.length === 1 ? `${field}:${values[0]}` : `${field}:[${values.join(", ")}]`,
  field,
  values,
});

/** The parts of a query that ask of the same as a term, whatever the values. */
function alike(query: string, sample: string, naming: Naming): Part[] {
  const [what] = partsOf(sample) ?? [];
  const same = what && asked(what, naming)?.same;
  return same ? (partsOf(query)?.filter((each) => asked(each, naming)?.same === same) ?? []) : [];
}

/** The terms, each of one value, that a query holds of what a term asks of. */
export function termsLike(query: string, sample: string, naming: Naming = plainNaming): string[] {
  return alike(query, sample, naming).flatMap((each) => {
    const own = asked(each, naming);
    return own?.values?.map((value) => own.withValues([value]).text) ?? [];
  });
}

/** The query without what it asks of the same as a term. */
export function withoutLike(query: string, sample: string, naming: Naming = plainNaming): string {
  const own = new Set(alike(query, sample, naming).map(({ text }) => text));
  return own.size ? join((partsOf(query) ?? []).filter(({ text }) => !own.has(text))) : query;
}

/** Whether a query already demands this term, alone or as one of several values. */
export function hasTerm(query: string, wanted: string, naming: Naming = plainNaming): boolean {
  const [what] = partsOf(wanted) ?? [];
  const parts = partsOf(query);
  if (!what || !parts) return false;
  return parts.some((each) => holds(each, what, naming));
}

function holds(each: Part, what: Part, naming: Naming): boolean {
  if (sameValue(each.text, what.text)) return true;
  const [own, other] = [asked(each, naming), asked(what, naming)];
  const value = other?.values?.[0];
  if (!own || value === undefined || own.same !== other?.same) return false;
  return own.values?.some((one) => sameValue(one, value)) ?? false;
}

/**
 * Puts a term into a query, or takes it out when it is there. Several values of one field become a list, of
 * which any may hold; with `single`, a value takes the place of the one before.
 */
export function toggleTerm(
  query: string,
  wanted: string,
  { naming = plainNaming, single = false }: { naming?: Naming; single?: boolean } = {},
): string {
  const parts = partsOf(query);
  const [what, ...more] = partsOf(wanted) ?? [];
  if (!parts || !what || more.length) return query.trim() ? `(${query.trim()}) and ${wanted}` : wanted;
  const test = asked(what, naming);
  const value = test?.values?.[0];
  const at = parts.findIndex((each) => holds(each, what, naming));
  if (at >= 0) {
    const own = asked(parts[at] as Part, naming);
    const left = own?.values?.filter((one) => value === undefined || !sameValue(one, value)) ?? [];
    const kept = own && left.length && value !== undefined ? [own.withValues(left)] : [];
    return join(parts.toSpliced(at, 1, ...kept));
  }
  const beside = parts.findIndex((each) => test !== undefined && asked(each, naming)?.same === test.same);
  const other = beside < 0 ? undefined : asked(parts[beside] as Part, naming);
  if (!other || (!single && !other.values && value !== undefined)) return join([...parts, what]);
  if (single || value === undefined || !other.values) return join(parts.toSpliced(beside, 1, what));
  return join(parts.toSpliced(beside, 1, other.withValues([...other.values, value])));
}

/** The query without what it demands of one field. */
export function withoutField(query: string, field: string, naming: Naming = plainNaming): string {
  const parts = partsOf(query);
  if (!parts) return query;
  return join(parts.filter((each) => !each.field || naming(each.field) !== naming(field)));
}

/** Both queries at once. */
export function both(query: string, more: string): string {
  if (!query.trim()) return more;
  const parts = partsOf(query);
  return parts ? join([...parts, { text: more }]) : `(${query.trim()}) and ${more}`;
}

/** What somebody typed, as words that are searched for: whatever stands in it, it is no syntax. */
export function words(typed: string): string {
  const plain = typed.replaceAll(/["\\]/g, " ").trim();
  return plain ? `"${plain}"` : "";
}

/** The whole exact value of a field. */
export function exactly(field: string, value: string): string {
  // A backtick cannot stand in an exact value; words find what is left of it.
  return value.includes("`") ? `${field}:${words(value)}` : `${field}:\`${value}\``;
}
