import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { server, show, withInstallation } from "../../mock/console";
import type { PERMISSIONS } from "../../mock/office";
import { enter, write } from "../../mock/typing";
import { assets, me } from "../../mock/world";

withInstallation();

const table = () => screen.findByRole("table", { name: "Assets" });
const names = assets.map(({ name }) => name).toSorted();
const first = () => screen.findByRole("link", { name: names[0] ?? "" });
const address = (router: ReturnType<typeof show>["router"]) => router.state.location.searchStr;
const decoded = (router: ReturnType<typeof show>["router"]) =>
  decodeURIComponent(address(router).replaceAll("+", " "));

describe("the asset list", () => {
  it("shows the result's total and rows with counts that are links", async () => {
    const asset = assets.find(({ installed }) => installed > 0);
    if (!asset) throw new Error("the invented installation has assets");
    show(`/assets?query=${asset.name}`);
    expect(await screen.findByRole("link", { name: asset.name })).toBeInTheDocument();
    expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent(/^Assets1$/);
    const link = screen.getByRole("link", { name: `${asset.installed} installed on ${asset.name}` });
    expect(link).toHaveAttribute("href", expect.stringContaining("status=installed"));
  });

  it("writes a chosen facet into the query, several values as a list, and takes them out again", async () => {
    const { router, user } = show("/assets");
    const filters = await screen.findByRole("navigation", { name: "Filters" });
    await user.click(await within(filters).findByRole("button", { name: /^Stale/ }));
    await waitFor(() => expect(address(router)).toBe("?query=scanStatus:stale"));
    expect(await screen.findByRole("textbox", { name: "Asset query" })).toHaveTextContent("scanStatus:stale");
    await user.click(await within(filters).findByRole("button", { name: /^Scan failed/ }));
    await waitFor(() => expect(decoded(router)).toBe("?query=scanStatus:[stale, scan_failed]"));
    await waitFor(() => expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent(/^Assets\d+$/));
    const rows = assets.filter(({ scan_status }) => ["stale", "scan_failed"].includes(scan_status));
    await waitFor(() =>
      expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent(`Assets${rows.length}`),
    );
    for (const name of [/^Stale/, /^Scan failed/]) {
      await user.click(await within(filters).findByRole("button", { name, pressed: true }));
    }
    await waitFor(() => expect(address(router)).toBe(""));
  });

  it("drops the filters addresses had before", async () => {
    const { router, user } = show("/assets?os=Debian&scan_status=stale&online=true");
    await first();
    expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent(`Assets${assets.length}`);
    await user.click(screen.getByRole("button", { name: "Security" }));
    await waitFor(() => expect(address(router)).toBe("?sort=latestMissingCount.security"));
  });

  it("says how many nobody knows of, and leads to them", async () => {
    const { router, user } = show("/assets?query=missing.vendorSeverity:critical and online:no");
    const heading = () => screen.getByRole("heading", { level: 1 });
    const number = await screen.findByRole("button", { name: /^\d+ unknown$/ });
    const unknown = Number.parseInt(number.textContent ?? "", 10);
    const certain = heading().textContent;
    await user.click(number);
    await user.click(await screen.findByRole("link", { name: `Show these ${unknown} assets` }));
    await waitFor(() =>
      expect(decoded(router)).toBe("?query=missing.vendorSeverity:critical and online:no&truth=unknown"),
    );
    await waitFor(() => expect(heading()).toHaveTextContent(`Assets${unknown}`));
    expect(screen.queryByRole("button", { name: /^\d+ unknown$/ })).not.toBeInTheDocument();
    const filters = await screen.findByRole("navigation", { name: "Filters" });
    expect(within(filters).queryByText("Misses a patch rated")).not.toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Remove filter Only unknown" }));
    await waitFor(() => expect(address(router)).not.toContain("truth"));
    await waitFor(() => expect(heading()).toHaveTextContent(certain ?? ""));
  });

  it("counts its facets in the version of its rows, and begins anew when that is gone", async () => {
    const asked: (string | null)[] = [];
    let version = "first";
    server.use(
      http.get("*/api/v1/assets/facets", ({ request }) => {
        const wanted = new URL(request.url).searchParams.get("version");
        asked.push(wanted);
        if (wanted === version) return HttpResponse.json({ version, total: 0, unknown: 0, facets: [] });
        return HttpResponse.json(
          { status: 410, code: "version-gone", title: "Gone.", detail: "", errors: [] },
          { status: 410, headers: { "content-type": "application/problem+json" } },
        );
      }),
      http.get("*/api/v1/assets", () => {
        const named = version;
        version = "second";
        return HttpResponse.json({ items: [], total: 3, unknown: 0, version: named, next: null });
      }),
    );
    show("/assets");
    await waitFor(() => expect(asked).toEqual(["first", "second"]));
  });

  it("asks for patches in a second box, missing or installed", async () => {
    const { router, user } = show("/assets");
    await first();
    await user.click(screen.getByRole("button", { name: "Add a patch query" }));
    const box = await screen.findByRole("textbox", { name: "Patch query" });
    write(box, "severity:critical");
    enter(box);
    await waitFor(() => expect(address(router)).toBe("?patches=severity:critical"));
    await user.click(screen.getByRole("radio", { name: "Installed" }));
    await waitFor(() => expect(address(router)).toBe("?patches=severity:critical&status=installed"));
    await user.click(screen.getByRole("switch", { name: "Latest only" }));
    await waitFor(() =>
      expect(decoded(router)).toBe("?patches=severity:critical and isSuperseded:no&status=installed"),
    );
    await user.click(screen.getByRole("button", { name: "Remove Patch query" }));
    await waitFor(() => expect(address(router)).not.toContain("patches"));
  });

  it("goes through the orders of a column", async () => {
    const { router, user } = show("/assets");
    const heading = await screen.findByRole("button", { name: "Missing" });
    for (const [order, search] of [
      ["ascending", "?sort=latestMissingCount"],
      ["descending", "?sort=-latestMissingCount"],
      ["none", ""],
    ]) {
      await user.click(heading);
      await waitFor(() => expect(address(router)).toBe(search));
      expect(screen.getByRole("columnheader", { name: "Missing" })).toHaveAttribute("aria-sort", order);
    }
  });

  it("shows the columns the address names, and only those", async () => {
    show("/assets?cols=name,interfaces.address");
    const headings = within(await table()).getAllByRole("columnheader");
    expect(headings.map((heading) => heading.textContent)).toEqual(["", "Name", "Addresses"]);
  });

  it("acts on all pages of the result, and refuses more names than a job takes", async () => {
    const { user } = show("/assets");
    await first();
    await user.click(screen.getAllByRole("checkbox", { name: /^Select [a-z]+-\d/ })[0] as HTMLElement);
    const bar = await screen.findByRole("toolbar", { name: "Actions on selected rows" });
    expect(bar).toHaveTextContent("1 selected");
    expect(within(bar).getByRole("button", { name: "New job" })).toBeEnabled();
    await user.click(within(bar).getByRole("button", { name: `Select all ${assets.length} assets` }));
    await waitFor(() => expect(bar).toHaveTextContent(`${assets.length} selected`));
    expect(within(bar).getByRole("button", { name: "New job" })).toBeDisabled();
    await user.click(within(bar).getByRole("button", { name: "Clear selection" }));
    expect(screen.getByRole("toolbar", { name: "List tools" })).toBeInTheDocument();
  });

  it("offers nothing that the reader may not do", async () => {
    const permissions = ["fleet.view", "job.list", "account.manage_own"] satisfies typeof PERMISSIONS;
    server.use(
      http.get("*/api/v1/session", () =>
        HttpResponse.json({ ...me, role: "patch_reader", permissions, csrf_token: "t" }),
      ),
    );
    show("/assets");
    await first();
    expect(screen.queryByRole("checkbox", { name: /^Select/ })).not.toBeInTheDocument();
    expect(screen.queryByRole("link", { name: "Add assets" })).not.toBeInTheDocument();
  });
});

