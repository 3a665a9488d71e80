import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import type { CreateJob } from "~/api/model";
import { server, show, withInstallation } from "../../mock/console";
import { assets, findings, patches } from "../../mock/world";
import { startDraft } from "./draft";

withInstallation();

const asset = assets.find(
  (each) => !each.assess_only && each.scan_status === "scanned" && each.latest_missing > 1,
);
const patch = patches.find(
  ({ id, superseded }) => !superseded && asset && findings.get(asset.id)?.missing.has(id),
);
if (!asset || !patch) throw new Error("the invented installation has such a pair");

const chosen = () =>
  startDraft({
    assets: [{ id: asset.id, name: asset.name }],
    patches: [{ id: patch.id, title: patch.title }],
  });

describe("the job form", () => {
  it("saves a job that lacks something, and does not offer to enable it", async () => {
    const { user, router } = show("/jobs/new");
    await user.type(await screen.findByRole("textbox", { name: /^Name/ }), "Later");
    expect(screen.getByRole("button", { name: "Save and review" })).toBeDisabled();
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByRole("heading", { level: 1, name: "Later" })).toBeInTheDocument();
    expect(screen.getByText("Partially configured")).toBeInTheDocument();
    expect(
      screen.getByText(/Choose at least one patch. Choose at least one asset or tag./),
    ).toBeInTheDocument();
    expect(router.state.location.pathname).toMatch(/^\/jobs\/[0-9a-f-]+$/);
  });

  it("wants a name before anything is sent", async () => {
    const { user } = show("/jobs/new");
    await user.click(await screen.findByRole("button", { name: "Save" }));
    expect(screen.getByText("Give the job a name.")).toBeInTheDocument();
  });

  it("carries what was chosen elsewhere to the review, and from there to the run", async () => {
    chosen();
    let sent: CreateJob | undefined;
    server.use(
      http.post("*/api/v1/jobs", async ({ request }) => {
        sent = (await request.clone().json()) as CreateJob;
        expect(request.headers.get("idempotency-key")).toMatch(/^[0-9a-f-]{36}$/);
        expect(request.headers.get("x-csrf-token")).toBe("a-token");
        return undefined;
      }),
    );
    const { user, router } = show("/jobs/new?draft=true");
    expect(await screen.findByDisplayValue(`Install ${patch.title} on ${asset.name}`)).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Save and review" }));
    const review = await screen.findByRole("dialog");
    expect(await within(review).findByText("Taking part")).toBeInTheDocument();
    expect(within(review).getByText(asset.name)).toBeInTheDocument();
    expect(sent).toMatchObject({
      kind: "install",
      patches: [patch.id],
      assets: { include_assets: [asset.id], include_tags: [] },
      schedule: { type: "on_demand" },
      enable: false,
    });
    await user.click(within(review).getByRole("button", { name: "Enable job" }));
    await waitFor(() => expect(router.state.location.pathname).toMatch(/\/runs\//));
    expect(sessionStorage.getItem("fettle-job-draft")).toBeNull();
  });

  it("shows the server's complaints about single fields", async () => {
    chosen();
    server.use(
      http.post("*/api/v1/jobs", () =>
        HttpResponse.json(
          {
            status: 422,
            code: "invalid",
            title: "Some values were refused.",
            detail: "Correct the values named in errors.",
            errors: [
              { field: "name", message: "is taken" },
              { field: "patches[0]", message: "there is no such patch" },
            ],
          },
          { status: 422, headers: { "content-type": "application/problem+json" } },
        ),
      ),
    );
    const { user } = show("/jobs/new?draft=true");
    await user.click(await screen.findByRole("button", { name: "Save" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("Some values were refused.");
    expect(screen.getByRole("alert")).toHaveTextContent("patches[0] there is no such patch");
    expect(screen.getByRole("textbox", { name: /^Name/ })).toHaveAccessibleDescription("is taken");
  });

  it("asks before unsaved work is left, and not after it was saved", async () => {
    const { user, router } = show("/jobs/new");
    await user.type(await screen.findByRole("textbox", { name: /^Name/ }), "Half done");
    await user.click(screen.getByRole("link", { name: "Assets" }));
    const question = await screen.findByRole("dialog", { name: "Leave without saving?" });
    await user.click(within(question).getByRole("button", { name: "Cancel" }));
    expect(router.state.location.pathname).toBe("/jobs/new");
    expect(screen.getByDisplayValue("Half done")).toBeInTheDocument();
    await user.click(screen.getByRole("link", { name: "Assets" }));
    await user.click(await screen.findByRole("button", { name: "Leave" }));
    await waitFor(() => expect(router.state.location.pathname).toBe("/assets"));
  });
});
