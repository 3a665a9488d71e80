import { type QueryClient, queryOptions, useQuery } from "@tanstack/react-query";
import { api, body, rememberCsrf, whenLoggedOut } from "~/api/client";
import type { Me } from "~/api/model";
import { Problem } from "~/api/problem";

/** Who is logged in; `null` when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async (): Promise<Me | null> => {
    try {
      return keep(await body(api.GET("/api/v1/session")));
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 5 * 60_000,
  retry: false,
});

/** Whether the first administrator is still to be made. */
export const setupQuery = queryOptions({
  queryKey: ["setup"],
  queryFn: async () => (await body(api.GET("/api/v1/setup"))).needed,
  staleTime: Number.POSITIVE_INFINITY,
  retry: false,
});

/** Who was logged in last: what a page shows in the moment between the end of a session and the log-in page. */
let lastKnown: Me | null = null;

function keep(me: Me): Me {
  rememberCsrf(me.csrf_token ?? "");
  lastKnown = me;
  return me;
}

/** Logs in and remembers who it is. */
export async function logIn(client: QueryClient, name: string, password: string): Promise<void> {
  const me = await body(api.POST("/api/v1/session", { body: { name, password } }));
  client.setQueryData(sessionQuery.queryKey, keep(me));
}

/** Makes the first administrator with the one-time token, and logs in as that person. */
export async function setUp(
  client: QueryClient,
  token: string,
  name: string,
  password: string,
): Promise<void> {
  const me = await body(api.POST("/api/v1/setup", { body: { token, name, password } }));
  client.setQueryData(setupQuery.queryKey, false);
  client.setQueryData(sessionQuery.queryKey, keep(me));
}

/** Logs out; everything fetched for this person is forgotten. */
export async function logOut(client: QueryClient): Promise<void> {
  await api.DELETE("/api/v1/session");
  rememberCsrf("");
  client.clear();
  client.setQueryData(sessionQuery.queryKey, null);
}

/** Shows the log-in page as soon as any answer says that the session has ended. */
export function watchForLogOut(client: QueryClient, goToLogIn: () => void): void {
  whenLoggedOut(() => {
    client.setQueryData(sessionQuery.queryKey, null);
    goToLogIn();
  });
}

/** Who is logged in. Only for pages behind the log-in. */
export function useMe(): Me {
  const me = useQuery(sessionQuery).data ?? lastKnown;
  if (!me) throw new Problem(401, "unauthenticated", "You are not logged in.", "Log in again.");
  return me;
}

/** Whether the person logged in may do something; what they may not do is not shown to them. */
export function useMay(): (permission: Me["permissions"][number]) => boolean {
  const { permissions } = useMe();
  return (permission) => permissions.includes(permission);
}
