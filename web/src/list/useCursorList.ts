import { keepPreviousData, type QueryKey, useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import type { Page } from "~/api/model";

/** Rows asked for at once: a screen takes about forty, so scrolling seldom waits. */
export const PAGE_SIZE = 100;

/** A list that is fetched page by page while the reader scrolls. */
export type CursorList<T> = {
  rows: T[];
  /** Rows of the whole result; unknown before the first page is there. */
  total: number | undefined;
  /** Assets that a query cannot be decided for; they are not in `total`. */
  unknown: number;
  /** Version of the index the rows are of; lists that are not made from it have none. */
  version: number | undefined;
  /** Nothing is there yet. */
  pending: boolean;
  /** The rows shown are of an earlier question; the answer to the present one is on its way. */
  outdated: boolean;
  error: unknown;
  retry: () => void;
  /** Fetches the next page, if there is one. */
  more: () => void;
};

/** Fetches a list by cursor; earlier rows stay until the new ones are there, so that nothing jumps. */
export function useCursorList<T>(
  key: QueryKey,
  fetchPage: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>,
  options: { refetchInterval?: number; enabled?: boolean } = {},
): CursorList<T> {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => fetchPage(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
    ...options,
  });
  const { fetchNextPage, hasNextPage, isFetchingNextPage, refetch, data } = query;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage]);
  const rows = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  return {
    rows,
    total: data?.pages[0]?.total,
    unknown: data?.pages[0]?.unknown ?? 0,
    version: query.isPlaceholderData ? undefined : data?.pages[0]?.version,
    pending: query.isPending,
    outdated: query.isPlaceholderData,
    error: data ? null : query.error,
    retry: () => void refetch(),
    more,
  };
}

/** Every row of a list, fetched in the largest pages, up to a number nobody acts on by hand. */
export async function everyRow<T>(
  fetchPage: (cursor: string | undefined) => Promise<Page<T>>,
  most = 10_000,
): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await fetchPage(cursor);
    rows.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor && rows.length < most);
  return rows.slice(0, most);
}
