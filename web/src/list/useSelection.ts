import { useMemo, useRef, useState } from "react";

/** Rows chosen for an action on all of them. */
export type Selection<T> = {
  chosen: ReadonlyMap<string, T>;
  /** Chooses or releases one row; with `range`, also all rows between it and the one before. */
  toggle: (row: T, at: number, rows: readonly T[], range: boolean) => void;
  /** Chooses these rows, or releases them when all were chosen. */
  toggleAll: (rows: readonly T[]) => void;
  /** Chooses exactly these rows. */
  set: (rows: readonly T[]) => void;
  clear: () => void;
};

/** Keeps the chosen rows of one list; they stay chosen while the reader scrolls. */
export function useSelection<T>(idOf: (row: T) => string): Selection<T> {
  const [chosen, setChosen] = useState<ReadonlyMap<string, T>>(new Map());
  const last = useRef<number | null>(null);
  return useMemo(() => {
    const entries = (rows: readonly T[]) => rows.map((row) => [idOf(row), row] as const);
    return {
      chosen,
      toggle(row, at, rows, range) {
        const on = !chosen.has(idOf(row));
        const next = new Map(chosen);
        const from = range && last.current !== null ? Math.min(last.current, at) : at;
        const to = range && last.current !== null ? Math.max(last.current, at) : at;
        for (const [id, each] of entries(rows.slice(from, to + 1))) {
          if (on) next.set(id, each);
          else next.delete(id);
        }
        last.current = at;
        setChosen(next);
      },
      toggleAll(rows) {
        const all = rows.length > 0 && rows.every((row) => chosen.has(idOf(row)));
        setChosen(all ? new Map() : new Map([...chosen, ...entries(rows)]));
      },
      set: (rows) => setChosen(new Map(entries(rows))),
      clear: () => setChosen(new Map()),
    };
  }, [chosen, idOf]);
}
