import { Button } from "@mantine/core";
import { IconPencil, IconPlayerPlay } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { Job, Run } from "~/api/model";
import { LinkButton } from "~/display/LinkButton";
import { Chip, Status } from "~/display/Mark";
import { count, plural } from "~/display/number";
import { Card, Columns, Facts, Page, PageBones } from "~/display/Page";
import { ScheduleWords } from "~/display/schedule";
import { Failed, Notice } from "~/display/states";
import { duration } from "~/display/time";
import { useNow, When } from "~/display/When";
import { jobKind, jobStatus } from "~/display/words";
import { Bar } from "~/runs/Breakdown";
import { tagsQuery } from "~/tags/queries";
import { inTreeOrder } from "~/tags/tree";
import { EnableDialog } from "./EnableDialog";
import { JobMenu } from "./JobMenu";
import styles from "./Jobs.module.css";
import { isFrozen, jobQuery, mayOnJob, runsQuery } from "./queries";

const route = getRouteApi("/app/jobs/$job");
const CRUMBS = [{ label: "Jobs", to: "/jobs" }] as const;

/** One job: what it does, on what, when, and how its runs went. */
export function JobPage() {
  const { job: id } = route.useParams();
  const { enable } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: job, error, refetch } = useQuery(jobQuery(id));
  if (!job) {
    if (!error) return <PageBones crumbs={[...CRUMBS]} />;
    return (
      <Page crumbs={[...CRUMBS]} title="Job">
        <Failed error={error} retry={() => void refetch()} />
      </Page>
    );
  }
  const running = job.last_run?.ended_at === null;
  const ask = (open: boolean) => void navigate({ search: { enable: open || undefined }, replace: true });
  return (
    <Page
      crumbs={[...CRUMBS]}
      title={job.name}
      marks={
        <>
          <Status word={jobStatus(job.status)} live={running} />
          <Chip tone={jobKind(job.kind).tone}>{jobKind(job.kind).label}</Chip>
        </>
      }
      actions={
        <>
          <JobMenu job={job} onDeleted={() => void navigate({ to: "/jobs" })} />
          {mayOnJob(job, "job.edit") && !isFrozen(job) ? (
            <LinkButton
              to="/jobs/$job/edit"
              params={{ job: id }}
              variant="default"
              leftSection={<IconPencil size={16} stroke={1.8} aria-hidden />}
            >
              Edit
            </LinkButton>
          ) : null}
          {mayOnJob(job, "job.enable") && job.status === "disabled" ? (
            <Button
              onClick={() => ask(true)}
              leftSection={<IconPlayerPlay size={16} stroke={1.8} aria-hidden />}
            >
              Review and enable
            </Button>
          ) : null}
          {job.last_run ? (
            <LinkButton to="/jobs/$job/runs/$run" params={{ job: id, run: job.last_run.id }}>
              {running ? "Watch progress" : "Show results"}
            </LinkButton>
          ) : null}
        </>
      }
    >
      <Columns wide>
        <div className={styles.stack}>
          {job.flaws.length && job.status !== "completed" ? (
            <Notice tone="warn">
              <strong>Before it can be enabled:</strong> {job.flaws.map(({ message }) => message).join(" ")}
            </Notice>
          ) : null}
          {job.description ? (
            <Card title="Description">
              <p style={{ margin: 0, whiteSpace: "pre-line" }}>{job.description}</p>
            </Card>
          ) : null}
          <Card title="Runs" flush>
            <Runs job={job} />
          </Card>
          <Card
            title="Patches"
            aside={<small className={styles.faint}>{count(job.patches.length)}</small>}
            flush
          >
            <ul className={styles.list}>
              {job.patches.length === 0 ? <li className={styles.faint}>None chosen</li> : null}
              {job.patches.map((patch) => (
                <li key={patch.id}>
                  <Link to="/patches/$id" params={{ id: patch.id }}>
                    {patch.title}
                  </Link>
                  <code>{patch.id}</code>
                </li>
              ))}
            </ul>
          </Card>
        </div>
        <div className={styles.stack}>
          <Definition job={job} />
          <Targets job={job} />
        </div>
      </Columns>
      <EnableDialog
        job={job}
        opened={enable === true && job.status === "disabled"}
        onClose={() => ask(false)}
      />
    </Page>
  );
}

function Runs({ job }: { job: Job }) {
  const { data, error, refetch } = useQuery(runsQuery(job.id));
  if (error && !data) return <Failed error={error} retry={() => void refetch()} />;
  const runs = data?.items ?? (job.last_run ? [job.last_run] : []);
  if (runs.length === 0) {
    return (
      <ul className={styles.list}>
        <li className={styles.faint}>
          {job.status === "enabled" ? "It has not started yet." : "It has not run yet."}
        </li>
      </ul>
    );
  }
  return runs.map((run) => <RunLine key={run.id} run={run} job={job.id} />);
}

function RunLine({ run, job }: { run: Run; job: string }) {
  const now = useNow();
  const end = run.ended_at ? new Date(run.ended_at) : now;
  return (
    <Link to="/jobs/$job/runs/$run" params={{ job, run: run.id }} className={styles.run}>
      <span>
        <When at={run.started_at} />
        <span className={styles.faint}> · {duration(end.getTime() - Date.parse(run.started_at))}</span>
      </span>
      <Bar parts={run.asset_status} />
      <span>{plural(run.assets, "asset")}</span>
    </Link>
  );
}

function Definition({ job }: { job: Job }) {
  const window = job.options.window_minutes;
  return (
    <Card title="Definition">
      <Facts
        facts={[
          ["Kind", job.kind === "install" ? "Install patches" : "Roll patches back"],
          ["Schedule", <ScheduleWords key="schedule" schedule={job.schedule} both />],
          ["Window", window ? duration(window * 60_000) : "None: open until every asset has tried"],
          [
            "After a failure",
            job.options.continue_on_failure === false ? "Stop on that asset" : "Go on with the next patch",
          ],
          ["Owner", job.owner?.name ?? "None"],
          ["Co-authors", job.co_authors.map(({ name }) => name).join(", ")],
          ["Made", <When key="made" at={job.created_at} both />],
          ["Changed", <When key="changed" at={job.updated_at} both />],
        ]}
      />
    </Card>
  );
}

function Targets({ job }: { job: Job }) {
  const { data } = useQuery(tagsQuery);
  const names = new Map(inTreeOrder(data ?? []).map((tag) => [tag.id, tag.path]));
  const assetNames = new Map(job.named_assets.map((asset) => [asset.id, asset.name]));
  const { include_tags = [], exclude_tags = [], include_assets = [], exclude_assets = [] } = job.assets;
  const tags = (ids: string[], match: string | undefined) =>
    ids.length
      ? `${match === "all" && ids.length > 1 ? "All of: " : ""}${ids.map((id) => names.get(id) ?? "…").join(", ")}`
      : null;
  const assets = (ids: string[]) =>
    ids.length
      ? ids.map((id, at) => (
          <span key={id}>
            {at ? ", " : ""}
            <Link to="/assets/$id" params={{ id }}>
              {assetNames.get(id) ?? id}
            </Link>
          </span>
        ))
      : null;
  const nothing = include_tags.length + include_assets.length === 0;
  return (
    <Card title="Assets">
      {nothing ? <span className={styles.faint}>None chosen</span> : null}
      <Facts
        facts={[
          ["With tags", tags(include_tags, job.assets.include_match)],
          ["But not", tags(exclude_tags, job.assets.exclude_match)],
          ["By name", assets(include_assets)],
          ["Except", assets(exclude_assets)],
        ]}
      />
    </Card>
  );
}
