import createClient, { type Middleware } from "openapi-fetch";
import { type Problem, problemOf, unreachable } from "./problem";
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

/** What a write says to prove that it comes from this console. */
export function proof(): Record<string, string> {
  return { "X-CSRF-Token": csrf };
}

/** What an answer that is no success says; shows the log-in page when it is that nobody is logged in. */
export function refusalOf(path: string, response: Response): Promise<Problem> {
  if (response.status === 401 && !path.endsWith("/session")) onLoggedOut();
  return problemOf(response);
}

const guard: Middleware = {
  onRequest({ request }) {
    if (request.method !== "GET")
      for (const [name, value] of Object.entries(proof())) request.headers.set(name, value);
    return request;
  },
  async onResponse({ request, response }) {
    if (response.ok) return undefined;
    throw await refusalOf(new URL(request.url).pathname, response);
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
