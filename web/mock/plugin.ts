import { Readable } from "node:stream";
import { getResponse } from "msw";
import type { Plugin } from "vite";
import { handlers } from "./handlers.ts";
import { session } from "./office.ts";

const COOKIE = "fettle=invented; Path=/; HttpOnly; SameSite=Strict";

/** Lets vite's own server answer /api out of the invented installation: `npm run mock`. */
export function mockServer(): Plugin {
  return {
    name: "fettle-mock",
    configureServer(server) {
      server.middlewares.use("/api", async (incoming, outgoing) => {
        const method = incoming.method ?? "GET";
        const url = new URL(incoming.originalUrl ?? "/", "http://localhost");
        const request = new Request(url, {
          method,
          headers: Object.entries(incoming.headers).flatMap(([name, value]): [string, string][] =>
            typeof value === "string" ? [[name, value]] : [],
          ),
          ...(method === "GET" || method === "HEAD"
            ? {}
            : { body: Readable.toWeb(incoming) as ReadableStream, duplex: "half" }),
        } as RequestInit);
        // Each browser has its own session, as with the real server.
        session.loggedIn = (incoming.headers.cookie ?? "").includes("fettle=invented");
        const response = (await getResponse(handlers, request)) ?? new Response("{}", { status: 404 });
        if (url.pathname.endsWith("/session") || url.pathname.endsWith("/setup")) {
          outgoing.setHeader("set-cookie", session.loggedIn ? COOKIE : `${COOKIE}; Max-Age=0`);
        }
        outgoing.writeHead(response.status, Object.fromEntries(response.headers));
        if (!response.body) {
          outgoing.end();
          return;
        }
        const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
        outgoing.on("close", () => body.destroy());
        body.on("error", () => outgoing.destroy()).pipe(outgoing);
      });
    },
  };
}
