import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, body, once } from "~/api/client";
import { Problem } from "~/api/problem";

/** What lists can be asked for. */
export type Entity = "asset" | "patch" | "job" | "result" | "audit";

/** One thing that is wrong with a query; places are UTF-16 units of its text. */
export type QueryProblem = {
  from: number;
  to: number;
  message: string;
  expected?: string | null;
  suggestion?: string | null;
};

/** What could stand at the cursor. */
export type Suggestions = {
  from: number;
  to: number;
  items: { insert: string; label: string; detail?: string | null; kind: string; count?: number | null }[];
};

/** A query in words, or what is wrong with it. */
export type Explanation = {
  ok: boolean;
  canonical?: string | null;
  lines: { depth: number; text: string }[];
  errors: QueryProblem[];
};

/** A field that can be asked for. */
export type Field = {
  name: string;
  aliases: string[];
  kind: string;
  help: string;
  example: string;
};

/** A search kept by name. */
export type SavedSearch = { id: string; entity: Entity; name: string; query: string; beside: string };

/** A search made before. */
export type RecentSearch = { query: string; beside: string; used_at: string };

/** The API's part about queries, until its description has it. */
const loose = api as unknown as Record<
  "GET" | "POST" | "PUT" | "DELETE",
  (path: string, init?: object) => Promise<{ data?: unknown }>
>;
const answer = <T>(promise: Promise<{ data?: unknown }>) => body(promise as Promise<{ data?: T }>);

export function suggest(
  entity: Entity,
  text: string,
  cursor: number,
  signal: AbortSignal,
): Promise<Suggestions> {
  return answer(loose.GET("/api/v1/query/suggest", { params: { query: { entity, text, cursor } }, signal }));
}

/** What a query means, in words. */
export const explainQuery = (entity: Entity, text: string) =>
  queryOptions({
    queryKey: ["query", "explain", entity, text],
    queryFn: ({ signal }) =>
      answer<Explanation>(
        loose.GET("/api/v1/query/explain", { params: { query: { entity, text } }, signal }),
      ),
    // Words such as "now" and "today" are explained, not answered: an explanation stays right.
    staleTime: 5 * 60_000,
    placeholderData: keepPreviousData,
  });

/** The fields of an entity. */
export const fieldsQuery = (entity: Entity) =>
  queryOptions({
    queryKey: ["query", "fields", entity],
    queryFn: ({ signal }) =>
      answer<Field[]>(loose.GET("/api/v1/query/fields", { params: { query: { entity } }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const savedQuery = (entity: Entity) =>
  queryOptions({
    queryKey: ["searches", entity],
    queryFn: ({ signal }) =>
      answer<{ items: SavedSearch[] }>(
        loose.GET("/api/v1/searches", { params: { query: { entity } }, signal }),
      ),
    staleTime: 60_000,
  });

export const recentQuery = (entity: Entity) =>
  queryOptions({
    queryKey: ["searches", entity, "recent"],
    queryFn: ({ signal }) =>
      answer<{ items: RecentSearch[] }>(
        loose.GET("/api/v1/searches/recent", { params: { query: { entity } }, signal }),
      ),
    staleTime: 60_000,
  });

/** Remembers that this was searched for. */
export async function rememberSearch(
  entity: Entity,
  boxes: { query: string; beside: string },
): Promise<void> {
  await loose.POST("/api/v1/searches/recent", { body: { entity, ...boxes } });
}

export async function forgetRecent(entity: Entity): Promise<void> {
  await loose.DELETE("/api/v1/searches/recent", { params: { query: { entity } } });
}

export async function saveSearch(search: Omit<SavedSearch, "id">): Promise<void> {
  await loose.POST("/api/v1/searches", { body: search, params: { header: once() } });
}

export async function changeSearch({ id, ...search }: SavedSearch): Promise<void> {
  await loose.PUT("/api/v1/searches/{id}", { params: { path: { id } }, body: search });
}

export async function removeSearch(id: string): Promise<void> {
  await loose.DELETE("/api/v1/searches/{id}", { params: { path: { id } } });
}

/** What is wrong with the query in one parameter, when that is why a list was refused. */
export function queryProblems(error: unknown, parameter = "query"): QueryProblem[] {
  if (!(error instanceof Problem)) return [];
  return error.fields.flatMap(({ field, message, place }) =>
    place && field === parameter ? [{ ...place, message }] : [],
  );
}
