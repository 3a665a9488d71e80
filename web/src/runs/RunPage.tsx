import { Button, Select, Skeleton } from "@mantine/core";
import { IconDownload, IconPlayerStop, IconRotateClockwise2 } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { api, body } from "~/api/client";
import type { Job, PatchRunStatus, Run, RunAssetRow } from "~/api/model";
import { Confirm } from "~/display/Confirm";
import { Chip, Status } from "~/display/Mark";
import { notify, notifyProblem } from "~/display/notify";
import { count, plural } from "~/display/number";
import { Page, PageBones } from "~/display/Page";
import { Empty, Failed } from "~/display/states";
import { duration, exact, toMinute } from "~/display/time";
import { useNow, When } from "~/display/When";
import { assetRunStatus, patchRunStatus } from "~/display/words";
import { useMay } from "~/entry/session";
import type { RunAddress } from "~/jobs/address";
import { MOST_NAMED_ASSETS, startDraft } from "~/jobs/draft";
import { jobQuery, mayOnJob, runsQuery } from "~/jobs/queries";
import { writeAddress } from "~/list/address";
import type { Column } from "~/list/column";
import { DataTable } from "~/list/DataTable";
import { FilterChip, Tools } from "~/list/ListPage";
import { SearchBox } from "~/list/SearchBox";
import { useColumns } from "~/list/useColumns";
import { everyRow, PAGE_SIZE, useCursorList } from "~/list/useCursorList";
import { AssetPanel } from "./AssetPanel";
import { Bar, Legend } from "./Breakdown";
import { PATCH_RUN_ORDER } from "./order";
import styles from "./Run.module.css";
import { type Following, useRun } from "./useRun";

const route = getRouteApi("/app/jobs/$job/runs/$run");
const UNSUCCESSFUL = "failed,partly_succeeded,timed_out,agent_lost";

function filtersOf({ q, status, patch_status, left_out }: RunAddress) {
  return {
    q,
    status: status?.join(","),
    patch_status: patch_status as PatchRunStatus | undefined,
    left_out: left_out ?? false,
  };
}

function rowsPage(job: string, run: string, query: object, cursor: string | undefined, signal?: AbortSignal) {
  const path = { job, run };
  return body(
    api.GET("/api/v1/jobs/{job}/runs/{run}/assets", {
      params: { path, query: { limit: PAGE_SIZE, cursor, ...query } },
      signal,
    }),
  );
}

/** How a run goes, as it happens. */
export function RunPage() {
  const { job: jobId, run: runId } = route.useParams();
  const { data: job, error: jobError } = useQuery({ ...jobQuery(jobId), refetchInterval: false });
  const { run, error, retry, following } = useRun(jobId, runId);
  const crumbs = [
    { label: "Jobs", to: "/jobs" } as const,
    ...(job ? [{ label: job.name, to: "/jobs/$job", params: { job: jobId } } as const] : []),
  ];
  if (!run || !job) {
    if (!error && !jobError) return <PageBones crumbs={[{ label: "Jobs", to: "/jobs" }]} />;
    return (
      <Page crumbs={crumbs} title="Progress">
        <Failed error={error ?? jobError} retry={retry} />
      </Page>
    );
  }
  return (
    <Page
      crumbs={crumbs}
      title={run.ended_at ? "Results" : "Progress"}
      marks={<RunMarks run={run} following={following} />}
      actions={<RunActions job={job} run={run} />}
      fill
    >
      <Summary run={run} />
      <Rows job={job} run={run} />
    </Page>
  );
}

function RunMarks({ run, following }: { run: Run; following: Following }) {
  const now = useNow();
  const end = run.ended_at ? new Date(run.ended_at) : now;
  const took = duration(end.getTime() - Date.parse(run.started_at));
  return (
    <>
      {following === "ended" ? (
        <Status
          word={{ label: `Ended after ${took}`, tone: "idle" }}
          title={run.ended_at ? exact(new Date(run.ended_at)) : undefined}
        />
      ) : (
        <Status
          live={following === "live"}
          word={
            following === "live"
              ? { label: `Live, for ${took}`, tone: "busy" }
              : { label: "Connecting…", tone: "idle" }
          }
        />
      )}
      <span className={styles.faint}>started {toMinute(new Date(run.started_at))}</span>
    </>
  );
}

