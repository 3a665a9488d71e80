import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { show, withInstallation } from "../../mock/console";
import { enter, write } from "../../mock/typing";
import { assets, findings, patches } from "../../mock/world";

withInstallation();

const box = (name: string) => screen.findByRole("textbox", { name });
const total = () => screen.findByRole("heading", { level: 1, name: /^Patches/ });
const decoded = (text: string | null) => decodeURIComponent((text ?? "").replaceAll("+", " "));

describe("the patch list", () => {
  it("asks for missing and latest patches, in words one can change", async () => {
    const { router, user } = show("/patches");
    const field = await box("Patch query");
    await waitFor(() => expect(field).toHaveTextContent("patchStatus:missing and isSuperseded:no"));
    const usual = patches.filter((patch) => patch.missing > 0 && !patch.superseded).length;
    await waitFor(async () => expect(await total()).toHaveTextContent(`Patches${usual}`));
    expect(router.state.location.searchStr).toBe("");
    await user.click(screen.getByRole("button", { name: "Clear Patch query" }));
    await waitFor(() => expect(router.state.location.searchStr).toBe("?query="));
    const applying = patches.filter((patch) => patch.missing + patch.installed > 0).length;
    await waitFor(async () => expect(await total()).toHaveTextContent(`Patches${applying}`));
    write(field, "isSuperseded:no and patchStatus:missing");
    enter(field);
    await waitFor(() => expect(router.state.location.searchStr).toContain("query=isSuperseded"));
  });

  it("counts on the assets of the second box, and its numbers lead to exactly those", async () => {
    const patch = patches.find(({ missing, superseded }) => missing > 3 && !superseded);
    if (!patch) throw new Error("the invented installation misses patches");
    const { router, user } = show(`/patches?query=id:\`${patch.id}\``);
    await screen.findByRole("link", { name: patch.title });
    await user.click(screen.getByRole("button", { name: "Add an asset query" }));
    const field = await box("Asset query");
    write(field, "online:yes");
    enter(field);
    const online = assets.filter(
      ({ id, online: on }) => on && findings.get(id)?.missing.has(patch.id),
    ).length;
    const link = await screen.findByRole("link", { name: `${online} missing: ${patch.title}` });
    expect(decoded(link.getAttribute("href"))).toBe(`/assets?query=online:yes&patches=id:\`${patch.id}\``);
    expect(decoded(router.state.location.searchStr)).toContain("assets=online:yes");
  });

  it("downloads what is asked, in the order shown", async () => {
    show("/patches?query=category:security&assets=online:yes&applicable=all&sort=-missingCount");
    const link = await screen.findByRole("link", { name: "CSV" });
    expect(decoded(link.getAttribute("href"))).toBe(
      "/api/v1/patches/export?query=category:security&assets=online:yes&applicable=all&sort=-missingCount",
    );
  });

  it("takes one of yes and no at a time", async () => {
    const { router, user } = show("/patches?query=");
    const filters = await screen.findByRole("navigation", { name: "Filters" });
    const superseded = await within(filters).findByRole("region", { name: "Superseded" });
    await user.click(within(superseded).getByRole("button", { name: /^Yes/ }));
    await waitFor(() => expect(router.state.location.searchStr).toBe("?query=isSuperseded:true"));
    await user.click(await within(superseded).findByRole("button", { name: /^No/ }));
    await waitFor(() => expect(router.state.location.searchStr).toBe("?query=isSuperseded:false"));
  });
});

describe("why", () => {
  const asset = assets.find(
    ({ id, scan_status }) => scan_status === "scanned" && findings.get(id)?.missing.size,
  );
  const id = [...(findings.get(asset?.id ?? "")?.missing ?? [])].find(
    (one) => !patches.find((patch) => patch.id === one)?.superseded,
  );
  const patch = patches.find((one) => one.id === id);
  if (!asset || !patch) throw new Error("the invented installation misses patches");

  it("opens from an asset's patches, and stands in the address", async () => {
    const { router, user } = show(`/assets/${asset.id}?tab=patches&query=id:\`${patch.id}\``);
    await user.click(await screen.findByRole("link", { name: `Why? ${patch.title}` }));
    const panel = await screen.findByRole("dialog", { name: "Why?" });
    expect(
      await within(panel).findByText(/packages it speaks of are below/, { selector: "p" }),
    ).toBeInTheDocument();
    const packages = within(panel).getByRole("table", { name: "Packages compared" });
    expect(within(packages).getAllByText("Below")).toHaveLength(patch.packages.length);
    expect(router.state.location.search).toMatchObject({ tab: "patches", why: patch.id });
    await user.click(within(panel).getByRole("button", { name: "Close" }));
    await waitFor(() => expect(router.state.location.search).not.toMatchObject({ why: patch.id }));
  });

  it("opens from a patch's assets", async () => {
    const { user } = show(`/patches/${encodeURIComponent(patch.id)}?q=${asset.name}`);
    await user.click(await screen.findByRole("link", { name: `Why? ${asset.name}` }));
    const panel = await screen.findByRole("dialog", { name: "Why?" });
    expect(await within(panel).findByRole("link", { name: asset.name })).toBeInTheDocument();
  });
});

describe("the page of a patch", () => {
  it("draws what replaces what, and leads there", async () => {
    const old = patches.find(({ superseded_by }) => superseded_by.length > 0);
    const newer = old?.superseded_by[0];
    if (!old || !newer) throw new Error("the invented catalog has patches that are replaced");
    const { router, user } = show(`/patches/${encodeURIComponent(old.id)}`);
    const chain = await screen.findByRole("list", { name: /replace each other/ });
    const rows = within(chain).getAllByRole("listitem");
    expect(rows.map((row) => row.getAttribute("aria-current"))).toEqual([null, "true"]);
    await user.click(within(chain).getByRole("link", { name: newer.title }));
    await waitFor(() => expect(router.state.location.pathname).toContain(encodeURIComponent(newer.id)));
  });
});
