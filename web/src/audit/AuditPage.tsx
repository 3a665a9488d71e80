import { Button } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { api, body } from "~/api/client";
import type { AuditEntry } from "~/api/model";
import { Empty } from "~/display/states";
import { When } from "~/display/When";
import { writeAddress } from "~/list/address";
import type { Column } from "~/list/column";
import { DataTable } from "~/list/DataTable";
import { usualDensity } from "~/list/density";
import { ListPage, QueryTools, ViewTools } from "~/list/ListPage";
import { useColumns } from "~/list/useColumns";
import { PAGE_SIZE, useCursorList } from "~/list/useCursorList";
import { QueryBar } from "~/query/QueryBar";
import type { AuditAddress } from "./address";
import { Chain } from "./Chain";
import { EntryPanel } from "./EntryPanel";

const route = getRouteApi("/app/configuration/audit");
const idOf = (row: AuditEntry) => String(row.number);

const columns: Column<AuditEntry>[] = [
  { id: "number", title: "Entry", width: 76, end: true, fixed: true, cell: (row) => row.number },
  {
    id: "at",
    sortable: true,
    title: "When",
    width: 236,
    fixed: true,
    cell: (row) => <When at={row.at} both />,
  },
  { id: "actor", sortable: true, title: "Who", width: 140, cell: (row) => row.actor },
  { id: "action", sortable: true, title: "Action", width: 190, cell: (row) => <code>{row.action}</code> },
  {
    id: "subject",
    sortable: true,
    title: "Subject",
    width: 240,
    grow: true,
    cell: (row) => <code>{row.subject}</code>,
  },
  { id: "from", sortable: true, title: "From", width: 130, yields: 1, cell: (row) => row.from },
  {
    id: "hash",
    title: "Hash",
    width: 170,
    extra: true,
    cell: (row) => <code title={row.hash}>{row.hash}</code>,
  },
];

/** Who changed what, when and from where. */
export function AuditPage() {
  const address = route.useSearch();
  const navigate = route.useNavigate();
  const { query = "" } = address;
  const change = useCallback(
    (patch: Partial<AuditAddress>) =>
      void navigate({ search: (before) => ({ ...before, ...patch }), replace: true }),
    [navigate],
  );
  const list = useCursorList<AuditEntry>(
    ["audit", query, address.sort],
    ({ cursor }, signal) =>
      body(
        api.GET("/api/v1/audit", {
          params: { query: { query: query || undefined, sort: address.sort, limit: PAGE_SIZE, cursor } },
          signal,
        }),
      ),
    { refetchInterval: 30_000 },
  );
  const { shown, place } = useColumns(columns, address.cols, false);
  const density = address.density ?? usualDensity();
  const opened = useMemo(
    () => list.rows.find((row) => idOf(row) === address.entry),
    [list.rows, address.entry],
  );
  return (
    <ListPage
      title="Audit log"
      place={place}
      total={list.total}
      aside={<Chain />}
      tools={
        <QueryTools
          end={
            <ViewTools
              all={columns}
              shown={shown}
              density={density}
              exportHref={`/api/v1/audit/export${writeAddress({ query: query || undefined, sort: address.sort })}`}
              onColumns={(cols) => change({ cols })}
              onDensity={(next) => change({ density: next })}
            />
          }
        >
          <QueryBar
            entity="audit"
            label="Audit query"
            placeholder="Search the log, or ask: actor:amelie and action:job.enable and at>now-7d"
            boxes={{ query, beside: "" }}
            error={list.error}
            onBoxes={(boxes) => change({ query: boxes.query || undefined })}
          />
        </QueryTools>
      }
    >
      <DataTable
        label="Audit log"
        columns={shown}
        list={list}
        rowId={idOf}
        sort={address.sort}
        onSort={(sort) => change({ sort })}
        density={density}
        openRow={address.entry}
        onOpen={(row) => change({ entry: idOf(row) })}
        empty={
          <Empty title={query ? "No entry matches" : "Nothing was changed yet"}>
            {query ? (
              <Button variant="default" size="xs" onClick={() => change({ query: undefined })}>
                Show the whole log
              </Button>
            ) : null}
          </Empty>
        }
      />
      <EntryPanel entry={opened} onClose={() => change({ entry: undefined })} />
    </ListPage>
  );
}
