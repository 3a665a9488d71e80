import { screen, waitFor, within } from "@testing-library/react";
import { expect, it } from "vitest";
import { show, withInstallation } from "../../mock/console";
import { jobs } from "../../mock/work";
import { me } from "../../mock/world";

withInstallation();

const total = () => screen.findByRole("heading", { level: 1, name: /^Jobs/ });

it("narrows jobs by query, with facets that count", async () => {
  const { router, user } = show("/jobs");
  const filters = await screen.findByRole("navigation", { name: "Filters" });
  const mine = [...jobs.values()].filter(({ owner }) => owner?.id === me.id).length;
  await user.click(await within(filters).findByRole("button", { name: /^Mine/ }));
  await waitFor(async () => expect(await total()).toHaveTextContent(`Jobs${mine}`));
  const asked = () => new URLSearchParams(router.state.location.searchStr).get("query");
  expect(asked()).toBe(`owner:\`${me.name}\``);
  await user.click(await within(filters).findByRole("button", { name: /^Enabled/ }));
  await user.click(await within(filters).findByRole("button", { name: /^Completed/ }));
  await waitFor(() => expect(asked()).toBe(`owner:\`${me.name}\` and status:[enabled, completed]`));
});
