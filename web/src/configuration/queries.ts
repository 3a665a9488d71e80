import { queryOptions } from "@tanstack/react-query";
import { api, body } from "~/api/client";
import { everyRow } from "~/list/useCursorList";

const all = { limit: 1000 };

export const keysQuery = queryOptions({
  queryKey: ["keys"],
  queryFn: () =>
    everyRow(({ cursor }) =>
      body(api.GET("/api/v1/activation-keys", { params: { query: { ...all, cursor } } })),
    ),
});

export const usersQuery = queryOptions({
  queryKey: ["users"],
  queryFn: () =>
    everyRow(({ cursor }) => body(api.GET("/api/v1/users", { params: { query: { ...all, cursor } } }))),
});

export const tokensQuery = queryOptions({
  queryKey: ["tokens"],
  queryFn: () =>
    everyRow(({ cursor }) => body(api.GET("/api/v1/tokens", { params: { query: { ...all, cursor } } }))),
});

/** Feeds; asked for often while one of them works. */
export const feedsQuery = queryOptions({
  queryKey: ["feeds"],
  queryFn: () =>
    everyRow(({ cursor }) => body(api.GET("/api/v1/feeds", { params: { query: { ...all, cursor } } }))),
  refetchInterval: (query) => (query.state.data?.some((feed) => feed.state.progress) ? 1_000 : 5_000),
});

/** What a feed's recent synchronisations changed, newest first. */
export const feedSyncsQuery = (id: string) =>
  queryOptions({
    queryKey: ["feeds", id, "syncs"],
    queryFn: ({ signal }) => body(api.GET("/api/v1/feeds/{id}/syncs", { params: { path: { id } }, signal })),
  });

/** One synchronisation with the patches it changed. */
export const feedSyncQuery = (id: string, no: number) =>
  queryOptions({
    queryKey: ["feeds", id, "syncs", no],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/feeds/{id}/syncs/{no}", { params: { path: { id, no } }, signal })),
  });

export const statusQuery = queryOptions({
  queryKey: ["status"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/status", { signal })),
  refetchInterval: 5_000,
});
