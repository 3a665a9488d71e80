import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { server, show, withInstallation } from "../../mock/console";
import { enter, press, write } from "../../mock/typing";

withInstallation();

const box = (name = "Asset query") => screen.findByRole("textbox", { name });
const address = (router: ReturnType<typeof show>["router"]) =>
  decodeURIComponent(router.state.location.searchStr.replaceAll("+", " "));
const completions = () => screen.findByRole("listbox", { name: "Completions" });

describe("the query box", () => {
  it("completes a field, then its values with their counts, and Enter runs", async () => {
    const { router } = show("/assets");
    const field = await box();
    write(field, "scanSt");
    expect(within(await completions()).getByRole("option")).toHaveTextContent("How the last scan went");
    press(field, "Tab");
    await waitFor(() => expect(field).toHaveTextContent("scanStatus:"));
    const stale = await screen.findByRole("option", { name: /^stale\D+\d+$/i });
    expect(stale.closest("ul")).not.toHaveAttribute("aria-expanded");
    for (let at = 0; at < 9 && stale.getAttribute("aria-selected") !== "true"; at++)
      press(field, "ArrowDown");
    enter(field);
    await waitFor(() => expect(field).toHaveTextContent("scanStatus:stale"));
    expect(address(router)).toBe("");
    enter(field);
    await waitFor(() => expect(address(router)).toBe("?query=scanStatus:stale"));
  });

  it("says what is wrong, where, and mends it with a click", async () => {
    const { router, user } = show("/assets");
    const field = await box();
    write(field, "onlne:yes web");
    const problems = await screen.findByRole("status", { name: "What is wrong with the query" });
    expect(problems).toHaveTextContent("There is no field “onlne”.");
    expect(problems).toHaveTextContent("Expected a field of assets");
    expect(field.querySelector(".fq-wrong")).toHaveTextContent("onlne");
    expect(field).toHaveAttribute("aria-invalid", "true");
    enter(field);
    expect(address(router)).toBe("");
    await user.click(within(problems).getByRole("button", { name: "Did you mean online?" }));
    expect(field).toHaveTextContent("online:yes web");
    await waitFor(() => expect(problems).not.toBeInTheDocument());
    enter(field);
    await waitFor(() => expect(address(router)).toBe("?query=online:yes web"));
  });

  it("marks the place after the end when something is missing there", async () => {
    show("/assets");
    const field = await box();
    write(field, "missing:(kev:yes");
    enter(field);
    await waitFor(() => expect(field.querySelector(".fq-gap")).toBeInTheDocument());
  });

  it("gives back with Escape what was there", async () => {
    show("/assets?query=online:yes");
    const field = await box();
    await waitFor(() => expect(field).toHaveTextContent("online:yes"));
    write(field, "something else ");
    press(field, "Escape");
    if (field.textContent !== "online:yes") press(field, "Escape");
    expect(field).toHaveTextContent("online:yes");
  });

  it("keeps a pasted query on one line", async () => {
    show("/assets");
    const field = await box();
    write(field, "online:yes\nand name:web");
    expect(field).toHaveTextContent("online:yes and name:web");
  });

  it("shows what the server refused, when a link carries a query that is wrong", async () => {
    show("/assets?query=onlne:yes");
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent("The query cannot be understood.");
    expect(within(alert).queryByRole("button", { name: "Try again" })).not.toBeInTheDocument();
    const field = await box();
    await waitFor(() => expect(field.querySelector(".fq-wrong")).toHaveTextContent("onlne"));
  });

  it("still runs when nobody can explain", async () => {
    server.use(http.get("*/api/v1/query/:what", () => new HttpResponse(null, { status: 503 })));
    const { router } = show("/assets");
    const field = await box();
    write(field, "web");
    enter(field);
    await waitFor(() => expect(address(router)).toBe("?query=web"));
  });

  it("says in words what is asked", async () => {
    const { user } = show("/assets?query=online:yes");
    await user.click(
      (await screen.findAllByRole("button", { name: "The query in words" }))[0] as HTMLElement,
    );
    expect(await screen.findByText("Everything for which online:yes holds.")).toBeInTheDocument();
  });
});

describe("help with queries", () => {
  it("lists the fields, finds one, and puts its example into the box", async () => {
    const { router, user } = show("/assets?query=web");
    await user.click(await screen.findByRole("button", { name: "Help with queries" }));
    await user.type(await screen.findByRole("searchbox", { name: "Search fields" }), "restarted");
    const fields = screen.getByRole("list", { name: "Fields" });
    await user.click(within(fields).getByRole("button", { name: /rebootPending:yes/ }));
    await waitFor(() => expect(address(router)).toBe("?query=web and rebootPending:yes"));
  });
});

describe("searches", () => {
  it("are remembered, saved, run again, renamed and removed", async () => {
    const { router, user } = show("/assets");
    write(await box(), "online:no");
    enter(await box());
    await waitFor(() => expect(address(router)).toBe("?query=online:no"));
    const open = () => user.click(screen.getByRole("button", { name: "Recent and saved searches" }));

    await open();
    await screen.findByRole("menuitem", { name: "online:no" });
    await user.click(await screen.findByRole("menuitem", { name: "Save this search…" }));
    await user.type(await screen.findByRole("textbox", { name: "Name" }), "Silent ones");
    await user.click(screen.getByRole("button", { name: "Save search" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());

    await user.click(screen.getByRole("button", { name: "Clear Asset query" }));
    await waitFor(() => expect(address(router)).toBe(""));
    await open();
    await user.click(await screen.findByRole("menuitem", { name: /^Silent ones/ }));
    await waitFor(() => expect(address(router)).toBe("?query=online:no"));

    await open();
    await user.click(await screen.findByRole("menuitem", { name: "Manage saved searches…" }));
    await user.click(await screen.findByRole("button", { name: "Change Silent ones" }));
    const name = await screen.findByRole("textbox", { name: "Name" });
    await user.clear(name);
    await user.type(name, "Quiet ones");
    await user.click(screen.getByRole("button", { name: "Save" }));
    await user.click(await screen.findByRole("button", { name: "Remove Quiet ones" }));
    expect(await screen.findByText("Nothing saved yet")).toBeInTheDocument();
  });
});
