import { keepPreviousData, type QueryKey, useQueries, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { shortOs } from "~/display/words";
import type { FacetGroup, FacetOption } from "~/list/Facets";
import type { Facet, FacetsBody } from "./api";
import { hasTerm, type Naming, partsOf, withoutField } from "./terms";

type Options = {
  /** The query in force. */
  query: string;
  naming: Naming;
  /** Under which the counts are kept; must tell everything but the query. */
  key: QueryKey;
  fetch: (query: string, signal: AbortSignal) => Promise<FacetsBody>;
};

/**
 * The facets of a list. A facet that a value is chosen of counts the list without that choice, so that its
 * other values stay there to be chosen too.
 */
export function useFacets({ query, naming, key, fetch }: Options): FacetGroup[] | undefined {
  const counted = (text: string) => ({
    queryKey: [...key, text],
    queryFn: ({ signal }: { signal: AbortSignal }) => fetch(text, signal),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });
  const { data, error } = useQuery(counted(query));
  const narrowed = useMemo(() => chosenFields(data?.facets ?? [], query, naming), [data, query, naming]);
  const others = useQueries({
    queries: narrowed.map((field) => counted(withoutField(query, field, naming))),
  });
  // Why nothing can be counted the list itself says.
  if (!data) return error ? [] : undefined;
  return data.facets.map((facet) => {
    const at = narrowed.indexOf(facet.field);
    const own = at < 0 ? undefined : others[at]?.data?.facets.find((one) => one.field === facet.field);
    return group(own ?? facet, query, naming);
  });
}

function chosenFields(facets: Facet[], query: string, naming: Naming): string[] {
  const asked = new Set(partsOf(query)?.flatMap(({ field }) => (field ? [naming(field)] : [])));
  return facets.map(({ field }) => field).filter((field) => asked.has(naming(field)));
}

function group(facet: Facet, query: string, naming: Naming): FacetGroup {
  const options = facet.values.map(({ term, label, count }): FacetOption => {
    return { value: term, label: facet.field === "os.name" ? shortOs(label) : label, count };
  });
  return {
    id: facet.field,
    title: facet.label,
    options,
    chosen: options.map(({ value }) => value).filter((term) => hasTerm(query, term, naming)),
    single: facet.values.every(({ value }) => value === "true" || value === "false"),
  };
}
