import { queryOptions } from "@tanstack/react-query";
import { api, body } from "~/api/client";
import { everyRow } from "~/list/useCursorList";

/** All tags, by path. */
export const tagsQuery = queryOptions({
  queryKey: ["tags"],
  queryFn: () =>
    everyRow(({ cursor }) => body(api.GET("/api/v1/tags", { params: { query: { limit: 1000, cursor } } }))),
  staleTime: 60_000,
});
