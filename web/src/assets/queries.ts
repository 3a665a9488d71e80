import { queryOptions } from "@tanstack/react-query";
import { api, body } from "~/api/client";
import { type At, PAGE_SIZE } from "~/list/useCursorList";
import { type AssetsAddress, assetsAsked } from "./address";

/** One page of the asset list. */
export function assetsPage(address: AssetsAddress, at: At, limit = PAGE_SIZE, signal?: AbortSignal) {
  const query = { ...assetsAsked(address), sort: address.sort, limit, ...at };
  return body(api.GET("/api/v1/assets", { params: { query }, signal }));
}

/** What the list can be narrowed by. */
export function assetFacets(address: AssetsAddress, version?: string, signal?: AbortSignal) {
  const query = { ...assetsAsked(address), version };
  return body(api.GET("/api/v1/assets/facets", { params: { query }, signal }));
}

/** How many assets have each tag, by its name. */
export const tagCountsQuery = queryOptions({
  queryKey: ["assets", "tags"],
  queryFn: async ({ signal }) => {
    const { facets } = await assetFacets({}, undefined, signal);
    const tags = facets.find(({ field }) => field === "tags.name");
    return new Map(tags?.values.map(({ value, count, term }) => [value, { count, term }]));
  },
  staleTime: 10_000,
});

/** Everything known of one asset. */
export const assetQuery = (id: string) =>
  queryOptions({
    queryKey: ["asset", id],
    queryFn: ({ signal }) => body(api.GET("/api/v1/assets/{id}", { params: { path: { id } }, signal })),
    refetchInterval: (query) => (query.state.data?.scan_status === "scanning" ? 2_000 : 30_000),
  });

/** Asks the agent for a scan. */
export async function scanAsset(id: string): Promise<void> {
  await api.POST("/api/v1/assets/{id}/scan", { params: { path: { id } } });
}

/** Gives an asset exactly these tags. */
export async function setAssetTags(id: string, tags: string[]): Promise<void> {
  await api.PUT("/api/v1/assets/{id}/tags", { params: { path: { id } }, body: { tags } });
}

/** Removes an asset; its agent is refused from then on. */
export async function removeAsset(id: string): Promise<void> {
  await api.DELETE("/api/v1/assets/{id}", { params: { path: { id } } });
}
