import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useCallback, useRef } from "react";
import type { JobRow } from "~/api/model";
import { LinkButton } from "~/display/LinkButton";
import { Status } from "~/display/Mark";
import { count } from "~/display/number";
import { ScheduleWords } from "~/display/schedule";
import { Empty } from "~/display/states";
import { When } from "~/display/When";
import { jobKind, jobStatus } from "~/display/words";
import { useMay } from "~/entry/session";
import type { Column } from "~/list/column";
import { DataTable } from "~/list/DataTable";
import { usualDensity } from "~/list/density";
import { ListPage, QueryTools, ViewTools } from "~/list/ListPage";
import { useColumns } from "~/list/useColumns";
import { useCursorList } from "~/list/useCursorList";
import { QueryBar } from "~/query/QueryBar";
import { Bar } from "~/runs/Breakdown";
import type { JobsAddress } from "./address";
import { JobFacets } from "./JobFacets";
import { JobMenu } from "./JobMenu";
import styles from "./Jobs.module.css";
import { JobTabs } from "./JobTabs";
import { jobsPage, mayOnJob } from "./queries";

const route = getRouteApi("/app/jobs");

const columns: Column<JobRow>[] = [
  {
    id: "status",
    title: "Status",
    width: 172,
    sortable: true,
    cell: (row) => <Status word={jobStatus(row.status)} live={row.last_run?.ended_at === null} />,
  },
  {
    id: "name",
    title: "Name",
    width: 210,
    grow: true,
    sortable: true,
    fixed: true,
    cell: (row) => <Name row={row} />,
  },
  { id: "kind", title: "Kind", width: 84, yields: 2, cell: (row) => jobKind(row.kind).label },
  {
    id: "owner",
    title: "Owner",
    width: 92,
    sortable: true,
    cell: (row) => row.owner?.name ?? <span className={styles.faint}>None</span>,
  },
  {
    id: "schedule",
    title: "Schedule",
    width: 122,
    yields: 1,
    cell: (row) => <ScheduleWords schedule={row.schedule} />,
  },
  {
    id: "patches",
    title: "Patches",
    width: 80,
    end: true,
    cell: (row) =>
      row.patch_count === null ? <span className={styles.faint}>–</span> : count(row.patch_count),
  },
  { id: "lastRun", title: "Last run", width: 196, sortable: true, cell: (row) => <LastRun row={row} /> },
  {
    id: "updated",
    title: "Changed",
    width: 104,
    yields: 3,
    sortable: true,
    cell: (row) => <When at={row.updated_at} />,
  },
  {
    id: "created",
    title: "Made",
    width: 110,
    sortable: true,
    extra: true,
    cell: (row) => <When at={row.created_at} />,
  },
  {
    id: "actions",
    title: "Actions",
    width: 60,
    fixed: true,
    quiet: true,
    cell: (row) => <JobMenu job={row} />,
  },
];

function Name({ row }: { row: JobRow }) {
  if (!mayOnJob(row, "job.view"))
    return <span title="Only its owner, co-authors and managers open this job">{row.name}</span>;
  return (
    <Link to="/jobs/$job" params={{ job: row.id }} className={styles.name}>
      {row.name}
    </Link>
  );
}

function LastRun({ row }: { row: JobRow }) {
  const run = row.last_run;
  if (!run) return <span className={styles.faint}>–</span>;
  return (
    <Link to="/jobs/$job/runs/$run" params={{ job: row.id, run: run.id }} className={styles.lastRun}>
      <Bar parts={run.asset_status} thin />
      <span>{run.ended_at === null ? "running" : <When at={run.ended_at} />}</span>
    </Link>
  );
}

/** All jobs of the subscription; those the reader may open are links. */
export function JobsPage() {
  const address = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay();
  const change = useCallback(
    (patch: Partial<JobsAddress>) =>
      void navigate({ search: (before) => ({ ...before, ...patch }), replace: true }),
    [navigate],
  );
  const { query = "" } = address;
  const draft = useRef(query);
  const list = useCursorList<JobRow>(
    ["jobs", "list", query, address.sort],
    ({ cursor }, signal) => jobsPage(address, cursor, undefined, signal),
    { refetchInterval: 5_000 },
  );
  const { shown, place } = useColumns(columns, address.cols, false);
  const density = address.density ?? usualDensity();
  const newJob = may("job.create") ? (
    <LinkButton to="/jobs/new" leftSection={<IconPlus size={16} stroke={1.8} aria-hidden />}>
      New job
    </LinkButton>
  ) : null;
  return (
    <ListPage
      title="Jobs"
      place={place}
      total={list.total}
      actions={newJob}
      tabs={<JobTabs />}
      facets={
        <JobFacets query={query} onPick={(term) => change({ query: term(draft.current) || undefined })} />
      }
      tools={
        <QueryTools
          end={
            <ViewTools
              all={columns}
              shown={shown}
              density={density}
              onColumns={(cols) => change({ cols })}
              onDensity={(next) => change({ density: next })}
            />
          }
        >
          <QueryBar
            entity="job"
            label="Job query"
            placeholder="Search jobs, or ask: status:enabled and lastRun>now-7d"
            boxes={{ query, beside: "" }}
            error={list.error}
            draft={draft}
            onBoxes={(boxes) => change({ query: boxes.query || undefined })}
          />
        </QueryTools>
      }
    >
      <DataTable
        label="Jobs"
        columns={shown}
        list={list}
        rowId={(row) => row.id}
        rowName={(row) => row.name}
        sort={address.sort}
        onSort={(sort) => change({ sort })}
        density={density}
        empty={
          query ? (
            <Empty title="No job matches" detail="No job you can see fits the query.">
              <Button variant="default" size="xs" onClick={() => change({ query: undefined })}>
                Show all jobs
              </Button>
            </Empty>
          ) : (
            <Empty
              title="No jobs yet"
              detail="A job installs chosen patches on chosen assets, when you say so, and shows how it went."
            >
              {newJob}
            </Empty>
          )
        }
      />
    </ListPage>
  );
}
