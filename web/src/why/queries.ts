import { queryOptions } from "@tanstack/react-query";
import { api, body } from "~/api/client";

/** What was decided about a patch on an asset, and from what. */
export const whyQuery = (asset: string, patch: string) =>
  queryOptions({
    queryKey: ["asset", asset, "why", patch],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/assets/{id}/patches/{patch}/why", {
          params: { path: { id: asset, patch } },
          signal,
        }),
      ),
  });
