import { ActionIcon, Button, Menu, Switch, Tooltip } from "@mantine/core";
import {
  IconAdjustmentsHorizontal,
  IconBaselineDensityMedium,
  IconBaselineDensitySmall,
  IconDownload,
  IconX,
} from "@tabler/icons-react";
import type { ReactNode, Ref } from "react";
import { count } from "~/display/number";
import { type Column, columnsInAddress } from "./column";
import { type Density, rememberDensity } from "./density";
import styles from "./ListPage.module.css";

/** A page that is one list: heading with the result's total, tools, facets and the table. */
export function ListPage(props: {
  title: string;
  total: number | undefined;
  /** What else is to be said of the total, beside it. */
  aside?: ReactNode;
  /** What can be done besides looking, at the end of the heading. */
  actions?: ReactNode;
  /** Pages beside this one. */
  tabs?: ReactNode;
  facets?: ReactNode;
  tools: ReactNode;
  /** Gets the element the table stands in, to measure its width. */
  place?: Ref<HTMLDivElement>;
  children: ReactNode;
}) {
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <div className={styles.naming}>
          <h1>
            {props.title}
            <span className={styles.total} aria-live="polite">
              {props.total === undefined ? "" : count(props.total)}
            </span>
          </h1>
          {props.aside}
        </div>
        <div className={styles.actions}>{props.actions}</div>
      </header>
      {props.tabs ? <div className={styles.tabs}>{props.tabs}</div> : null}
      <div className={styles.body}>
        {props.facets}
        <div className={styles.main} ref={props.place}>
          {props.tools}
          {props.children}
        </div>
      </div>
    </div>
  );
}

/** The row of tools above a table. */
export function Tools({ children, end }: { children: ReactNode; end?: ReactNode }) {
  return (
    <div className={styles.tools} role="toolbar" aria-label="List tools">
      <div className={styles.toolsStart}>{children}</div>
      <div className={styles.toolsEnd}>{end}</div>
    </div>
  );
}

/** One thing the list is narrowed by, which can be taken away again. */
export function FilterChip({ label, onRemove }: { label: string; onRemove: () => void }) {
  return (
    <button type="button" className={styles.filter} onClick={onRemove} aria-label={`Remove filter ${label}`}>
      <span>{label}</span>
      <IconX size={13} stroke={2} aria-hidden />
    </button>
  );
}

/** The boxes above a table with the tools beside them. `bulk` lies over both, so that nothing moves. */
export function QueryTools({
  children,
  end,
  bulk,
}: {
  children: ReactNode;
  end: ReactNode;
  bulk?: ReactNode;
}) {
  return (
    <div className={styles.asking}>
      <div
        className={styles.askingRow}
        inert={bulk !== undefined}
        data-covered={bulk !== undefined || undefined}
      >
        {children}
        <div className={styles.toolsEnd} role="toolbar" aria-label="List tools">
          {end}
        </div>
      </div>
      {bulk}
    </div>
  );
}

/** Choice of columns, row height and the download of the list. */
export function ViewTools<T>(props: {
  all: Column<T>[];
  shown: Column<T>[];
  density: Density;
  exportHref?: string;
  onColumns: (columns: string | undefined) => void;
  onDensity: (density: Density) => void;
}) {
  const ids = props.shown.map((column) => column.id);
  const compact = props.density === "compact";
  const pick = (id: string) =>
    props.onColumns(
      columnsInAddress(props.all, ids.includes(id) ? ids.filter((each) => each !== id) : [...ids, id]),
    );
  const setDensity = (density: Density) => {
    rememberDensity(density);
    props.onDensity(density);
  };
  return (
    <>
      <Menu closeOnItemClick={false} width={230}>
        <Menu.Target>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconAdjustmentsHorizontal size={15} stroke={1.8} aria-hidden />}
          >
            <span className={styles.spare}>Columns</span>
          </Button>
        </Menu.Target>
        <Menu.Dropdown mah={420} style={{ overflow: "auto" }}>
          {props.all.map((column) => (
            <Menu.Item
              key={column.id}
              disabled={column.fixed}
              role="menuitemcheckbox"
              aria-checked={ids.includes(column.id)}
              onClick={() => pick(column.id)}
              rightSection={
                <Switch
                  size="xs"
                  checked={ids.includes(column.id)}
                  readOnly
                  tabIndex={-1}
                  aria-hidden
                  component="span"
                />
              }
            >
              {column.title}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item onClick={() => props.onColumns(undefined)}>Usual columns</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Tooltip label={compact ? "Comfortable rows" : "Compact rows"}>
        <ActionIcon
          variant="default"
          size={30}
          aria-label={compact ? "Comfortable rows" : "Compact rows"}
          onClick={() => setDensity(compact ? "comfortable" : "compact")}
        >
          {compact ? (
            <IconBaselineDensityMedium size={16} stroke={1.8} />
          ) : (
            <IconBaselineDensitySmall size={16} stroke={1.8} />
          )}
        </ActionIcon>
      </Tooltip>
      {props.exportHref ? (
        <Tooltip label="Download this list, all pages, as the query says">
          <Button
            component="a"
            href={props.exportHref}
            download
            variant="default"
            size="xs"
            leftSection={<IconDownload size={15} stroke={1.8} aria-hidden />}
          >
            <span className={styles.spare}>CSV</span>
          </Button>
        </Tooltip>
      ) : null}
    </>
  );
}

/** Takes the place of the tools while rows are chosen. */
export function BulkBar(props: {
  chosen: number;
  total: number;
  noun: string;
  /** Chooses all rows of the result; absent when they are chosen already. */
  onAll?: () => void;
  busy?: boolean;
  onClear: () => void;
  children: ReactNode;
}) {
  return (
    <div className={styles.bulk} role="toolbar" aria-label="Actions on selected rows">
      <span className={styles.bulkCount} aria-live="polite">
        {count(props.chosen)} selected
      </span>
      {props.onAll && props.chosen < props.total ? (
        <Button variant="subtle" size="xs" onClick={props.onAll} loading={props.busy}>
          Select all {count(props.total)} {props.noun}
        </Button>
      ) : null}
      <span className={styles.bulkLine} aria-hidden />
      {props.children}
      <Button variant="subtle" color="gray" size="xs" ml="auto" onClick={props.onClear}>
        Clear selection
      </Button>
    </div>
  );
}
