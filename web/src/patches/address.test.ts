import { describe, expect, it } from "vitest";
import { inAddress, patchesAddress, patchesAsked, USUAL_PATCHES } from "./address";

describe("the patch list", () => {
  it("shows missing and latest patches when the address is bare", () => {
    expect(patchesAsked(patchesAddress({}))).toEqual({
      query: USUAL_PATCHES,
      assets: undefined,
      applicable: undefined,
    });
  });

  it("shows everything when the query is empty", () => {
    expect(patchesAsked(patchesAddress({ query: "", applicable: "all" }))).toMatchObject({
      query: undefined,
      applicable: "all",
    });
  });

  it("keeps the address bare while the usual is asked", () => {
    expect([inAddress(USUAL_PATCHES), inAddress(""), inAddress("kev:yes")]).toEqual([
      undefined,
      "",
      "kev:yes",
    ]);
  });

  it("ignores what it does not know, former filters too", () => {
    expect(
      patchesAddress({ applicable: "some", status: "installed", latest: "false", cols: ["a", "b"] }),
    ).toEqual({
      query: undefined,
      assets: undefined,
      applicable: undefined,
      sort: undefined,
      cols: "a",
      density: undefined,
    });
  });
});
