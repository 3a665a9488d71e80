import { HttpResponse, http } from "msw";
import { tokens } from "../src/query/lexer.ts";
import { fieldNamed, fieldsOf, RELATIONS } from "./fields.ts";
import { readQuery, type Truth, Wrong } from "./language.ts";
import { assets, patches, uuid } from "./world.ts";

const V = "*/api/v1";

/** What every answer about the fleet carries: the version of the index. */
export const VERSION = "5eed-7-0";

/** The rows a query lists, and how many nobody knows of. */
export function ask<T extends { id: string }>(
  entity: string,
  text: string,
  rows: T[],
  truth: string | null = null,
): { rows: T[]; unknown: number } {
  const test = readQuery(entity, text);
  const truths = rows.map((row) => [test(row), row] as const);
  const having = (wanted: Truth) => truths.flatMap(([truth, row]) => (truth === wanted ? [row] : []));
  if (truth === "unknown") return { rows: having("unknown"), unknown: 0 };
  return { rows: having("yes"), unknown: having("unknown").length };
}

/** Answers, or refuses as the server does when a query is wrong. */
export function refusing(url: URL, answer: () => Response): Response {
  try {
    return answer();
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    const field = url.searchParams.get("query") === null ? "patches" : "query";
    const { message, from, to, expected, suggestion } = error;
    return HttpResponse.json(
      {
        status: 400,
        code: "bad-query",
        title: "The query cannot be understood.",
        detail: "Mend the query: errors says where it is wrong and what would be right.",
        errors: [{ field, message, from, to, expected, suggestion }],
      },
      { status: 400, headers: { "content-type": "application/problem+json" } },
    );
  }
}