function RunActions({ job, run }: { job: Job; run: Run }) {
  const may = useMay();
  const client = useQueryClient();
  const navigate = route.useNavigate();
  const [asking, setAsking] = useState(false);
  const { data: runs } = useQuery(runsQuery(job.id));
  const cancel = useMutation({
    mutationFn: () =>
      api.POST("/api/v1/jobs/{job}/runs/{run}/cancel", { params: { path: { job: job.id, run: run.id } } }),
    onSuccess: () => {
      notify("The run is cancelled. Work that has begun is finished.");
      setAsking(false);
      void client.invalidateQueries({ queryKey: ["run", run.id] });
    },
  });
  const retry = useMutation({
    mutationFn: () =>
      everyRow(({ cursor }) => rowsPage(job.id, run.id, { status: UNSUCCESSFUL, limit: 1000 }, cursor)),
    onSuccess: (rows) => {
      startDraft({ patches: job.patches, assets: rows.slice(0, MOST_NAMED_ASSETS).map((row) => row.asset) });
      void navigate({ to: "/jobs/new", search: { draft: true, kind: job.kind } });
    },
    onError: notifyProblem,
  });
  const bad = run.asset_status
    .filter(({ status }) => UNSUCCESSFUL.split(",").includes(status))
    .reduce((sum, each) => sum + each.count, 0);
  const options = (runs?.items ?? [run]).map((each) => ({
    value: each.id,
    label: exact(new Date(each.started_at)).replace(/:\d\d [^ ]+$/, ""),
  }));
  return (
    <>
      {options.length > 1 ? (
        <Select
          aria-label="Run"
          w={200}
          data={options}
          value={run.id}
          allowDeselect={false}
          onChange={(value) =>
            value &&
            void navigate({ to: "/jobs/$job/runs/$run", params: { job: job.id, run: value }, search: {} })
          }
        />
      ) : null}
      {run.ended_at && bad > 0 && may("job.create") ? (
        <Button
          variant="default"
          loading={retry.isPending}
          onClick={() => retry.mutate()}
          leftSection={<IconRotateClockwise2 size={16} stroke={1.8} aria-hidden />}
        >
          Retry failed
        </Button>
      ) : null}
      {run.ended_at === null && mayOnJob(job, "job.enable") ? (
        <Button
          variant="default"
          onClick={() => setAsking(true)}
          leftSection={<IconPlayerStop size={16} stroke={1.8} aria-hidden />}
        >
          Cancel run
        </Button>
      ) : null}
      <Confirm
        opened={asking}
        onClose={() => setAsking(false)}
        title="Cancel this run?"
        action="Cancel run"
        danger
        pending={cancel.isPending}
        error={cancel.error}
        onConfirm={() => cancel.mutate()}
      >
        Assets that have not begun are left as they are. Work that has begun is finished, so that no machine
        is left half patched.
      </Confirm>
    </>
  );
}

function Summary({ run }: { run: Run }) {
  const address = route.useSearch();
  const navigate = route.useNavigate();
  const change = (patch: Partial<RunAddress>) =>
    void navigate({ search: (before) => ({ ...before, ...patch }), replace: true });
  const chosen = address.status ?? [];
  return (
    <section className={styles.summary} aria-label="Status breakdown">
      <div className={styles.numbers}>
        <strong>{count(run.assets)}</strong>
        <span>{run.assets === 1 ? "asset" : "assets"}</span>
        {run.left_out ? (
          <button
            type="button"
            className={styles.leftOut}
            aria-pressed={address.left_out === true}
            onClick={() =>
              change({
                left_out: address.left_out ? undefined : true,
                status: undefined,
                patch_status: undefined,
              })
            }
          >
            {count(run.left_out)} left out
          </button>
        ) : null}
      </div>
      <div className={styles.bars}>
        <Bar parts={run.asset_status} />
        <Legend
          label="Assets by status"
          parts={run.asset_status}
          word={assetRunStatus}
          chosen={chosen}
          onChoose={(status) => {
            const next = chosen.includes(status)
              ? chosen.filter((each) => each !== status)
              : [...chosen, status];
            change({ status: next.length ? next : undefined, left_out: undefined });
          }}
        />
        <div className={styles.patches}>
          <span className={styles.faint}>Patches on assets</span>
          <Legend
            label="Patches by status"
            parts={run.patch_status}
            word={patchRunStatus}
            order={PATCH_RUN_ORDER}
            chosen={address.patch_status ? [address.patch_status] : []}
            onChoose={(status) =>
              change({
                patch_status: address.patch_status === status ? undefined : status,
                left_out: undefined,
              })
            }
          />
        </div>
      </div>
    </section>
  );
}

