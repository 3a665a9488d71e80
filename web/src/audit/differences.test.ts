import { expect, it } from "vitest";
import { differences } from "./differences";

it("names what differs, by its way", () => {
  const before = { name: "a", schedule: { type: "once", at: null }, tags: ["x"], same: 1 };
  const after = { name: "b", schedule: { type: "once", at: "2026-01-01" }, tags: ["x", "y"], same: 1 };
  expect(differences(before, after)).toEqual([
    { path: "name", before: "a", after: "b" },
    { path: "schedule.at", before: "null", after: "2026-01-01" },
    { path: "tags", before: '["x"]', after: '["x","y"]' },
  ]);
});

it("shows all of what was made or removed", () => {
  expect(differences(null, { name: "a" })).toEqual([{ path: "name", before: undefined, after: "a" }]);
  expect(differences({ name: "a" }, null)).toEqual([{ path: "name", before: "a", after: undefined }]);
  expect(differences(null, null)).toEqual([]);
  expect(differences("a", 2)).toEqual([{ path: "value", before: "a", after: "2" }]);
});
