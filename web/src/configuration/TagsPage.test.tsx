import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import { server, show, withInstallation } from "../../mock/console";
import { write } from "../../mock/typing";
import { assets, tags } from "../../mock/world";

withInstallation();

it("makes a tag of a query, saying first whom it fits", async () => {
  const { user } = show("/configuration/tags");
  await user.click((await screen.findAllByRole("button", { name: "New tag" }))[0] as HTMLElement);
  const dialog = await screen.findByRole("dialog", { name: "New tag" });
  await user.type(within(dialog).getByRole("textbox", { name: "Name" }), "silent");
  await user.click(within(dialog).getByRole("radio", { name: "By a query" }));
  const field = await within(dialog).findByRole("textbox", { name: "Query of the tag" });
  const make = within(dialog).getByRole("button", { name: "Make tag" });
  expect(make).toBeDisabled();
  write(field, "online:nope");
  expect(await within(dialog).findByText("“nope” is neither yes nor no.")).toBeInTheDocument();
  write(field, "online:no");
  const silent = assets.filter(({ online }) => !online).length;
  expect(await within(dialog).findByText(`Fits ${silent} assets now.`)).toBeInTheDocument();
  await user.click(make);
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  const row = (await screen.findByText("silent")).closest("tr") as HTMLElement;
  expect(within(row).getByText("dynamic")).toBeInTheDocument();
  expect(within(row).getByText("online:no")).toBeInTheDocument();
});

it("says of a tag whose query is not understood any more what is wrong, and who carries it", async () => {
  const [first, ...others] = tags;
  const broken = {
    ...first,
    name: "old",
    query: "lacks:curl",
    error: "there is no field “lacks”",
    assets: 2,
  };
  server.use(
    http.get("*/api/v1/tags", () =>
      HttpResponse.json({ items: [broken, ...others], total: tags.length, next: null }),
    ),
  );
  show("/configuration/tags");
  const row = (await screen.findByText("old")).closest("tr") as HTMLElement;
  expect(within(row).getByText("broken")).toBeInTheDocument();
  expect(row).toHaveTextContent("there is no field “lacks”");
  expect(row).toHaveTextContent("Who carried the tag last keeps it");
});
