import { queryOptions } from "@tanstack/react-query";
import { api, body } from "~/api/client";
import { PAGE_SIZE } from "~/list/useCursorList";
import { type PatchesAddress, patchFilters } from "./address";

/** One page of the patch list. */
export function patchesPage(
  address: PatchesAddress,
  cursor: string | undefined,
  limit = PAGE_SIZE,
  signal?: AbortSignal,
) {
  const query = { ...patchFilters(address), sort: address.sort, limit, cursor };
  return body(api.GET("/api/v1/patches", { params: { query }, signal }));
}

/** What the list can be narrowed by. */
export const patchFacetsQuery = (address: PatchesAddress) =>
  queryOptions({
    queryKey: ["patches", "facets", patchFilters(address)],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/patches/facets", { params: { query: patchFilters(address) }, signal })),
    placeholderData: (previous) => previous,
    staleTime: 10_000,
  });

/** Everything known of one patch. */
export const patchQuery = (id: string) =>
  queryOptions({
    queryKey: ["patch", id],
    queryFn: ({ signal }) => body(api.GET("/api/v1/patches/{id}", { params: { path: { id } }, signal })),
  });
