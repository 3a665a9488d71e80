/**
 * Page state as it stands in the address: every key once or several times, nothing encoded twice.
 * Keys that are not set are left out, so that a page in its default state has a bare address.
 */
export type Raw = Record<string, string | string[]>;

/** Reads `?a=1&b=2&b=3` as `{a: "1", b: ["2", "3"]}`. */
export function parseAddress(search: string): Raw {
  const found: Raw = {};
  for (const [key, value] of new URLSearchParams(search)) {
    const before = found[key];
    found[key] = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value];
  }
  return found;
}

/** The reverse of {@link parseAddress}; also writes booleans and numbers. */
export function writeAddress(state: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(state)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) params.append(key, String(one));
    }
  }
  // A colon and a comma need no escape in a query, and ids and column lists read better without.
  const text = params.toString().replaceAll("%3A", ":").replaceAll("%2C", ",").replaceAll("%2F", "/");
  return text ? `?${text}` : "";
}

/** One text, or nothing. */
export function text(raw: unknown): string | undefined {
  const one = Array.isArray(raw) ? raw[0] : raw;
  return typeof one === "string" && one !== "" ? one : undefined;
}

/** One text, which may be empty where that says something, or nothing. */
export function textOrEmpty(raw: unknown): string | undefined {
  const one = Array.isArray(raw) ? raw[0] : raw;
  return typeof one === "string" ? one : undefined;
}

/** Several texts, or nothing. */
export function texts(raw: unknown): string[] | undefined {
  const all = (Array.isArray(raw) ? raw : [raw]).filter(
    (one): one is string => typeof one === "string" && one !== "",
  );
  return all.length ? [...new Set(all)] : undefined;
}

/** Yes, no, or nothing. */
export function flag(raw: unknown): boolean | undefined {
  if (raw === true || raw === "true") return true;
  if (raw === false || raw === "false") return false;
  return undefined;
}

/** One of a closed set, or nothing. */
export function oneOf<T extends string>(allowed: readonly T[], raw: unknown): T | undefined {
  return allowed.find((one) => one === raw);
}

/** Marks every part of an address as one that links may leave out. */
export function optional<T extends object>(address: T): Partial<T> {
  return address;
}
