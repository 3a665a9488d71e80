import { screen, waitFor, within } from "@testing-library/react";
import { expect, it } from "vitest";
import { show, withInstallation } from "../../mock/console";
import { runs } from "../../mock/work";

withInstallation();

it("lists results by query, and leads to run, asset and patch", async () => {
  const { router, user } = show("/jobs");
  await user.click(await screen.findByRole("link", { name: "Results" }));
  const table = await screen.findByRole("table", { name: "Results" });
  await waitFor(() => expect(table).toHaveAttribute("aria-busy", "false"));
  const filters = screen.getByRole("navigation", { name: "Filters" });
  await user.click(await within(filters).findByRole("button", { name: "Failed" }));
  await waitFor(() => expect(router.state.location.searchStr).toBe("?query=status:failed"));
  const all = [...runs.values()].flatMap(({ rows }) => rows.flatMap(({ patches }) => patches));
  const failed = all.filter(({ status }) => status === "failed").length;
  await waitFor(() =>
    expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent(`Results${failed}`),
  );
  const [row] = within(await screen.findByRole("table", { name: "Results" }))
    .getAllByRole("row")
    .slice(1) as [HTMLElement];
  expect(within(row).getByText("Failed")).toBeInTheDocument();
  expect(
    within(row)
      .getAllByRole("link")
      .map((link) => link.getAttribute("href")?.split("/")[1]),
  ).toEqual(["patches", "assets", "jobs"]);
});
