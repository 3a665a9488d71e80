import { Button } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useCallback } from "react";
import { api, body } from "~/api/client";
import type { DownloadLocation } from "~/api/model";
import { Chip } from "~/display/Mark";
import { count } from "~/display/number";
import { Empty } from "~/display/states";
import { sentence } from "~/display/words";
import { writeAddress } from "~/list/address";
import type { Column } from "~/list/column";
import { DataTable } from "~/list/DataTable";
import { usualDensity } from "~/list/density";
import { Facets } from "~/list/Facets";
import { ListPage, Tools, ViewTools } from "~/list/ListPage";
import { SearchBox } from "~/list/SearchBox";
import { useColumns } from "~/list/useColumns";
import { PAGE_SIZE, useCursorList } from "~/list/useCursorList";
import { exactly } from "~/query/terms";
import { type LocationsAddress, locationsAddress, locationsAsked, PURPOSES } from "./address";

const route = getRouteApi("/app/configuration/download-locations");
const idOf = ({ scheme, host, port, purpose }: DownloadLocation) => `${scheme} ${host} ${port} ${purpose}`;

const WORDS: Record<string, string> = {
  server: "This server",
  installers: "Installers",
  packages: "Packages",
};

const columns: Column<DownloadLocation>[] = [
  {
    id: "host",
    title: "Host",
    width: 200,
    grow: true,
    sortable: true,
    fixed: true,
    cell: (row) => (
      <>
        <code title={row.host}>{row.host}</code> {row.mirror ? <Chip tone="busy">mirror</Chip> : null}
      </>
    ),
  },
  { id: "port", title: "Port", width: 70, end: true, sortable: true, cell: (row) => row.port },
  { id: "scheme", title: "Scheme", width: 84, sortable: true, yields: 3, cell: (row) => row.scheme },
  {
    id: "purpose",
    title: "Needed for",
    width: 116,
    sortable: true,
    cell: (row) => WORDS[row.purpose] ?? sentence(row.purpose),
  },
  {
    id: "patches",
    title: "Patches",
    hint: "Patches with something to fetch there",
    width: 90,
    end: true,
    sortable: true,
    yields: 4,
    cell: (row) => count(row.patches),
  },
  {
    id: "feeds",
    title: "Feeds",
    width: 180,
    yields: 2,
    cell: (row) => row.feeds.map((feed, at) => <Feed key={feed} feed={feed} first={at === 0} />),
  },
  {
    id: "note",
    title: "To know",
    width: 260,
    yields: 1,
    cell: (row) => <span title={row.note ?? undefined}>{row.note}</span>,
  },
];

function Feed({ feed, first }: { feed: string; first: boolean }) {
  return (
    <>
      {first ? null : ", "}
      <Link to="/patches" search={{ query: exactly("source", feed), applicable: "all" }}>
        {feed}
      </Link>
    </>
  );
}

/** Hosts that agents must reach. */
export function LocationsPage() {
  const address = route.useSearch();
  const navigate = route.useNavigate();
  const change = useCallback(
    (patch: Partial<LocationsAddress>) =>
      void navigate({ search: (before) => ({ ...before, ...patch }), replace: true }),
    [navigate],
  );
  const onSearch = useCallback((text: string) => change({ q: text || undefined }), [change]);
  const asked = locationsAsked(address);
  const list = useCursorList<DownloadLocation>(["locations", asked], ({ cursor }, signal) =>
    body(
      api.GET("/api/v1/download-locations", {
        params: { query: { ...asked, limit: PAGE_SIZE, cursor } },
        signal,
      }),
    ),
  );
  const { shown, place } = useColumns(columns, address.cols, false);
  const density = address.density ?? usualDensity();
  const options = PURPOSES.map((value) => ({ value, label: WORDS[value] ?? value }));
  const narrowed = address.q !== undefined || address.purpose !== undefined;
  return (
    <ListPage
      title="Download locations"
      place={place}
      total={list.total}
      facets={
        <Facets
          groups={[{ id: "purpose", title: "Needed for", options, chosen: address.purpose ?? [] }]}
          onChange={(_, values) => change({ purpose: locationsAddress({ purpose: values }).purpose })}
        />
      }
      tools={
        <Tools
          end={
            <ViewTools
              all={columns}
              shown={shown}
              density={density}
              exportHref={`/api/v1/download-locations/export${writeAddress(asked)}`}
              onColumns={(cols) => change({ cols })}
              onDensity={(next) => change({ density: next })}
            />
          }
        >
          <SearchBox value={address.q ?? ""} label="Search hosts and feeds" onChange={onSearch} />
        </Tools>
      }
    >
      <DataTable
        label="Download locations"
        columns={shown}
        list={list}
        rowId={idOf}
        rowName={(row) => row.host}
        sort={address.sort}
        onSort={(sort) => change({ sort })}
        density={density}
        empty={
          <Empty title={narrowed ? "No host matches" : "Agents need no host"}>
            {narrowed ? (
              <Button
                variant="default"
                size="xs"
                onClick={() => change({ q: undefined, purpose: undefined })}
              >
                Show all hosts
              </Button>
            ) : null}
          </Empty>
        }
      />
    </ListPage>
  );
}
