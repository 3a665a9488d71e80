import createClient, { type Middleware } from "openapi-fetch";
import { problemOf, unreachable } from "./problem";
import type { paths } from "./schema";

let csrf = "";

/** Keeps the token that proves a write comes from this console; it arrives with the session. */
export function rememberCsrf(token: string): void {
  csrf = token;
}

/** Called when the server no longer knows the session, so that the log-in page can be shown. */
let onLoggedOut: () => void = () => {};

/** Sets what happens when any answer says that nobody is logged in. */
export function whenLoggedOut(handler: () => void): void {
  onLoggedOut = handler;
}

const guard: Middleware = {
  onRequest({ request }) {
    if (request.method !== "GET") request.headers.set("X-CSRF-Token", csrf);
    return request;
  },
  async onResponse({ request, response }) {
    if (response.ok) return undefined;
    if (response.status === 401 && !new URL(request.url).pathname.endsWith("/session")) onLoggedOut();
    throw await problemOf(response);
  },
  // A request that was given up on purpose stays that; every other failure to get an answer is worth words.
  onError: ({ error }) =>
    error instanceof DOMException && error.name === "AbortError" ? undefined : unreachable(),
};

/** The API, typed by its OpenAPI description. Refusals are thrown as `Problem`. */
export const api = createClient<paths>({
  baseUrl: typeof location === "undefined" ? "http://localhost" : location.origin,
  // Lists repeat their key: ?tag=a&tag=b.
  querySerializer: { array: { style: "form", explode: true } },
  // Looked up at each call, so that tests can stand in for the network.
  fetch: (request) => globalThis.fetch(request),
});
api.use(guard);

/** The body of an answer; refusals were thrown before. */
export async function body<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T;
}

/** A header that makes repeating this creation harmless. */
export function once(): { "Idempotency-Key": string } {
  return { "Idempotency-Key": crypto.randomUUID() };
}
