import { describe, expect, it } from "vitest";
import { type Column, columnsInAddress, fittingColumns, nextSort, shownColumns } from "./column";

const column = (id: string, more: Partial<Column<unknown>> = {}): Column<unknown> => ({
  id,
  title: id,
  width: 100,
  cell: () => id,
  ...more,
});
const all = [column("name", { fixed: true }), column("os"), column("release", { extra: true })];
const ids = (columns: Column<unknown>[]) => columns.map(({ id }) => id);

describe("columns in the address", () => {
  it("are absent while they are the usual ones", () => {
    expect(ids(shownColumns(all, undefined))).toEqual(["name", "os"]);
    expect(columnsInAddress(all, ["os", "name"])).toBeUndefined();
  });

  it("name what is shown, in the list's order, and never lose the fixed one", () => {
    const address = columnsInAddress(all, ["release"]);
    expect(address).toBe("name,release");
    expect(ids(shownColumns(all, address))).toEqual(["name", "release"]);
    expect(ids(shownColumns(all, "nonsense"))).toEqual(["name"]);
  });
});

describe("columns that fit", () => {
  const many = [
    column("name"),
    column("os", { yields: 1 }),
    column("agent", { yields: 3 }),
    column("tags", { yields: 2 }),
  ];

  it("lose the least important first", () => {
    expect(ids(fittingColumns(many, undefined, 400))).toEqual(["name", "os", "agent", "tags"]);
    expect(ids(fittingColumns(many, undefined, 399))).toEqual(["name", "os", "tags"]);
    expect(ids(fittingColumns(many, undefined, 250))).toEqual(["name", "os"]);
    expect(ids(fittingColumns(many, undefined, 10))).toEqual(["name"]);
  });

  it("are not taken from a person who chose them, nor before the room is known", () => {
    expect(ids(fittingColumns(many, "name,agent,tags", 10))).toEqual(["name", "agent", "tags"]);
    expect(ids(fittingColumns(many, undefined, undefined))).toHaveLength(4);
  });
});

it("goes through ascending, descending and the list's own order", () => {
  expect(nextSort(undefined, "name")).toBe("name");
  expect(nextSort("name", "name")).toBe("-name");
  expect(nextSort("-name", "name")).toBeUndefined();
  expect(nextSort("-name", "os")).toBe("os");
});