function columnsOf(job: string, run: string, address: RunAddress): Column<RunAssetRow>[] {
  return [
    {
      id: "name",
      title: "Asset",
      width: 230,
      grow: true,
      sortable: true,
      cell: (row) => (
        <Link
          to="/jobs/$job/runs/$run"
          params={{ job, run }}
          search={{ ...address, asset: row.asset.id }}
          replace
          className={styles.asset}
        >
          {row.asset.name}
        </Link>
      ),
    },
    { id: "status", title: "Status", width: 150, cell: (row) => <RowStatus row={row} /> },
    { id: "patches", title: "Patches", width: 300, cell: (row) => <RowPatches row={row} /> },
    {
      id: "updated_at",
      title: "Changed",
      width: 104,
      yields: 1,
      cell: (row) => <When at={row.updated_at} />,
    },
  ];
}

function RowStatus({ row }: { row: RunAssetRow }) {
  if (row.status === null) return <Status word={{ label: "Left out", tone: "idle" }} />;
  const word = assetRunStatus(row.status);
  return <Status word={word} live={word.tone === "busy"} title={row.failure?.sentence} />;
}

function RowPatches({ row }: { row: RunAssetRow }) {
  if (row.left_out) return <span className={styles.faint}>{row.left_out.sentence}</span>;
  return (
    <span className={styles.counts}>
      {row.patch_status.map(({ status, count: number }) => (
        <Chip key={status} tone={patchRunStatus(status).tone}>
          {count(number)} {patchRunStatus(status).label.toLowerCase()}
        </Chip>
      ))}
      {row.failure ? <span className={styles.failure}>{row.failure.sentence}</span> : null}
    </span>
  );
}

function Rows({ job, run }: { job: Job; run: Run }) {
  const address = route.useSearch();
  const navigate = route.useNavigate();
  const change = useCallback(
    (patch: Partial<RunAddress>) =>
      void navigate({ search: (before) => ({ ...before, ...patch }), replace: true }),
    [navigate],
  );
  const onSearch = useCallback((q: string) => change({ q: q || undefined }), [change]);
  const onOpen = useCallback((asset: string | undefined) => change({ asset }), [change]);
  const filters = filtersOf(address);
  const list = useCursorList<RunAssetRow>(
    ["run", run.id, "assets", filters, address.sort],
    ({ cursor }, signal) => rowsPage(job.id, run.id, { ...filters, sort: address.sort }, cursor, signal),
  );
  const columns = useMemo(() => columnsOf(job.id, run.id, address), [job.id, run.id, address]);
  const { shown, place } = useColumns(columns, undefined, false);
  const query = writeAddress({ ...filters, sort: address.sort });
  return (
    <div className={styles.split}>
      <div className={styles.rows} ref={place}>
        <Tools
          end={
            <Button
              component="a"
              href={`/api/v1/jobs/${job.id}/runs/${run.id}/assets/export${query}`}
              download
              variant="default"
              size="xs"
              leftSection={<IconDownload size={15} stroke={1.8} aria-hidden />}
            >
              CSV
            </Button>
          }
        >
          <SearchBox
            value={address.q ?? ""}
            label="Search assets of this run"
            onChange={onSearch}
            width={260}
          />
          {address.left_out ? (
            <FilterChip label="Left out" onRemove={() => change({ left_out: undefined })} />
          ) : null}
          {address.patch_status ? (
            <FilterChip
              label={`Patch ${patchRunStatus(address.patch_status).label.toLowerCase()}`}
              onRemove={() => change({ patch_status: undefined })}
            />
          ) : null}
          <span className={styles.faint}>
            {list.total === undefined ? <Skeleton width={60} height={10} /> : plural(list.total, "row")}
          </span>
        </Tools>
        <DataTable
          label="Assets of this run"
          columns={shown}
          list={list}
          rowId={(row) => row.asset.id}
          sort={address.sort}
          onSort={(sort) => change({ sort })}
          openRow={address.asset}
          onOpen={(row) => onOpen(row.asset.id)}
          empty={
            run.assets + run.left_out === 0 ? (
              <Empty
                title="No asset was chosen"
                detail="The tags and names of the job led to no asset in its owner's scope."
              />
            ) : (
              <Empty title="No asset matches" />
            )
          }
        />
      </div>
      {address.asset ? (
        <AssetPanel job={job} run={run} asset={address.asset} onClose={() => onOpen(undefined)} />
      ) : null}
    </div>
  );
}
