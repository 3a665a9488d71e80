import { Link } from "@tanstack/react-router";
import { api, body } from "~/api/client";
import type { AssetJobRow } from "~/api/model";
import { Status } from "~/display/Mark";
import { Empty } from "~/display/states";
import { When } from "~/display/When";
import { assetRunStatus } from "~/display/words";
import type { Column } from "~/list/column";
import { DataTable } from "~/list/DataTable";
import { PAGE_SIZE, useCursorList } from "~/list/useCursorList";

/** Jobs that have run, or run, on this asset. */
export function AssetJobs({ id }: { id: string }) {
  const columns: Column<AssetJobRow>[] = [
    {
      id: "name",
      title: "Job",
      width: 280,
      grow: true,
      cell: (row) => (
        <Link to="/jobs/$job/runs/$run" params={{ job: row.job, run: row.run }} search={{ asset: id }}>
          {row.name}
        </Link>
      ),
    },
    {
      id: "status",
      title: "On this asset",
      width: 200,
      cell: (row) => (
        <Status word={assetRunStatus(row.status)} live={assetRunStatus(row.status).tone === "busy"} />
      ),
    },
    { id: "started_at", title: "Started", width: 300, cell: (row) => <When at={row.started_at} both /> },
  ];
  const list = useCursorList<AssetJobRow>(
    ["asset", id, "jobs"],
    ({ cursor }, signal) =>
      body(
        api.GET("/api/v1/assets/{id}/jobs", {
          params: { path: { id }, query: { cursor, limit: PAGE_SIZE } },
          signal,
        }),
      ),
    { refetchInterval: 10_000 },
  );
  return (
    <DataTable
      label="Jobs of this asset"
      columns={columns}
      list={list}
      rowId={(row) => row.run}
      empty={
        <Empty
          title="No job has run here"
          detail="Jobs that include this asset appear here once they have started."
        />
      }
    />
  );
}
