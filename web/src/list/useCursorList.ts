import { keepPreviousData, type QueryKey, useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo } from "react";
import type { Page } from "~/api/model";
import { isVersionGone } from "~/api/problem";

/** Rows asked for at once: a screen takes about forty, so scrolling seldom waits. */
export const PAGE_SIZE = 100;

/** Which page: behind which cursor, and of which version of the index; neither for the first. */
export type At = { cursor?: string; version?: string };

/** A list that is fetched page by page while the reader scrolls. */
export type CursorList<T> = {
  rows: T[];
  /** Rows of the whole result; unknown before the first page is there. */
  total: number | undefined;
  /** Assets that a query cannot be decided for; they are not in `total`. */
  unknown: number;
  /** Version of the index the rows are of; lists that are not made from it have none. */
  version: string | undefined;
  /** Nothing is there yet. */
  pending: boolean;
  /** The rows shown are of an earlier question; the answer to the present one is on its way. */
  outdated: boolean;
  error: unknown;
  retry: () => void;
  /** Fetches the next page, if there is one. */
  more: () => void;
};

/**
 * Fetches a list by cursor; earlier rows stay until the new ones are there, so that nothing jumps. Further pages are
 * asked of the version of the first one; when the server does not have it any more, the list begins anew.
 */
export function useCursorList<T>(
  key: QueryKey,
  fetchPage: (at: At, signal: AbortSignal) => Promise<Page<T>>,
  options: { refetchInterval?: number; enabled?: boolean } = {},
): CursorList<T> {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => fetchPage(pageParam, signal),
    initialPageParam: {} as At,
    getNextPageParam: (last, pages) =>
      last.next ? { cursor: last.next, version: pages[0]?.version } : undefined,
    placeholderData: keepPreviousData,
    ...options,
  });
  const { fetchNextPage, hasNextPage, isFetchingNextPage, refetch, data, error } = query;
  const gone = isVersionGone(error);
  useEffect(() => {
    if (gone) void refetch();
  }, [gone, refetch]);
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage]);
  const retry = useCallback(() => void refetch(), [refetch]);
  const rows = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  return {
    rows,
    total: data?.pages[0]?.total,
    unknown: data?.pages[0]?.unknown ?? 0,
    version: query.isPlaceholderData ? undefined : data?.pages[0]?.version,
    pending: query.isPending,
    outdated: query.isPlaceholderData,
    error: data ? null : error,
    retry,
    more,
  };
}

/** Every row of a list, fetched in the largest pages, up to a number nobody acts on by hand. */
export async function everyRow<T>(fetchPage: (at: At) => Promise<Page<T>>, most = 10_000): Promise<T[]> {
  const rows: T[] = [];
  let at: At | undefined = {};
  while (at && rows.length < most) {
    const page: Page<T> = await pageOrNewest(fetchPage, at);
    rows.push(...page.items);
    at = page.next ? { cursor: page.next, version: page.version } : undefined;
  }
  return rows.slice(0, most);
}

/** A page of the version asked for, or of the newest one when that is gone. */
async function pageOrNewest<T>(fetchPage: (at: At) => Promise<Page<T>>, at: At): Promise<Page<T>> {
  try {
    return await fetchPage(at);
  } catch (error) {
    if (!at.version || !isVersionGone(error)) throw error;
    return fetchPage({ cursor: at.cursor });
  }
}
