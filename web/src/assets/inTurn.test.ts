import { expect, it } from "vitest";
import { eachInTurn } from "./inTurn";

it("does everything, a few at a time, and goes on after failures", async () => {
  let running = 0;
  let most = 0;
  const done: number[] = [];
  const result = await eachInTurn(
    Array.from({ length: 20 }, (_, at) => at),
    async (item) => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
      if (item % 10 === 3) throw new Error(`no ${item}`);
      done.push(item);
    },
  );
  expect(done).toHaveLength(18);
  expect(most).toBe(6);
  expect(result.failed).toBe(2);
  expect(result.firstError).toEqual(new Error("no 3"));
});
