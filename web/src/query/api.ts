import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, body, once } from "~/api/client";
import { Problem } from "~/api/problem";
import type { components } from "~/api/schema";
import type { Boxes } from "./boxes";

type Schemas = components["schemas"];

/** What lists can be asked for. */
export type Entity = Exclude<Schemas["Entity"], "software">;
/** One thing that is wrong with a query; places are UTF-16 units of its text. */
export type QueryProblem = Schemas["QueryMistake"];
/** What could stand at the cursor. */
export type Suggestions = Schemas["Suggestions"];
/** A query in words, or what is wrong with it. */
export type Explanation = Schemas["ExplainBody"];
/** A field that can be asked for. */
export type Field = Schemas["FieldBody"];
/** The fields of an entity, and the ways from it to others. */
export type Fields = Schemas["FieldsBody"];
/** What a list can be narrowed by. */
export type FacetsBody = Schemas["Facets"];
export type Facet = Schemas["Facet"];
/** A search kept by name. */
export type SavedSearch = Schemas["SearchBody"];

export function suggest(
  entity: Entity,
  text: string,
  cursor: number,
  signal: AbortSignal,
): Promise<Suggestions> {
  return body(api.GET("/api/v1/query/suggest", { params: { query: { entity, text, cursor } }, signal }));
}

/** What a query means, in words. */
export const explainQuery = (entity: Entity, text: string) =>
  queryOptions({
    queryKey: ["query", "explain", entity, text],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/query/explain", { params: { query: { entity, text } }, signal })),
    // Words such as "now" and "today" are explained, not answered: an explanation stays right.
    staleTime: 5 * 60_000,
    placeholderData: keepPreviousData,
  });

/** What can be asked of an entity. */
export const fieldsQuery = (entity: Entity) =>
  queryOptions({
    queryKey: ["query", "fields", entity],
    queryFn: ({ signal }) => body(api.GET("/api/v1/query/fields", { params: { query: { entity } }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const savedQuery = (entity: Entity) =>
  queryOptions({
    queryKey: ["searches", entity],
    queryFn: ({ signal }) => body(api.GET("/api/v1/searches", { params: { query: { entity } }, signal })),
    staleTime: 60_000,
  });

export const recentQuery = (entity: Entity) =>
  queryOptions({
    queryKey: ["searches", entity, "recent"],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/searches/recent", { params: { query: { entity } }, signal })),
    staleTime: 60_000,
  });

/** Remembers that this was searched for. */
export async function rememberSearch(entity: Entity, { query, beside }: Boxes): Promise<void> {
  await api.POST("/api/v1/searches/recent", { params: { query: { entity } }, body: { query, beside } });
}

export async function forgetRecent(entity: Entity): Promise<void> {
  await api.DELETE("/api/v1/searches/recent", { params: { query: { entity } } });
}

export async function saveSearch(entity: Entity, name: string, { query, beside }: Boxes): Promise<void> {
  const params = { query: { entity }, header: once() };
  await api.POST("/api/v1/searches", { params, body: { name, query, beside } });
}

export async function changeSearch({ id, name, query, beside }: SavedSearch): Promise<void> {
  await api.PUT("/api/v1/searches/{id}", { params: { path: { id } }, body: { name, query, beside } });
}

export async function removeSearch(id: string): Promise<void> {
  await api.DELETE("/api/v1/searches/{id}", { params: { path: { id } } });
}

/** What is wrong with the query in one parameter, when that is why a list was refused. */
export function queryProblems(error: unknown, parameter = "query"): QueryProblem[] {
  if (!(error instanceof Problem)) return [];
  return error.fields.flatMap(({ field, message, place }) =>
    place && field === parameter ? [{ ...place, message }] : [],
  );
}
