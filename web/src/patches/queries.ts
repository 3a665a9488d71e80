import { queryOptions } from "@tanstack/react-query";
import { api, body } from "~/api/client";
import { type At, PAGE_SIZE } from "~/list/useCursorList";
import { type PatchesAddress, patchesAsked } from "./address";

/** One page of the patch list. */
export function patchesPage(address: PatchesAddress, at: At, limit = PAGE_SIZE, signal?: AbortSignal) {
  const query = { ...patchesAsked(address), sort: address.sort, limit, ...at };
  return body(api.GET("/api/v1/patches", { params: { query }, signal }));
}

/** What the list can be narrowed by. */
export function patchFacets(address: PatchesAddress, version?: string, signal?: AbortSignal) {
  const query = { ...patchesAsked(address), version };
  return body(api.GET("/api/v1/patches/facets", { params: { query }, signal }));
}

/** Everything known of one patch. */
export const patchQuery = (id: string) =>
  queryOptions({
    queryKey: ["patch", id],
    queryFn: ({ signal }) => body(api.GET("/api/v1/patches/{id}", { params: { path: { id } }, signal })),
  });

/** What replaces a patch and what it replaces, over others. */
export const chainQuery = (id: string) =>
  queryOptions({
    queryKey: ["patch", id, "chain"],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/patches/{id}/chain", { params: { path: { id } }, signal })),
  });
