/** Requests under way at once when one action is done on many rows: quick, and gentle to the server. */
const AT_ONCE = 6;

/** Does something for each of many, a few at a time; goes on after failures and tells how many there were. */
export async function eachInTurn<T>(
  items: readonly T[],
  act: (item: T) => Promise<void>,
): Promise<{ failed: number; firstError: unknown }> {
  const waiting = [...items];
  let failed = 0;
  let firstError: unknown = null;
  const work = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      try {
        await act(item);
      } catch (error) {
        failed += 1;
        firstError ??= error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, work));
  return { failed, firstError };
}
