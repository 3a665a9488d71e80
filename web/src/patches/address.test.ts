import { describe, expect, it } from "vitest";
import { patchesAddress, patchFilters } from "./address";

describe("the patch list", () => {
  it("shows missing and latest patches when the address is bare", () => {
    expect(patchFilters(patchesAddress({}))).toMatchObject({
      status: "missing",
      latest: true,
      all: undefined,
    });
  });

  it("asks for every status when any is chosen", () => {
    const filters = patchFilters(
      patchesAddress({ status: "any", latest: "false", severity: ["critical", "important"] }),
    );
    expect(filters).toMatchObject({ status: undefined, latest: false, severity: "critical,important" });
  });

  it("ignores what it does not know", () => {
    expect(patchesAddress({ status: "gone", kind: "firmware", cols: ["a", "b"] })).toMatchObject({
      status: undefined,
      kind: undefined,
      cols: "a",
    });
  });
});
