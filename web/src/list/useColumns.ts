import { useElementSize } from "@mantine/hooks";
import { type RefCallback, useMemo } from "react";
import { type Column, fittingColumns } from "./column";

/** Room the column of checkboxes takes, in pixels. */
export const CHECK_WIDTH = 44;

/** The columns a list shows: those chosen in the address, or as many of the usual ones as there is room for. */
export function useColumns<T>(
  all: Column<T>[],
  chosen: string | undefined,
  selectable: boolean,
): { shown: Column<T>[]; place: RefCallback<HTMLElement | null> } {
  const { ref, width } = useElementSize();
  const room = width > 0 ? width - (selectable ? CHECK_WIDTH : 0) : undefined;
  const shown = useMemo(() => fittingColumns(all, chosen, room), [all, chosen, room]);
  return { shown, place: ref };
}
