import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { paced } from "./useRun";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("acts at once, then at most once a span, and never forgets the last", () => {
  const act = vi.fn();
  const rows = paced(1000, act);
  rows.ask();
  expect(act).toHaveBeenCalledTimes(1);
  for (let time = 0; time < 9; time += 1) {
    rows.ask();
    vi.advanceTimersByTime(100);
  }
  expect(act).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(100);
  expect(act).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(5000);
  expect(act).toHaveBeenCalledTimes(2);
  rows.ask();
  expect(act).toHaveBeenCalledTimes(3);
});

it("does what was asked for last when it is stopped", () => {
  const act = vi.fn();
  const rows = paced(1000, act);
  rows.ask();
  rows.ask();
  rows.flush();
  expect(act).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(5000);
  expect(act).toHaveBeenCalledTimes(2);
});