describe("an asset list that cannot be shown", () => {
  it("says why in the server's words, and tries again", async () => {
    let refused = true;
    server.use(
      http.get("*/api/v1/assets", ({ request }) => {
        if (!refused || request.url.includes("facets")) return undefined;
        return HttpResponse.json(
          {
            status: 400,
            code: "cursor-invalid",
            title: "The request cannot be understood.",
            detail: "Start over.",
            errors: [],
          },
          { status: 400, headers: { "content-type": "application/problem+json" } },
        );
      }),
    );
    const { user } = show("/assets");
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent("The request cannot be understood.");
    expect(alert).toHaveTextContent("Start over.");
    refused = false;
    await user.click(within(alert).getByRole("button", { name: "Try again" }));
    expect(await first()).toBeInTheDocument();
  });

  it("says that nothing matches, and how to see everything again", async () => {
    const { router, user } = show("/assets?query=no-such-machine&sort=name");
    expect(await screen.findByText("No asset matches")).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Show all assets" }));
    await waitFor(() => expect(address(router)).toBe("?sort=name"));
  });

  it("goes to the log-in when the session has ended", async () => {
    const { router } = show("/assets?query=x");
    await table().catch(() => {});
    server.use(http.get("*/api/v1/assets", () => new HttpResponse(null, { status: 401 })));
    await router.navigate({ to: "/assets", search: { query: "web" } });
    expect(await screen.findByRole("heading", { name: "Log in" })).toBeInTheDocument();
  });
});
