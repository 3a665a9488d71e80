import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, RouterProvider } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { watchForLogOut } from "../src/entry/session";
import { makeRouter } from "../src/router";
import { theme } from "../src/theme/theme";
import { forgetSearches } from "./asking.ts";
import { handlers } from "./handlers.ts";
import { session } from "./office.ts";

/** The invented installation, answering this test file's requests; `server.use` changes single answers. */
export const server = setupServer(...handlers);

/** Starts the invented installation for the tests of a file, with somebody logged in. */
export function withInstallation(): void {
  beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
  beforeEach(() => {
    session.loggedIn = true;
    session.needed = false;
  });
  afterEach(() => {
    server.resetHandlers();
    forgetSearches();
  });
  afterAll(() => server.close());
}

/** Shows the whole console at an address. */
export function show(address: string) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, refetchInterval: false } } });
  const router = makeRouter(client, createMemoryHistory({ initialEntries: [address] }));
  watchForLogOut(client, () => void router.navigate({ to: "/login" }));
  const user = userEvent.setup();
  render(
    <MantineProvider theme={theme} env="test">
      <QueryClientProvider client={client}>
        <Notifications />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return { router, user, client };
}
