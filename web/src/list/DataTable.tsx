import { Checkbox } from "@mantine/core";
import { IconArrowDown, IconArrowsSort, IconArrowUp } from "@tabler/icons-react";
import {
  type ColumnDef,
  rowSelectionFeature,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useMemo, useRef } from "react";
import { Empty, Failed } from "~/display/states";
import { type Column, nextSort } from "./column";
import styles from "./DataTable.module.css";
import { type Density, ROW_HEIGHT } from "./density";
import type { CursorList } from "./useCursorList";
import type { Selection } from "./useSelection";

const features = tableFeatures({ rowSelectionFeature, rowSortingFeature });

type Props<T> = {
  /** What the table lists, for those who cannot see it. */
  label: string;
  columns: Column<T>[];
  list: CursorList<T>;
  rowId: (row: T) => string;
  /** What a checkbox names its row. */
  rowName?: (row: T) => string;
  sort?: string;
  onSort?: (sort: string | undefined) => void;
  selection?: Selection<T>;
  density?: Density;
  /** Shown in place of rows when there are none. */
  empty?: ReactNode;
  /** Marks the row whose details are open beside the table. */
  openRow?: string;
  onOpen?: (row: T) => void;
};

/**
 * A table over a list of any length: only the rows in view are in the page, and rows not fetched yet keep
 * their place, so that the scroll bar tells the truth.
 */