/** Counts the values of every facet. */
export function facetsOf(entity: string, rows: object[]) {
  return (fieldsOf[entity] ?? [])
    .filter((field) => field.facet)
    .map((field) => {
      const counts = new Map<string, number>();
      for (const row of rows)
        for (const value of new Set(field.values(row).map(String)))
          if (value !== "null" && value !== "") counts.set(value, (counts.get(value) ?? 0) + 1);
      const values = [...counts]
        .toSorted(([a, x], [b, y]) => y - x || a.localeCompare(b))
        .map(([value, count]) => ({
          value,
          label:
            field.kind === "flag" ? (value === "true" ? "Yes" : "No") : words(value, field.kind === "choice"),
          count,
          term: `${field.name}:${field.kind === "text" ? `\`${value}\`` : value}`,
        }));
      return { field: field.name, label: field.label, values };
    });
}

function words(value: string, isWord: boolean): string {
  const text = value.replaceAll("_", " ");
  return isWord ? text.charAt(0).toUpperCase() + text.slice(1) : value;
}

/** Sorts by the field the request names. */
export function ordered<T extends object>(entity: string, rows: T[], sort: string): T[] {
  const field = fieldNamed(entity, sort.replace(/^-/, ""));
  if (!field) return rows;
  const way = sort.startsWith("-") ? -1 : 1;
  const value = (row: T) => {
    const [one = null] = field.values(row);
    return field.kind === "choice" && one !== null ? field.members.indexOf(String(one)) : one;
  };
  return rows.toSorted((a, b) => {
    const [left, right] = [value(a), value(b)];
    if (left === null || right === null) return (Number(left !== null) - Number(right !== null)) * way;
    const order =
      typeof left === "number" && typeof right === "number"
        ? left - right
        : String(left).localeCompare(String(right));
    return order * way;
  });
}

type Item = { insert: string; label: string; detail: string | null; kind: string; count?: number };

function suggestions(entity: string, text: string, cursor: number) {
  const before = tokens(text.slice(0, cursor));
  const last = before.at(-1);
  const operator = last?.kind === "value" ? before.at(-2) : last;
  const name = last?.kind === "value" ? before.at(-3) : before.at(-2);
  if (
    operator?.kind === "operator" &&
    name?.kind === "field" &&
    (last?.kind === "operator" || last?.to === cursor)
  ) {
    const typed = last?.kind === "value" ? last.text.toLowerCase() : "";
    const [relation = "", ...inner] = name.text.split(".");
    const own = fieldNamed(entity, name.text);
    const field =
      own ?? (RELATIONS.some((one) => one === relation) ? fieldNamed("patch", inner.join(".")) : undefined);
    const [facet] = field
      ? facetsOf(own ? entity : "patch", own ? rowsOf(entity) : patches).filter(
          (one) => one.field === field.name,
        )
      : [];
    const items = (facet?.values ?? [])
      .filter(({ value }) => value.toLowerCase().includes(typed))
      .slice(0, 20)
      .map(({ term, label, count }): Item => {
        const insert = term.slice(term.indexOf(":") + 1);
        return { insert, label: insert, detail: label === insert ? null : label, kind: "value", count };
      });
    return { from: last?.kind === "value" ? last.from : cursor, to: cursor, items };
  }
  const typed = (
    last && last.to === cursor && /free|keyword|field/.test(last.kind) ? last.text : ""
  ).toLowerCase();
  const fields = (fieldsOf[entity] ?? []).map(
    (field): Item => ({ insert: `${field.name}:`, label: field.name, detail: field.help, kind: "field" }),
  );
  const relations =
    entity === "asset"
      ? RELATIONS.map(
          (one): Item => ({ insert: `${one}:(`, label: one, detail: "Patches", kind: "relation" }),
        )
      : [];
  const keywords = typed
    ? ["and", "or", "not"].map(
        (one): Item => ({ insert: `${one} `, label: one, detail: null, kind: "keyword" }),
      )
    : [];
  const items = [...fields, ...relations, ...keywords].filter(({ label }) =>
    label.toLowerCase().includes(typed),
  );
  items.sort(
    (a, b) =>
      Number(b.label.toLowerCase().startsWith(typed)) - Number(a.label.toLowerCase().startsWith(typed)),
  );
  return { from: cursor - typed.length, to: cursor, items: items.slice(0, 30) };
}

const rowsOf = (entity: string): object[] =>
  entity === "patch" ? patches : entity === "asset" ? assets : [];

type Search = {
  id: string;
  entity: string;
  name: string;
  query: string;
  beside: string;
  created_at: string;
  updated_at: string;
};
const saved: Search[] = [];
let recent: { entity: string; query: string; beside: string; used_at: string }[] = [];
const entityOf = (request: Request) => new URL(request.url).searchParams.get("entity") ?? "asset";

/** Forgets what was searched for: each test begins without. */
export function forgetSearches(): void {
  saved.length = 0;
  recent = [];
}

export const askingHandlers = [
  http.get(`${V}/query/suggest`, ({ request }) => {
    const { searchParams } = new URL(request.url);
    const text = searchParams.get("text") ?? "";
    return HttpResponse.json(
      suggestions(entityOf(request), text, Number(searchParams.get("cursor") ?? text.length)),
    );
  }),
  http.get(`${V}/query/explain`, ({ request }) => {
    const text = new URL(request.url).searchParams.get("text") ?? "";
    try {
      readQuery(entityOf(request), text);
      const lines = [{ depth: 0, text: `Everything for which ${text} holds.` }];
      return HttpResponse.json({ ok: true, canonical: text, lines, errors: [], rendered: "" });
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      const { message, from, to, expected, suggestion } = error;
      return HttpResponse.json({
        ok: false,
        canonical: "",
        rendered: "",
        lines: [],
        errors: [{ message, from, to, expected, suggestion }],
      });
    }
  }),
  http.get(`${V}/query/fields`, ({ request }) =>
    HttpResponse.json({
      fields: (fieldsOf[entityOf(request)] ?? []).map(({ values: _values, findings, ...field }) => ({
        ...field,
        many: false,
        ordered: field.name === "vendorSeverity",
        from_findings: findings,
      })),
      entity: entityOf(request),
      relations:
        entityOf(request) === "asset"
          ? RELATIONS.map((name) => ({
              name,
              to: "patch",
              help: `A patch the asset ${name === "missing" ? "misses" : "has"} satisfies all of the inner query`,
            }))
          : [],
    }),
  ),
  http.get(`${V}/searches/recent`, ({ request }) =>
    HttpResponse.json({ items: recent.filter(({ entity }) => entity === entityOf(request)) }),
  ),
  http.post(`${V}/searches/recent`, async ({ request }) => {
    const { query = "", beside = "" } = (await request.json()) as Partial<Search>;
    const entity = entityOf(request);
    const others = recent.filter(
      (one) => one.entity !== entity || one.query !== query || one.beside !== beside,
    );
    recent = [{ entity, query, beside, used_at: new Date().toISOString() }, ...others].slice(0, 20);
    return new HttpResponse(null, { status: 204 });
  }),
  http.delete(`${V}/searches/recent`, ({ request }) => {
    recent = recent.filter(({ entity }) => entity !== entityOf(request));
    return new HttpResponse(null, { status: 204 });
  }),
  http.get(`${V}/searches`, ({ request }) =>
    HttpResponse.json({ items: saved.filter(({ entity }) => entity === entityOf(request)) }),
  ),
  http.post(`${V}/searches`, async ({ request }) => {
    const body = (await request.json()) as Pick<Search, "name" | "query" | "beside">;
    const now = new Date().toISOString();
    const search = {
      id: uuid(9, saved.length),
      entity: entityOf(request),
      ...body,
      created_at: now,
      updated_at: now,
    };
    saved.push(search);
    return HttpResponse.json(search, { status: 201 });
  }),
  http.put(`${V}/searches/:id`, async ({ request, params }) => {
    const search = saved.find(({ id }) => id === params.id);
    return HttpResponse.json(Object.assign(search ?? {}, await request.json()));
  }),
  http.delete(`${V}/searches/:id`, ({ params }) => {
    saved.splice(
      saved.findIndex(({ id }) => id === params.id),
      1,
    );
    return new HttpResponse(null, { status: 204 });
  }),
];
