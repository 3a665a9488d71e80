import { describe, expect, it } from "vitest";
import { duration, exact, relative } from "./time";

const now = new Date("2025-06-15T12:00:00Z");
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);

describe("relative", () => {
  it.each([
    [0, "just now"],
    [44, "just now"],
    [50, "1 min ago"],
    [90, "2 min ago"],
    [59 * 60, "59 min ago"],
    [60 * 60, "1 h ago"],
    [23 * 3600, "23 h ago"],
    [24 * 3600, "1 d ago"],
    [30 * 86_400, "30 d ago"],
    [-30, "in a moment"],
    [-300, "in 5 min"],
    [-2 * 86_400, "in 2 d"],
  ])("%i seconds ago is %s", (seconds, words) => {
    expect(relative(ago(seconds), now)).toBe(words);
  });

  it("says the date of what is long past, with the year only when it is another", () => {
    expect(relative(new Date("2025-02-03T12:00:00Z"), now)).toBe("3 Feb");
    expect(relative(new Date("2023-02-03T12:00:00Z"), now)).toBe("3 Feb 2023");
  });

  it("forgives a server clock that is a little ahead", () => {
    expect(relative(ago(-3), now)).toBe("just now");
  });
});

it("writes exact times with their zone", () => {
  expect(exact(now, "UTC")).toBe("15 Jun 2025, 12:00:00 UTC");
});

it.each([
  [400, "0 s"],
  [8_000, "8 s"],
  [200_000, "3 min 20 s"],
  [180_000, "3 min"],
  [7_500_000, "2 h 5 min"],
  [273_600_000, "3 d 4 h"],
])("%i ms is %s", (millis, words) => {
  expect(duration(millis)).toBe(words);
});
