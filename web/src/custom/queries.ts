import { queryOptions } from "@tanstack/react-query";
import { api, body } from "~/api/client";
import { type At, PAGE_SIZE } from "~/list/useCursorList";
import type { CustomPatchesAddress } from "./address";

/** One page of the custom patches. */
export function customPatchesPage({ q, sort }: CustomPatchesAddress, { cursor }: At, signal?: AbortSignal) {
  const query = { q, sort, limit: PAGE_SIZE, cursor };
  return body(api.GET("/api/v1/custom-patches", { params: { query }, signal }));
}

/** One custom patch with its file. */
export const customPatchQuery = (id: string) =>
  queryOptions({
    queryKey: ["custom-patches", "one", id],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/custom-patches/{id}", { params: { path: { id } }, signal })),
  });
