import { screen, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import { server, show, withInstallation } from "../../mock/console";
import { patches } from "../../mock/world";

withInstallation();

const feed = (name: string) => screen.findByRole("article", { name });

it("says when a feed is read next, and which patches the last synchronisations changed", async () => {
  const { user } = show("/configuration/feeds");
  const card = await feed("debian/bookworm from this machine");
  expect(within(card).getByText(/^Next/)).toHaveTextContent("Next in 5 h");
  await user.click(within(card).getByRole("button", { name: "What changed" }));
  const drawer = await screen.findByRole("dialog", { name: /^What changed/ });
  expect(await within(drawer).findByText("12 added, 3 changed")).toBeInTheDocument();
  expect(within(drawer).getByText("Nothing changed")).toBeInTheDocument();
  expect(within(drawer).getByText(/^5 times in a row/)).toBeInTheDocument();
  await user.click(within(drawer).getByText("Which patches"));
  const added = await within(drawer).findByRole("region", { name: "Added" });
  expect(
    within(added)
      .getAllByRole("link")
      .map((link) => link.textContent),
  ).toEqual(patches.slice(0, 12).map(({ title }) => title));
});

it("says that a feed which is switched off is read only when asked", async () => {
  server.use(
    http.get("*/api/v1/feeds", async () => {
      const state = { last_attempt: null, last_success: null, next_sync: null, error: null, warnings: [] };
      const counts = { added: 0, changed: 0, withdrawn: 0, patches: 0, facts: 0, progress: null };
      const config = { kind: "winget", manifests: "https://mirror.example/manifests.zip" };
      const off = { id: "1", name: "apps", enabled: false, config, state: { ...state, ...counts } };
      return HttpResponse.json({ items: [off], total: 1, next: null });
    }),
  );
  show("/configuration/feeds");
  expect(within(await feed("apps")).getByText(/^Next/)).toHaveTextContent("Next only when asked");
});
