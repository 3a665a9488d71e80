import { screen, waitFor, within } from "@testing-library/react";
import { expect, it } from "vitest";
import { show, withInstallation } from "../../mock/console";
import { vulnerabilities } from "../../mock/vulnerabilities";

withInstallation();

const decoded = (text: string | null) => decodeURIComponent((text ?? "").replaceAll("+", " "));

it("lists vulnerabilities by how many assets are exposed, and narrows them", async () => {
  const { router, user } = show("/vulnerabilities");
  const total = () => screen.findByRole("heading", { level: 1, name: /^Vulnerabilities/ });
  await waitFor(async () =>
    expect(await total()).toHaveTextContent(`Vulnerabilities${vulnerabilities.length}`),
  );
  const most = [...vulnerabilities].sort((one, other) => other.missing - one.missing)[0];
  if (!most) throw new Error("the invented catalog fixes vulnerabilities");
  const link = await screen.findByRole("link", { name: `${most.missing} exposed: ${most.id}` });
  expect(decoded(link.getAttribute("href"))).toBe(`/assets?query=missing:(cve:\`${most.id}\`)`);
  const filters = screen.getByRole("navigation", { name: "Filters" });
  await user.click(
    within(within(filters).getByRole("region", { name: "Known exploited" })).getByRole("button", {
      name: /^Yes/,
    }),
  );
  const exploited = vulnerabilities.filter((row) => row.known_exploited).length;
  await waitFor(async () => expect(await total()).toHaveTextContent(`Vulnerabilities${exploited}`));
  expect(router.state.location.searchStr).toContain("exploited=yes");
  const csv = screen.getByRole("link", { name: "CSV" });
  expect(csv.getAttribute("href")).toBe("/api/v1/vulnerabilities/export?exploited=true");
});

it("shows one with its patches, and links only to web addresses", async () => {
  const one = vulnerabilities.find((row) => row.title && row.cvss);
  if (!one) throw new Error("some of the invented vulnerabilities are described");
  show(`/vulnerabilities/${one.id}`);
  await screen.findByRole("heading", { level: 1, name: one.id });
  expect(screen.getByText(/lets strangers in/)).toBeInTheDocument();
  expect(screen.getByText(one.cvss?.toFixed(1) ?? "")).toBeInTheDocument();
  expect(screen.getByRole("link", { name: "https://advisories.example/1" })).toBeInTheDocument();
  expect(screen.queryByText(/javascript/)).not.toBeInTheDocument();
  expect(screen.getByText(`${one.patches} ${one.patches === 1 ? "patch" : "patches"}`)).toBeInTheDocument();
});
