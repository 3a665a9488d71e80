import { SegmentedControl, Switch } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback } from "react";
import { api, body } from "~/api/client";
import type { AssetDetail, AssetPatchRow } from "~/api/model";
import { Empty } from "~/display/states";
import { useMay } from "~/entry/session";
import { DataTable } from "~/list/DataTable";
import { BulkBar, Tools } from "~/list/ListPage";
import { SearchBox } from "~/list/SearchBox";
import { PAGE_SIZE, useCursorList } from "~/list/useCursorList";
import { useSelection } from "~/list/useSelection";
import { patchColumns } from "~/patches/columns";
import { PatchActions } from "~/patches/PatchActions";

const route = getRouteApi("/app/assets/$id");
const idOf = (row: AssetPatchRow) => row.id;
const SHOWN = ["published_at", "title", "bulletin", "category", "severity", "cves", "size"];
const columns = patchColumns.filter((column) => SHOWN.includes(column.id));

/** Patches this asset misses or has, with the way to a job for the missing ones. */
export function AssetPatches({ asset }: { asset: AssetDetail }) {
  const { status = "missing", latest = true, q, sort } = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay();
  const selection = useSelection(idOf);
  const change = useCallback(
    (patch: object) => void navigate({ search: (before) => ({ ...before, ...patch }), replace: true }),
    [navigate],
  );
  const onSearch = useCallback((text: string) => change({ q: text || undefined }), [change]);
  const list = useCursorList<AssetPatchRow>(
    ["asset", asset.id, "patches", status, latest, q, sort],
    (cursor, signal) =>
      body(
        api.GET("/api/v1/assets/{id}/patches", {
          params: { path: { id: asset.id }, query: { status, latest, q, sort, cursor, limit: PAGE_SIZE } },
          signal,
        }),
      ),
  );
  const chosen = [...selection.chosen.values()];
  return (
    <>
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
          <SearchBox value={q ?? ""} label="Search this asset's patches" onChange={onSearch} />
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
          <Switch
            size="xs"
            ml={8}
            label="Latest only"
            checked={latest}
            onChange={(event) => change({ latest: event.currentTarget.checked ? undefined : false })}
          />
        </Tools>
      )}
      <DataTable
        label={`${status === "missing" ? "Missing" : "Installed"} patches of ${asset.name}`}
        columns={columns}
        list={list}
        rowId={idOf}
        rowName={(row) => row.title}
        sort={sort}
        onSort={(next) => change({ sort: next })}
        selection={may("job.create") ? selection : undefined}
        empty={<NoPatches asset={asset} filtered={!!q} status={status} />}
      />
    </>
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
