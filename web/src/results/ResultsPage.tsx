import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useRef } from "react";
import { api, body } from "~/api/client";
import type { ResultRow } from "~/api/model";
import { Empty } from "~/display/states";
import { patchRunStatus } from "~/display/words";
import { JobTabs } from "~/jobs/JobTabs";
import { writeAddress } from "~/list/address";
import { DataTable } from "~/list/DataTable";
import { usualDensity } from "~/list/density";
import { Facets, pickedOf } from "~/list/Facets";
import { ListPage, QueryTools, ViewTools } from "~/list/ListPage";
import { useColumns } from "~/list/useColumns";
import { PAGE_SIZE, useCursorList } from "~/list/useCursorList";
import { fieldsQuery } from "~/query/api";
import { useNaming } from "~/query/naming";
import { QueryBar } from "~/query/QueryBar";
import { hasTerm, toggleTerm } from "~/query/terms";
import { Unknown, UnknownOnly } from "~/query/Unknown";
import type { ResultsAddress } from "./address";
import { resultColumns } from "./columns";

const route = getRouteApi("/app/jobs/results");
const idOf = (row: ResultRow) => `${row.run} ${row.asset.id} ${row.patch.id}`;

/** What became of each patch on each asset in each run, as far as a query goes. */
export function ResultsPage() {
  const address = route.useSearch();
  const navigate = route.useNavigate();
  const { query = "", truth } = address;
  const change = useCallback(
    (patch: Partial<ResultsAddress>) =>
      void navigate({ search: (before) => ({ ...before, ...patch }), replace: true }),
    [navigate],
  );
  const list = useCursorList<ResultRow>(
    ["results", query, truth],
    (at, signal) =>
      body(
        api.GET("/api/v1/results", {
          params: { query: { query: query || undefined, truth, limit: PAGE_SIZE, ...at } },
          signal,
        }),
      ),
    { refetchInterval: 30_000 },
  );
  const { shown, place } = useColumns(resultColumns, address.cols, false);
  const density = address.density ?? usualDensity();
  const draft = useRef(query);
  return (
    <ListPage
      title="Results"
      place={place}
      total={list.total}
      tabs={<JobTabs />}
      aside={
        <>
          <Unknown
            unknown={list.unknown}
            noun="result"
            link={{ to: "/jobs/results", search: (before) => ({ ...before, truth: "unknown" }) }}
          />
          <UnknownOnly shown={truth === "unknown"} onCertain={() => change({ truth: undefined })} />
        </>
      }
      facets={
        <Statuses query={query} onPick={(term) => change({ query: term(draft.current) || undefined })} />
      }
      tools={
        <QueryTools
          end={
            <ViewTools
              all={resultColumns}
              shown={shown}
              density={density}
              exportHref={`/api/v1/results/export${writeAddress({ query: query || undefined, truth })}`}
              onColumns={(cols) => change({ cols })}
              onDensity={(next) => change({ density: next })}
            />
          }
        >
          <QueryBar
            entity="result"
            label="Result query"
            placeholder="Search results, or ask: status:failed and asset.os:debian and ended>now-7d"
            boxes={{ query, beside: "" }}
            error={list.error}
            draft={draft}
            onBoxes={(boxes) => change({ query: boxes.query || undefined })}
          />
        </QueryTools>
      }
    >
      <DataTable
        label="Results"
        columns={shown}
        list={list}
        rowId={idOf}
        rowName={(row) => `${row.patch.title} on ${row.asset.name}`}
        density={density}
        empty={
          query ? (
            <Empty title="No result matches" detail="Nothing you can see fits the query.">
              <Button variant="default" size="xs" onClick={() => change({ query: undefined })}>
                Show all results
              </Button>
            </Empty>
          ) : (
            <Empty
              title="No results yet"
              detail="As soon as a job runs, each patch on each asset of the run makes one."
            />
          )
        }
      />
    </ListPage>
  );
}

/** The statuses results can have. How many have each would take reading all of them. */
function Statuses(props: { query: string; onPick: (change: (query: string) => string) => void }) {
  const { naming } = useNaming("result");
  const { data } = useQuery(fieldsQuery("result"));
  const status = data?.fields.find(({ name }) => name === "status");
  const options = status?.members.map((value) => ({
    value: `status:${value}`,
    label: patchRunStatus(value).label,
  }));
  const chosen =
    options?.map(({ value }) => value).filter((term) => hasTerm(props.query, term, naming)) ?? [];
  const group = { id: "status", title: "Status", options, chosen };
  return (
    <Facets
      groups={[group]}
      onChange={(_, values) => {
        const term = pickedOf(group, values);
        if (term) props.onPick((query) => toggleTerm(query, term, { naming }));
      }}
    />
  );
}
