import { describe, expect, it } from "vitest";
import { type Column, columnsInAddress, nextSort, shownColumns } from "./column";

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

it("goes through ascending, descending and the list's own order", () => {
  expect(nextSort(undefined, "name")).toBe("name");
  expect(nextSort("name", "name")).toBe("-name");
  expect(nextSort("-name", "name")).toBeUndefined();
  expect(nextSort("-name", "os")).toBe("os");
});
