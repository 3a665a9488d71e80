/** One value that differs, with the way to it: `schedule.at`. */
export type Difference = { path: string; before: string | undefined; after: string | undefined };

/** What differs between two records, field by field; lists are compared as a whole. */
export function differences(before: unknown, after: unknown): Difference[] {
  const old = flat(before);
  const now = flat(after);
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((path) => old.get(path) !== now.get(path))
    .map((path) => ({ path, before: old.get(path), after: now.get(path) }));
}

function flat(value: unknown, path = ""): Map<string, string> {
  if (value === null || value === undefined) return new Map(path && value === null ? [[path, "null"]] : []);
  if (typeof value !== "object" || Array.isArray(value)) {
    return new Map([[path || "value", typeof value === "string" ? value : JSON.stringify(value)]]);
  }
  const entries = Object.entries(value).flatMap(([key, inner]) => [
    ...flat(inner, path ? `${path}.${key}` : key),
  ]);
  return new Map(entries);
}
