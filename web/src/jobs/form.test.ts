import { describe, expect, it } from "vitest";
import type { Job } from "~/api/model";
import {
  bodyOf,
  EMPTY_FORM,
  formOf,
  type JobForm,
  lacking,
  localMinute,
  scheduleOf,
  suggestedName,
} from "./form";

const filled: JobForm = {
  ...EMPTY_FORM,
  name: " Canary ",
  patches: [{ id: "debian:bookworm:DSA-1", title: "openssl security update" }],
  includeTags: ["t1"],
  includeAssets: [{ id: "a1", name: "web-01" }],
  when: "once",
  at: "2030-01-02T03:04",
  windowMinutes: 90,
};

describe("a job's form", () => {
  it("says what is lacking, and nothing when all is there", () => {
    expect(lacking({ ...EMPTY_FORM, when: "later" })).toEqual(["patches", "assets", "schedule"]);
    expect(lacking(filled)).toEqual([]);
    expect(lacking({ ...filled, includeTags: [] })).toEqual([]);
    expect(lacking({ ...filled, includeTags: [], includeAssets: [] })).toEqual(["assets"]);
  });

  it("excluded assets alone choose nothing", () => {
    expect(lacking({ ...filled, includeTags: [], includeAssets: [], excludeTags: ["t2"] })).toEqual([
      "assets",
    ]);
  });

  it("becomes the body the API takes", () => {
    expect(bodyOf(filled)).toEqual({
      name: "Canary",
      description: "",
      kind: "install",
      patches: ["debian:bookworm:DSA-1"],
      assets: {
        include_tags: ["t1"],
        include_match: "any",
        exclude_tags: [],
        exclude_match: "any",
        include_assets: ["a1"],
        exclude_assets: [],
      },
      schedule: { type: "once", at: new Date("2030-01-02T03:04").toISOString() },
      options: { continue_on_failure: true, window_minutes: 90 },
    });
  });

  it("is the same after being saved and opened again", () => {
    const body = bodyOf(filled);
    const job = {
      ...body,
      name: filled.name,
      patches: filled.patches,
      named_assets: filled.includeAssets,
    } as unknown as Job;
    expect(formOf(job)).toEqual(filled);
  });

  it("has no schedule while the moment is not written out", () => {
    expect(scheduleOf({ ...filled, at: "" })).toBeNull();
    expect(scheduleOf({ ...filled, at: "2030-13-99T99:99" })).toBeNull();
    expect(scheduleOf({ ...filled, when: "later" })).toBeNull();
  });
});

it("writes moments for the browser's own picker", () => {
  expect(localMinute(new Date(2030, 0, 2, 3, 4))).toBe("2030-01-02T03:04");
});

it("suggests a name from what the job does", () => {
  expect(suggestedName(EMPTY_FORM)).toBe("");
  expect(suggestedName(filled)).toBe("Install openssl security update on web-01");
  const two = [...filled.patches, { id: "b", title: "B" }];
  expect(suggestedName({ kind: "uninstall", patches: two, includeAssets: [] })).toBe("Roll back 2 patches");
});
