import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { api, body } from "~/api/client";
import { everyRow } from "~/list/useCursorList";

/** All mirrors, by name; the server takes at most 1,000. */
export const mirrorsQuery = queryOptions({
  queryKey: ["mirrors"],
  queryFn: () =>
    everyRow(({ cursor }) =>
      body(api.GET("/api/v1/mirrors", { params: { query: { limit: 1000, sort: "name", cursor } } })),
    ),
});

/** Forgets what mirrors change: patches show where their files come from, and the hosts that agents must reach. */
export function forgetMirrors(client: QueryClient): void {
  for (const key of ["mirrors", "patch", "locations"]) void client.invalidateQueries({ queryKey: [key] });
}
