import { describe, expect, it } from "vitest";
import { flag, oneOf, parseAddress, text, textOrEmpty, texts, writeAddress } from "./address";

describe("the address", () => {
  it("is the same after reading and writing", () => {
    const search = "?q=web+01&tag=a&tag=b&missing_patch=debian:bookworm:DSA-5678-1&cols=name,os";
    expect(writeAddress(parseAddress(search))).toBe(search);
  });

  it("says nothing of what is not set", () => {
    expect(writeAddress({ q: undefined, tag: [], sort: null, latest: false })).toBe("?latest=false");
    expect(writeAddress({})).toBe("");
  });

  it("can say that something is empty", () => {
    expect(writeAddress({ query: "" })).toBe("?query=");
    expect(textOrEmpty(parseAddress("?query=").query)).toBe("");
    expect(text(parseAddress("?query=").query)).toBeUndefined();
  });

  it("keeps what could be mistaken for syntax", () => {
    const state = { q: "a&b=c#d 100% +x" };
    expect(parseAddress(writeAddress(state))).toEqual(state);
  });
});

describe("reading values", () => {
  it("takes the first of several texts and drops doubles", () => {
    expect(text(["a", "b"])).toBe("a");
    expect(texts(["a", "b", "a", ""])).toEqual(["a", "b"]);
    expect(texts(undefined)).toBeUndefined();
  });

  it("refuses what is not in the closed set", () => {
    expect(oneOf(["missing", "installed"], "Missing")).toBeUndefined();
    expect(oneOf(["missing", "installed"], "missing")).toBe("missing");
  });

  it("knows yes, no and nothing", () => {
    expect([flag("true"), flag("false"), flag("1"), flag(undefined)]).toEqual([
      true,
      false,
      undefined,
      undefined,
    ]);
  });
});
