import { keepPreviousData, type QueryKey, useQueries, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { isVersionGone } from "~/api/problem";
import { severity, shortOs } from "~/display/words";
import type { FacetGroup, FacetOption } from "~/list/Facets";
import type { Facet, FacetsBody } from "./api";
import { hasTerm, type Naming, termsLike, withoutLike } from "./terms";

type Options = {
  /** The query in force. */
  query: string;
  naming: Naming;
  /** Under which the counts are kept; must tell everything but the query. */
  key: QueryKey;
  fetch: (query: string, version: string | undefined, signal: AbortSignal) => Promise<FacetsBody>;
  /** The list they are of: they are counted in the same version of the index. */
  list: { version: string | undefined; error: unknown; retry: () => void };
};

/**
 * The facets of a list. A facet that a value is chosen of counts the list without that choice, so that its
 * other values stay there to be chosen too.
 */
export function useFacets({ query, naming, key, fetch, list }: Options): FacetGroup[] | undefined {
  const { version, retry } = list;
  const counted = (text: string) => ({
    queryKey: [...key, text, version],
    queryFn: ({ signal }: { signal: AbortSignal }) => fetch(text, version, signal),
    enabled: version !== undefined,
    placeholderData: keepPreviousData,
    // A version never changes.
    staleTime: Number.POSITIVE_INFINITY,
  });
  const { data, error } = useQuery(counted(query));
  const narrowed = useMemo(
    () => (data?.facets ?? []).filter((facet) => termsLike(query, sampleOf(facet), naming).length > 0),
    [data, query, naming],
  );
  const others = useQueries({
    queries: narrowed.map((facet) => counted(withoutLike(query, sampleOf(facet), naming))),
  });
  // What the list was made from may be gone before it was counted: then it begins anew, and the facets with it.
  const gone = isVersionGone(error) || others.some((other) => isVersionGone(other.error));
  useEffect(() => {
    if (gone) retry();
  }, [gone, retry]);
  // Why nothing can be counted the list itself says.
  if (!data) return error || list.error ? [] : undefined;
  const groups = data.facets.map((facet) => {
    const at = narrowed.indexOf(facet);
    const own = at < 0 ? undefined : others[at]?.data?.facets.find((one) => one.field === facet.field);
    return group(own ?? facet, query, naming);
  });
  return groups.filter(({ options }) => options?.length);
}

/** A term of the facet: all of them differ in nothing but the value. */
function sampleOf({ field, values }: Facet): string {
  return values[0]?.term ?? `${field}:x`;
}

function group(facet: Facet, query: string, naming: Naming): FacetGroup {
  const counted = facet.values.map(({ term, value, label, count }): FacetOption => {
    return { value: term, label: labelOf(facet.field, value, label), count };
  });
  const isCounted = (wanted: string) => counted.some(({ value }) => hasTerm(wanted, value, naming));
  // What was chosen and nothing has any more stays there to be released.
  const gone = termsLike(query, sampleOf(facet), naming).filter((wanted) => !isCounted(wanted));
  const options = [
    ...counted,
    ...gone.map((value): FacetOption => ({ value, label: plain(value), count: 0 })),
  ];
  return {
    id: facet.field,
    title: TITLES[facet.field] ?? facet.label,
    options,
    chosen: options.map(({ value }) => value).filter((term) => hasTerm(query, term, naming)),
    single: options.length > 0 && options.every(({ value }) => /:(true|false|yes|no)$/i.test(value)),
  };
}

const TITLES: Record<string, string> = {
  "missing.vendorSeverity": "Misses a patch rated",
  "installed.vendorSeverity": "Has a patch rated",
};

function labelOf(field: string, value: string, label: string): string {
  if (field === "os.name") return shortOs(label);
  return field.endsWith("vendorSeverity") ? severity(value).label : label;
}

/** The value of a term, without quotes. */
function plain(text: string): string {
  const value = /:([^:()]+?)(?: and .*)?\)?$/.exec(text)?.[1] ?? text;
  return value.replaceAll(/^["`]|["`]$/g, "");
}
