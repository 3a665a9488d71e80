import { describe, expect, it } from "vitest";
import { inOrder, shares } from "./Breakdown";

describe("the breakdown of a run", () => {
  it("puts what is done first and what waits last", () => {
    const parts = ["pending", "failed", "running", "succeeded", "brand_new"].map((status) => ({
      status,
      count: 1,
    }));
    expect(inOrder(parts).map((part) => part.status)).toEqual([
      "succeeded",
      "failed",
      "running",
      "pending",
      "brand_new",
    ]);
  });

  it("leaves out what nobody has", () => {
    expect(inOrder([{ status: "failed", count: 0 }])).toEqual([]);
  });

  it.each([
    [
      [1, 1, 1],
      [34, 33, 33],
    ],
    [
      [999, 1],
      [100, 0],
    ],
    [
      [0, 0],
      [0, 0],
    ],
    [[5], [100]],
  ])("shares of %j are %j", (counts, expected) => {
    expect(shares(counts.map((count, at) => ({ status: String(at), count })))).toEqual(expected);
  });
});
