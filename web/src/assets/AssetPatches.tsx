import { SegmentedControl, Switch } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback } from "react";
import { api, body } from "~/api/client";
import type { AssetDetail, AssetPatchRow } from "~/api/model";
import { Chip } from "~/display/Mark";
import { Empty } from "~/display/states";
import { useMay } from "~/entry/session";
import type { Column } from "~/list/column";
import { DataTable } from "~/list/DataTable";
import { BulkBar, Tools } from "~/list/ListPage";
import { useColumns } from "~/list/useColumns";
import { PAGE_SIZE, useCursorList } from "~/list/useCursorList";
import { useSelection } from "~/list/useSelection";
import { patchColumns } from "~/patches/columns";
import { PatchActions } from "~/patches/PatchActions";
import { queryProblems } from "~/query/api";
import { QueryBox } from "~/query/QueryBox";
import { hasTerm, toggleTerm } from "~/query/terms";
import { whyColumn } from "~/why/WhyButton";
import { WhyPanel } from "~/why/WhyPanel";
import styles from "./Assets.module.css";
import { LATEST } from "./address";

const route = getRouteApi("/app/assets/$id");
const TOGGLES = [
  { label: "Latest only", term: LATEST },
  { label: "Security only", term: "category:security" },
];
const idOf = (row: AssetPatchRow) => row.id;
const SHOWN = ["title", "category", "vendorSeverity", "cve", "publishedDate"];
const usual: Column<AssetPatchRow>[] = patchColumns
  .filter((column) => SHOWN.includes(column.id))
  .map((column) => (column.id === "cve" ? { ...column, yields: 6 } : column));

/** What is there and what it would become. */
const outdated: Column<AssetPatchRow> = {
  id: "packages",
  title: "Would change",
  hint: "Packages of this machine that are below the patch's versions",
  width: 330,
  cell: (row) => <Outdated row={row} />,
};
const explained = whyColumn<AssetPatchRow>(
  (row) => row.id,
  (row) => row.title,
);
const missingColumns = [...usual.slice(0, 1), outdated, ...usual.slice(1), explained];
const installedColumns = [...usual, explained];

function Outdated({ row }: { row: AssetPatchRow }) {
  const [first, ...rest] = row.packages;
  if (!first) return <span className={styles.zero}>–</span>;
  const all = row.packages
    .map(({ name, installed, version, held }) => `${name} ${installed} → ${version}${held ? " (held)" : ""}`)
    .join("\n");
  return (
    <span className={styles.outdated} title={all}>
      <span>{first.name}</span>
      <code>
        {first.installed} → {first.version}
      </code>
      {row.packages.some(({ held }) => held) ? <Chip tone="warn">held</Chip> : null}
      {rest.length ? <span className={styles.zero}>+{rest.length}</span> : null}
    </span>
  );
}

/** Patches this asset misses or has, with the way to a job for the missing ones. */
export function AssetPatches({ asset }: { asset: AssetDetail }) {
  const { status = "missing", query = LATEST, why, sort } = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay();
  const selection = useSelection(idOf);
  const change = useCallback(
    (patch: object) => void navigate({ search: (before) => ({ ...before, ...patch }), replace: true }),
    [navigate],
  );
  const onRun = useCallback(
    (text: string) => change({ query: text === LATEST ? undefined : text }),
    [change],
  );
  const list = useCursorList<AssetPatchRow>(
    ["asset", asset.id, "patches", status, query, sort],
    (at, signal) =>
      body(
        api.GET("/api/v1/assets/{id}/patches", {
          params: {
            path: { id: asset.id },
            query: { status, query: query || undefined, sort, ...at, limit: PAGE_SIZE },
          },
          signal,
        }),
      ),
  );
  const chosen = [...selection.chosen.values()];
  const { shown, place } = useColumns(
    status === "missing" ? missingColumns : installedColumns,
    undefined,
    may("job.create"),
  );
  return (
    <div className={styles.fill} ref={place}>
      {chosen.length ? (
        <BulkBar chosen={chosen.length} total={list.total ?? 0} noun="patches" onClear={selection.clear}>
          <PatchActions
            patches={chosen}
            asset={{ id: asset.id, name: asset.name }}
            uninstall={status === "installed"}
          />
        </BulkBar>
      ) : (
        <Tools>
          <QueryBox
            entity="patch"
            label="Query over this asset's patches"
            placeholder="Search this asset's patches"
            value={query}
            onRun={onRun}
            refused={queryProblems(list.error)}
            global
          />
          <SegmentedControl
            size="xs"
            aria-label="Status"
            value={status}
            data={[
              { value: "missing", label: "Missing" },
              { value: "installed", label: "Installed" },
            ]}
            onChange={(value) => {
              selection.clear();
              change({ status: value === "installed" ? value : undefined });
            }}
          />
          {TOGGLES.map(({ label, term }) => (
            <Switch
              key={term}
              size="xs"
              label={label}
              checked={hasTerm(query, term)}
              onChange={() => onRun(toggleTerm(query, term, { single: true }))}
            />
          ))}
        </Tools>
      )}
      <DataTable
        label={`${status === "missing" ? "Missing" : "Installed"} patches of ${asset.name}`}
        columns={shown}
        list={list}
        rowId={idOf}
        rowName={(row) => row.title}
        sort={sort}
        onSort={(next) => change({ sort: next })}
        selection={may("job.create") ? selection : undefined}
        empty={<NoPatches asset={asset} filtered={query !== "" && query !== LATEST} status={status} />}
      />
      <WhyPanel asset={asset.id} patch={why} onClose={() => change({ why: undefined })} />
    </div>
  );
}

function NoPatches({ asset, filtered, status }: { asset: AssetDetail; filtered: boolean; status: string }) {
  if (filtered) return <Empty title="No patch matches" />;
  if (asset.scan_status === "never_scanned") {
    return <Empty title="Not assessed yet" detail="Patches are shown after the agent's first scan." />;
  }
  if (asset.scan_status === "unsupported")
    return <Empty title="Cannot be assessed" detail={asset.scan_error} />;
  return status === "missing" ? (
    <Empty
      title="Nothing is missing"
      detail="This machine has every patch of the catalog that applies to it."
    />
  ) : (
    <Empty title="No installed patch is known" />
  );
}
