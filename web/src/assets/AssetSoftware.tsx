import { Switch } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { api, body } from "~/api/client";
import type { PackageRow } from "~/api/model";
import { Chip } from "~/display/Mark";
import { Empty } from "~/display/states";
import { sentence } from "~/display/words";
import type { Column } from "~/list/column";
import { DataTable } from "~/list/DataTable";
import { Tools } from "~/list/ListPage";
import { SearchBox } from "~/list/SearchBox";
import { PAGE_SIZE, useCursorList } from "~/list/useCursorList";

const route = getRouteApi("/app/assets/$id");

const columns: Column<PackageRow>[] = [
  {
    id: "name",
    title: "Package",
    width: 240,
    grow: true,
    sortable: true,
    cell: (row) => (
      <span style={{ display: "inline-flex", alignItems: "center", gap: 8 }}>
        {row.name}
        {row.held ? <Chip tone="warn">Held</Chip> : null}
        {row.state === "installed" ? null : <Chip tone="bad">{sentence(row.state)}</Chip>}
      </span>
    ),
  },
  { id: "version", title: "Version", width: 260, sortable: true, cell: (row) => <code>{row.version}</code> },
  { id: "architecture", title: "Architecture", width: 120, cell: (row) => row.architecture },
  { id: "source", title: "Source package", width: 200, sortable: true, cell: (row) => row.source },
  {
    id: "source_version",
    title: "Source version",
    width: 240,
    cell: (row) => <code>{row.source_version}</code>,
  },
];

/** Installed packages. */
export function AssetSoftware({ id }: { id: string }) {
  const { q, sort } = route.useSearch();
  const navigate = route.useNavigate();
  const [held, setHeld] = useState(false);
  const onSearch = useCallback(
    (text: string) =>
      void navigate({ search: (before) => ({ ...before, q: text || undefined }), replace: true }),
    [navigate],
  );
  const list = useCursorList<PackageRow>(["asset", id, "packages", q, sort, held], ({ cursor }, signal) =>
    body(
      api.GET("/api/v1/assets/{id}/packages", {
        params: { path: { id }, query: { q, sort, held: held || undefined, cursor, limit: PAGE_SIZE } },
        signal,
      }),
    ),
  );
  return (
    <>
      <Tools>
        <SearchBox value={q ?? ""} label="Search packages" onChange={onSearch} />
        <Switch
          size="xs"
          ml={8}
          label="Held only"
          checked={held}
          onChange={(event) => setHeld(event.currentTarget.checked)}
        />
      </Tools>
      <DataTable
        label="Packages"
        columns={columns}
        list={list}
        rowId={(row) => `${row.name}:${row.architecture}`}
        sort={sort}
        onSort={(next) => void navigate({ search: (before) => ({ ...before, sort: next }), replace: true })}
        density="compact"
        empty={<Empty title={q || held ? "No package matches" : "No packages are known yet"} />}
      />
    </>
  );
}
