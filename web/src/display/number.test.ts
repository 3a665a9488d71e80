import { expect, it } from "vitest";
import { bytes, plural } from "./number";

it.each([
  [0, "0 B"],
  [999, "999 B"],
  [1024, "1 KiB"],
  [962_560, "940 KiB"],
  [1_342_177_280, "1.25 GiB"],
  [14_500_000, "13.8 MiB"],
  [999 * 1024 * 1024 * 1024 * 1024 * 4, "3996 TiB"],
])("%i bytes are %s", (value, words) => {
  expect(bytes(value)).toBe(words);
});

it("counts nouns", () => {
  expect(plural(1, "asset")).toBe("1 asset");
  expect(plural(1200, "patch", "patches")).toBe("1,200 patches");
});