export function DataTable<T extends object>(props: Props<T>) {
  const { columns, list, rowId, sort, selection, density = "comfortable" } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const definitions = useMemo(
    (): ColumnDef<typeof features, T>[] =>
      columns.map((column) => ({
        id: column.id,
        header: column.title,
        enableSorting: column.sortable === true,
        cell: ({ row }) => column.cell(row.original),
      })),
    [columns],
  );
  const sorting = sort ? [{ id: sort.replace(/^-/, ""), desc: sort.startsWith("-") }] : [];
  const rowSelection = useMemo(
    () => Object.fromEntries([...(selection?.chosen.keys() ?? [])].map((id) => [id, true as const])),
    [selection?.chosen],
  );
  const table = useTable({
    features,
    columns: definitions,
    data: list.rows,
    getRowId: rowId,
    manualSorting: true,
    state: { sorting, rowSelection },
  });
  const height = ROW_HEIGHT[density];
  const total = list.pending ? 12 : Math.max(list.total ?? 0, list.rows.length);
  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 10,
    initialRect: { width: 1200, height: 800 },
  });
  // Rows of another height need new positions.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height is what changes.
  useEffect(() => virtual.measure(), [height, virtual]);

  const items = virtual.getVirtualItems();
  const lastInView = items.at(-1)?.index ?? 0;
  const { more } = list;
  useEffect(() => {
    if (!list.pending && lastInView >= list.rows.length - 1 && list.rows.length < total) more();
  }, [lastInView, list.pending, list.rows.length, total, more]);

  if (list.error) return <Failed error={list.error} retry={list.retry} />;
  if (!list.pending && total === 0) return props.empty ?? <Empty title="Nothing here" />;

  const rows = table.getRowModel().rows;
  const columnCount = columns.length + (selection ? 1 : 0);
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const least = columns.reduce((sum, column) => sum + column.width, selection ? 44 : 0);

  return (
    <section
      className={styles.scroller}
      ref={scroller}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
      aria-label={`${props.label}, scrollable`}
    >
      <table
        className={styles.table}
        style={{ minWidth: least }}
        aria-label={props.label}
        aria-rowcount={total + 1}
        aria-busy={list.pending || list.outdated}
        data-density={density}
        data-outdated={list.outdated || undefined}
      >
        <colgroup>
          {selection ? <col style={{ width: 44 }} /> : null}
          {columns.map((column) => (
            <col key={column.id} style={column.grow ? undefined : { width: column.width }} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {selection ? (
              <th className={styles.check} scope="col">
                <SelectAll selection={selection} rows={list.rows} rowId={rowId} />
              </th>
            ) : null}
            {columns.map((column) => (
              <Heading key={column.id} column={column} sort={sort} onSort={props.onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {before > 0 ? <Spacer height={before} columns={columnCount} /> : null}
          {items.map((item) => {
            const row = rows[item.index];
            if (!row)
              return (
                <Waiting
                  key={item.key}
                  columns={columns}
                  selectable={!!selection}
                  height={height}
                  at={item.index}
                />
              );
            const original = row.original;
            const id = row.id;
            return (
              <tr
                key={id}
                aria-rowindex={item.index + 2}
                aria-selected={selection ? row.getIsSelected() : undefined}
                data-open={props.openRow === id || undefined}
                data-clickable={props.onOpen ? true : undefined}
                style={{ height }}
                onClick={
                  props.onOpen ? (event) => clickedPlain(event.target) && props.onOpen?.(original) : undefined
                }
              >
                {selection ? (
                  <td className={styles.check}>
                    <Checkbox
                      size="xs"
                      aria-label={`Select ${props.rowName?.(original) ?? id}`}
                      checked={row.getIsSelected()}
                      onChange={() => {}}
                      onClick={(event) => selection.toggle(original, item.index, list.rows, event.shiftKey)}
                    />
                  </td>
                ) : null}
                {row.getAllCells().map((cell, at) => (
                  <td key={cell.id} data-end={columns[at]?.end || undefined}>
                    <table.FlexRender cell={cell} />
                  </td>
                ))}
              </tr>
            );
          })}
          {after > 0 ? <Spacer height={after} columns={columnCount} /> : null}
        </tbody>
      </table>
    </section>
  );
}

/** Whether a click was on the row itself rather than on something in it that does its own thing. */
function clickedPlain(target: EventTarget): boolean {
  return target instanceof Element && !target.closest("a, button, input, label");
}

function Heading<T>({
  column,
  sort,
  onSort,
}: {
  column: Column<T>;
  sort?: string;
  onSort?: (sort: string | undefined) => void;
}) {
  const up = sort === column.id;
  const down = sort === `-${column.id}`;
  const order = up ? "ascending" : down ? "descending" : "none";
  const end = column.end || undefined;
  if (!column.sortable || !onSort) {
    return (
      <th scope="col" data-end={end} title={column.hint}>
        {column.quiet ? <span className="visually-hidden">{column.title}</span> : column.title}
      </th>
    );
  }
  const Icon = up ? IconArrowUp : down ? IconArrowDown : IconArrowsSort;
  return (
    <th scope="col" aria-sort={order} data-end={end} title={column.hint}>
      <button
        type="button"
        className={styles.sort}
        data-on={up || down || undefined}
        onClick={() => onSort(nextSort(sort, column.id))}
      >
        <span>{column.title}</span>
        <Icon size={13} stroke={2} aria-hidden />
      </button>
    </th>
  );
}

function SelectAll<T>({
  selection,
  rows,
  rowId,
}: {
  selection: Selection<T>;
  rows: T[];
  rowId: (row: T) => string;
}) {
  const here = rows.filter((row) => selection.chosen.has(rowId(row))).length;
  return (
    <Checkbox
      size="xs"
      aria-label="Select all loaded rows"
      checked={rows.length > 0 && here === rows.length}
      indeterminate={here > 0 && here < rows.length}
      onChange={() => selection.toggleAll(rows)}
    />
  );
}

function Spacer({ height, columns }: { height: number; columns: number }) {
  return (
    <tr aria-hidden style={{ height }} className={styles.spacer}>
      <td colSpan={columns} />
    </tr>
  );
}

function Waiting<T>(props: { columns: Column<T>[]; selectable: boolean; height: number; at: number }) {
  return (
    <tr style={{ height: props.height }} aria-rowindex={props.at + 2}>
      {props.selectable ? <td className={styles.check} /> : null}
      {props.columns.map((column, at) => (
        <td key={column.id} data-end={column.end || undefined}>
          <span className={styles.bone} style={{ width: `${35 + ((props.at * 7 + at * 23) % 45)}%` }} />
        </td>
      ))}
    </tr>
  );
}
