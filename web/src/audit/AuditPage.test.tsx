import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import { server, show, withInstallation } from "../../mock/console";
import { enter, write } from "../../mock/typing";

withInstallation();

it("lists who changed what, and shows before and after", async () => {
  const { router, user } = show("/configuration/audit");
  expect(await screen.findByText("Chain verified, 60 entries")).toBeInTheDocument();
  write(await screen.findByRole("textbox", { name: "Audit query" }), "action:tag");
  enter(screen.getByRole("textbox", { name: "Audit query" }));
  await waitFor(() => expect(router.state.location.searchStr).toBe("?query=action:tag"));
  await waitFor(() => expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent("Audit log10"));
  const table = screen.getByRole("table", { name: "Audit log" });
  await user.click(within(table).getAllByText("tag canary")[0] as HTMLElement);
  const changes = await screen.findByRole("table", { name: "What changed" });
  expect(within(changes).getByRole("row", { name: /^query/ })).toHaveTextContent("name:ci* and online:yes");
  expect(router.state.location.searchStr).toMatch(/entry=\d+/);
});

it("says where the chain is broken", async () => {
  server.use(
    http.get("*/api/v1/audit/verify", () => HttpResponse.json({ whole: false, entries: 11, broken_at: 12 })),
  );
  show("/configuration/audit");
  expect(
    await screen.findByText("Chain broken at entry 12: it is missing or was changed"),
  ).toBeInTheDocument();
});

it("is sorted by the columns that the log can be sorted by", async () => {
  const { router, user } = show("/configuration/audit");
  const table = await screen.findByRole("table", { name: "Audit log" });
  await user.click(within(table).getByRole("button", { name: "Action" }));
  await waitFor(() => expect(router.state.location.searchStr).toBe("?sort=action"));
  const actions = () =>
    within(screen.getByRole("table", { name: "Audit log" }))
      .getAllByRole("row")
      .slice(1)
      .map((row) => within(row).getAllByRole("cell")[3]?.textContent ?? "");
  await waitFor(() => expect(actions()).toEqual(actions().toSorted()));
  expect(within(table).queryByRole("button", { name: "Entry" })).not.toBeInTheDocument();
});
