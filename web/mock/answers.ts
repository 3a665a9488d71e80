import { HttpResponse } from "msw";

/** Refuses like the server does. */
export function refuse(
  status: number,
  code: string,
  title: string,
  detail: string,
  errors: { field: string; message: string }[] = [],
) {
  return HttpResponse.json(
    { status, code, title, detail, errors },
    { status, headers: { "content-type": "application/problem+json" } },
  );
}

export const notFound = (what: string) =>
  refuse(404, "not-found", "Not found.", `There is no such ${what}, or it is outside your scope.`);

/** One page of rows, with the cursor of the next. */
export function page<T>(rows: T[], url: URL, more: object = {}) {
  const limit = Number(url.searchParams.get("limit") ?? 50);
  const start = Number(url.searchParams.get("cursor") ?? 0);
  const end = start + limit;
  return HttpResponse.json({
    items: rows.slice(start, end),
    total: rows.length,
    next: end < rows.length ? String(end) : null,
    ...more,
  });
}

/** Sorts by the column the request names. */
export function sorted<T extends object>(rows: T[], url: URL, usual: string): T[] {
  const sort = url.searchParams.get("sort") ?? usual;
  const key = sort.replace(/^-/, "") as keyof T;
  const way = sort.startsWith("-") ? -1 : 1;
  const plain = (value: unknown) => (typeof value === "number" ? value : String(value ?? ""));
  return rows.toSorted((a, b) => {
    const [left, right] = [plain(a[key]), plain(b[key])];
    const order =
      typeof left === "number" && typeof right === "number"
        ? left - right
        : String(left).localeCompare(String(right));
    return order * way;
  });
}

/** Whether one of the comma-separated values is there; no values: yes. */
export function anyOf(url: URL, name: string, has: (value: string) => boolean): boolean {
  const given = url.searchParams.get(name);
  return !given || given.split(",").some(has);
}

/** Whether a yes-or-no parameter fits; left out: yes. */
export function fits(url: URL, name: string, value: boolean): boolean {
  const given = url.searchParams.get(name);
  return given === null || (given === "true") === value;
}
