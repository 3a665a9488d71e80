import { IconPlus } from "@tabler/icons-react";
import { useQueries } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useCallback } from "react";
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
import { Facets } from "~/list/Facets";
import { ListPage, Tools, ViewTools } from "~/list/ListPage";
import { SearchBox } from "~/list/SearchBox";
import { useColumns } from "~/list/useColumns";
import { useCursorList } from "~/list/useCursorList";
import { Bar } from "~/runs/Breakdown";
import { type JobsAddress, jobFilters } from "./address";
import { JobMenu } from "./JobMenu";
import styles from "./Jobs.module.css";
import { jobCountQuery, jobsPage, mayOnJob } from "./queries";

const route = getRouteApi("/app/jobs");
const STATUSES = ["enabled", "disabled", "completed", "partially_configured"];
const KINDS = ["install", "uninstall"] as const;
const OWNERS = [
  { value: "me", label: "Mine" },
  { value: "co_author", label: "Co-authored by me" },
] as const;

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
  { id: "last_run", title: "Last run", width: 196, cell: (row) => <LastRun row={row} /> },
  {
    id: "updated_at",
    title: "Changed",
    width: 104,
    yields: 3,
    sortable: true,
    cell: (row) => <When at={row.updated_at} />,
  },
  {
    id: "created_at",
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
  const onSearch = useCallback((q: string) => change({ q: q || undefined }), [change]);
  const list = useCursorList<JobRow>(
    ["jobs", "list", jobFilters(address), address.sort],
    (cursor, signal) => jobsPage(address, cursor, undefined, signal),
    { refetchInterval: 5_000 },
  );
  const { shown, place } = useColumns(columns, address.cols, false);
  const density = address.density ?? usualDensity();
  const filtered = Object.values(jobFilters(address)).some((value) => value !== undefined);
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
      facets={<JobFacets address={address} change={change} />}
      tools={
        <Tools
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
          <SearchBox value={address.q ?? ""} label="Search jobs" onChange={onSearch} />
        </Tools>
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
          filtered ? (
            <Empty title="No job matches" />
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

function JobFacets({
  address,
  change,
}: {
  address: JobsAddress;
  change: (patch: Partial<JobsAddress>) => void;
}) {
  const counted = (patch: Partial<JobsAddress>) => jobCountQuery({ ...address, ...patch });
  const byStatus = useQueries({ queries: STATUSES.map((status) => counted({ status: [status] })) });
  const byKind = useQueries({ queries: KINDS.map((kind) => counted({ kind })) });
  const byOwner = useQueries({ queries: OWNERS.map(({ value }) => counted({ owner: value })) });
  const options = (
    values: readonly { value: string; label: string }[],
    counts: { data: number | undefined }[],
  ) =>
    counts.some(({ data }) => data === undefined)
      ? undefined
      : values.map((each, at) => ({ ...each, count: counts[at]?.data ?? 0 }));
  return (
    <Facets
      groups={[
        {
          id: "status",
          title: "Status",
          options: options(
            STATUSES.map((value) => ({ value, label: jobStatus(value).label })),
            byStatus,
          ),
          chosen: address.status ?? [],
        },
        {
          id: "kind",
          title: "Kind",
          single: true,
          options: options(
            KINDS.map((value) => ({ value, label: jobKind(value).label })),
            byKind,
          ),
          chosen: address.kind ? [address.kind] : [],
        },
        {
          id: "owner",
          title: "Owner",
          single: true,
          options: options(OWNERS, byOwner),
          chosen: address.owner ? [address.owner] : [],
        },
      ]}
      onChange={(group, values) => {
        if (group === "status") change({ status: values.length ? values : undefined });
        else if (group === "kind") change({ kind: values[0] as JobsAddress["kind"] });
        else change({ owner: values[0] as JobsAddress["owner"] });
      }}
    />
  );
}
