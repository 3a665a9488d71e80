import type { ReactNode } from "react";

/** One column of a list. */
export type Column<T> = {
  /** Name in the address and, when sortable, in the API's `sort`. */
  id: string;
  /** Heading. */
  title: string;
  /** Width in pixels; for the column that takes the rest, its least width. */
  width: number;
  /** Takes the room the others leave. */
  grow?: boolean;
  /** The heading is only read out. */
  quiet?: boolean;
  /** Numbers stand at the end of their column. */
  end?: boolean;
  sortable?: boolean;
  /** Cannot be switched off. */
  fixed?: boolean;
  /** Switched off until chosen. */
  extra?: boolean;
  /** Gives way when there is too little room and nobody chose columns: larger numbers first. */
  yields?: number;
  /** Longer words for a short heading. */
  hint?: string;
  cell: (row: T) => ReactNode;
};

/** The columns shown: those in the address in its order of definition, or the usual ones. */
export function shownColumns<T>(all: readonly Column<T>[], chosen: string | undefined): Column<T>[] {
  if (chosen === undefined) return all.filter((column) => !column.extra);
  const names = new Set(chosen.split(","));
  return all.filter((column) => column.fixed || names.has(column.id));
}

/**
 * Of the usual columns, those that fit into `room` pixels. What a person chose is never taken away from them:
 * such a table scrolls sideways instead.
 */
export function fittingColumns<T>(
  all: readonly Column<T>[],
  chosen: string | undefined,
  room: number | undefined,
): Column<T>[] {
  let shown = shownColumns(all, chosen);
  if (chosen !== undefined || room === undefined) return shown;
  const needed = () => shown.reduce((sum, column) => sum + column.width, 0);
  while (needed() > room) {
    const last = shown.reduce((most, column) => Math.max(most, column.yields ?? 0), 0);
    if (last === 0) break;
    shown = shown.filter((column) => column.yields !== last);
  }
  return shown;
}

/** What stands in the address for these columns: nothing when they are the usual ones. */
export function columnsInAddress<T>(all: readonly Column<T>[], shown: readonly string[]): string | undefined {
  const usual = all.filter((column) => !column.extra).map((column) => column.id);
  const kept = all.filter((column) => column.fixed || shown.includes(column.id)).map((column) => column.id);
  return usual.join() === kept.join() ? undefined : kept.join(",");
}

/** The next order on clicking a heading: ascending, descending, then the list's own. */
export function nextSort(current: string | undefined, column: string): string | undefined {
  if (current === column) return `-${column}`;
  return current === `-${column}` ? undefined : column;
}
