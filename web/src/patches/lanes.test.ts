import { describe, expect, it } from "vitest";
import { lanes } from "./lanes";

const link = (newer: string, older: string) => ({ newer, older });

describe("lanes of a graph", () => {
  it("is one line for a chain", () => {
    expect(lanes(["c", "b", "a"], [link("c", "b"), link("b", "a")])).toEqual([
      { at: 0, lines: [{ from: 0, to: 0 }] },
      { at: 0, lines: [{ from: 0, to: 0 }] },
      { at: 0, lines: [] },
    ]);
  });

  it("leads past rows that are no part of a line", () => {
    // d replaces a and c, c replaces b.
    const rows = lanes(["d", "c", "b", "a"], [link("d", "a"), link("d", "c"), link("c", "b")]);
    expect(rows.map(({ at }) => at)).toEqual([0, 0, 0, 1]);
    expect(rows[0]?.lines).toEqual([
      { from: 0, to: 0 },
      { from: 0, to: 1 },
    ]);
    expect(rows[2]?.lines).toEqual([{ from: 1, to: 1 }]);
    expect(rows[3]?.lines).toEqual([]);
  });

  it("lets lines meet that lead to the same row", () => {
    const rows = lanes(["c", "b", "a"], [link("c", "a"), link("b", "a")]);
    expect(rows).toEqual([
      { at: 0, lines: [{ from: 0, to: 0 }] },
      {
        at: 1,
        lines: [
          { from: 0, to: 0 },
          { from: 1, to: 0 },
        ],
      },
      { at: 0, lines: [] },
    ]);
  });
});
