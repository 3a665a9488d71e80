import { screen, waitFor } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { show, withInstallation } from "../../mock/console";
import { session } from "../../mock/office";

withInstallation();
beforeEach(() => {
  session.loggedIn = false;
});

describe("logging in", () => {
  it("refuses in the server's words, then leads to the page that was asked for", async () => {
    const { user, router } = show("/jobs?query=status:enabled");
    await user.type(await screen.findByLabelText("Name"), "amelie");
    await user.type(screen.getByLabelText("Password"), "too short");
    await user.click(screen.getByRole("button", { name: "Log in" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("Name or password is wrong.");
    expect(screen.getByLabelText("Password")).toHaveValue("");
    await user.type(screen.getByLabelText("Password"), "correct horse battery staple{Enter}");
    await waitFor(() => expect(router.state.location.href).toBe("/jobs?query=status:enabled"));
    expect(await screen.findByRole("heading", { level: 1, name: /^Jobs/ })).toBeInTheDocument();
  });

  it("never leads to another host", async () => {
    const { router } = show("/login?back=//elsewhere.example/");
    expect(await screen.findByRole("heading", { name: "Log in" })).toBeInTheDocument();
    expect(router.state.matches.at(-1)?.search).toEqual({ back: undefined });
  });
});

describe("a fresh installation", () => {
  beforeEach(() => {
    session.needed = true;
  });

  it("asks for the one-time link when it is opened without", async () => {
    window.location.hash = "";
    show("/assets");
    expect(await screen.findByRole("heading", { name: "Welcome to Fettle" })).toBeInTheDocument();
  });

  it("makes the first administrator with the link", async () => {
    window.location.hash = "#first";
    const { user } = show("/setup");
    await user.type(await screen.findByLabelText("Name"), "amelie");
    await user.type(screen.getByLabelText("Password"), "correct horse battery");
    await user.type(screen.getByLabelText("Password again"), "correct horse batterz");
    await user.click(screen.getByRole("button", { name: "Create administrator" }));
    expect(screen.getByText("The two passwords differ.")).toBeInTheDocument();
    await user.type(screen.getByLabelText("Password again"), "{Backspace}y");
    await user.click(screen.getByRole("button", { name: "Create administrator" }));
    expect(await screen.findByRole("heading", { level: 1, name: /^Assets/ })).toBeInTheDocument();
  });

  it("says what to do with a link that is not valid any more", async () => {
    window.location.hash = "#old";
    const { user } = show("/setup");
    await user.type(await screen.findByLabelText("Name"), "amelie");
    await user.type(screen.getByLabelText("Password"), "correct horse battery");
    await user.type(screen.getByLabelText("Password again"), "correct horse battery");
    await user.click(screen.getByRole("button", { name: "Create administrator" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("Use the link printed at the newest start.");
  });
});
