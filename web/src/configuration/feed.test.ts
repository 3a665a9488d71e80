import { expect, it } from "vitest";
import type { Feed } from "~/api/model";
import { configOf, draftOf, isComplete, words } from "./feed";

const feed = {
  name: "Bookworm",
  config: {
    kind: "debian",
    release: "debian/bookworm",
    architectures: ["amd64", "arm64"],
    advisories: null,
    sources: [
      {
        uri: "https://mirror.example/debian",
        suite: "bookworm",
        components: ["main", "contrib"],
        keyring: "/k.gpg",
      },
    ],
  },
} as Feed;

it("is the same after being opened and saved", () => {
  expect(configOf(draftOf(feed))).toEqual(feed.config);
});

it("is not complete until every source is", () => {
  expect(isComplete(draftOf(null))).toBe(false);
  const draft = draftOf(feed);
  expect(isComplete(draft)).toBe(true);
  expect(
    isComplete({
      ...draft,
      sources: [...draft.sources, { key: 1, uri: "x", suite: "y", components: " ", keyring: "z" }],
    }),
  ).toBe(false);
  expect(isComplete({ ...draft, sources: [] })).toBe(false);
});

it("takes words however they are separated", () => {
  expect(words(" main,contrib  non-free\n")).toEqual(["main", "contrib", "non-free"]);
});
