import { expect, it } from "vitest";
import type { Tag } from "~/api/model";
import { inTreeOrder, withBelow } from "./tree";

const tag = (id: string, name: string, parent: string | null = null): Tag => ({
  id,
  name,
  parent,
  query: null,
  error: null,
  assets: 0,
});

it("puts children below their parents and sorts siblings by name", () => {
  const tags = [
    tag("3", "web", "1"),
    tag("2", "staging"),
    tag("1", "production"),
    tag("4", "db", "1"),
    tag("5", "blue", "3"),
  ];
  expect(inTreeOrder(tags).map(({ path, depth }) => [path, depth])).toEqual([
    ["production", 0],
    ["production / db", 1],
    ["production / web", 1],
    ["production / web / blue", 2],
    ["staging", 0],
  ]);
});

it("shows a tag whose parent is out of scope at the top", () => {
  expect(inTreeOrder([tag("2", "web", "hidden")])).toMatchObject([{ path: "web", depth: 0 }]);
});

it("finds everything below a tag, and ends on a loop", () => {
  const tags = [tag("1", "a"), tag("2", "b", "1"), tag("3", "c", "2"), tag("4", "d")];
  expect([...withBelow(tags, "1")]).toEqual(["1", "2", "3"]);
  expect([...withBelow([tag("1", "a", "2"), tag("2", "b", "1")], "1")].toSorted()).toEqual(["1", "2"]);
});
