import { describe, expect, it } from "vitest";
import type { Job } from "~/api/model";
import { mergeInto } from "./addition";

const job: Pick<Job, "patches" | "assets"> = {
  patches: [
    { id: "p1", title: "one" },
    { id: "p2", title: "two" },
  ],
  assets: {
    include_tags: ["t"],
    include_match: "any",
    exclude_tags: [],
    exclude_match: "any",
    include_assets: ["a1"],
    exclude_assets: ["a2", "a3"],
  },
};

describe("adding to a job", () => {
  it("keeps the order of its patches and adds the new ones at the end, once", () => {
    const { change, added } = mergeInto(job, {
      patches: [
        { id: "p2", title: "two" },
        { id: "p3", title: "three" },
      ],
    });
    expect(change).toEqual({ patches: ["p1", "p2", "p3"] });
    expect(added).toBe(1);
  });

  it("takes an asset that is added by name off the list of those excluded by name", () => {
    const { change, added } = mergeInto(job, { assets: [{ id: "a2", name: "web" }] });
    expect(change).toEqual({
      assets: { ...job.assets, include_assets: ["a1", "a2"], exclude_assets: ["a3"] },
    });
    expect(added).toBe(2);
  });

  it("says when there is nothing new, and when it is too much", () => {
    expect(mergeInto(job, { assets: [{ id: "a1", name: "db" }] }).added).toBe(0);
    const many = Array.from({ length: 50 }, (_, at) => ({ id: `x${at}`, name: "x" }));
    expect(mergeInto(job, { assets: many }).tooMany).toMatch(/at most 50 assets/);
    expect(mergeInto(job, { assets: many.slice(1) }).tooMany).toBeNull();
  });
});
