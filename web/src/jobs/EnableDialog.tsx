import { Button, Group, Modal, Skeleton, Stack } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { Job, Preview } from "~/api/model";
import { Chip } from "~/display/Mark";
import { notify } from "~/display/notify";
import { count, plural } from "~/display/number";
import { ScheduleWords } from "~/display/schedule";
import { Failed, Notice, Refusal } from "~/display/states";
import { patchRunStatus } from "~/display/words";
import styles from "./Jobs.module.css";
import { enableJob, fetchJob, previewQuery } from "./queries";

/** Most rows written out of each part of a preview; the numbers above are complete. */
const ROWS = 200;

/** Shows what a job would do, and who is left out and why, before it is switched on. */
export function EnableDialog({ job, opened, onClose }: { job: Job; opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} size={760} title={`Enable “${job.name}”?`}>
      {opened ? <Review job={job} onClose={onClose} /> : null}
    </Modal>
  );
}

/** How long the page waits for a job that starts at once, in milliseconds, and how often it looks. */
const PATIENCE = 8_000;
const LOOK = 400;

/** The job as it is once its run has begun; as it was, if that takes longer than one wants to wait. */
async function startedSoon(job: Job): Promise<Job> {
  const until = Date.now() + PATIENCE;
  let now = job;
  while (now.schedule?.type === "on_demand" && !now.last_run && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, LOOK));
    now = await fetchJob(job.id);
  }
  return now;
}

function Review({ job, onClose }: { job: Job; onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { data: preview, error, refetch } = useQuery(previewQuery(job.id));
  const enable = useMutation({
    mutationFn: async () => startedSoon(await enableJob(job.id)),
    onSuccess: async (enabled) => {
      client.setQueryData(["job", job.id], enabled);
      void client.invalidateQueries({ queryKey: ["jobs"] });
      void client.invalidateQueries({ queryKey: ["job", job.id, "runs"] });
      if (enabled.last_run) {
        await navigate({ to: "/jobs/$job/runs/$run", params: { job: job.id, run: enabled.last_run.id } });
        return;
      }
      notify(
        enabled.schedule?.type === "once"
          ? "Enabled. It starts at its time."
          : "Enabled. It starts in a moment.",
      );
      onClose();
    },
  });
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  return (
    <Stack gap="md">
      {preview ? <Plan preview={preview} job={job} /> : <Skeleton height={320} radius={8} />}
      <Refusal error={enable.error} />
      <Group justify="space-between">
        <span className={styles.faint}>
          {job.schedule?.type === "once" ? (
            <>
              Starts: <ScheduleWords schedule={job.schedule} both />. The plan is made anew then.
            </>
          ) : (
            "Starts as soon as it is enabled."
          )}
        </span>
        <Group gap="xs">
          <Button variant="default" onClick={onClose}>
            Not yet
          </Button>
          <Button
            loading={enable.isPending}
            disabled={!preview || preview.flaws.length > 0}
            onClick={() => enable.mutate()}
            data-autofocus
          >
            Enable job
          </Button>
        </Group>
      </Group>
    </Stack>
  );
}

function Plan({ preview, job }: { preview: Preview; job: Job }) {
  const pending = preview.assets
    .flatMap(({ patches }) => patches)
    .filter(({ status }) => status === "pending").length;
  const verb = job.kind === "install" ? "installed" : "rolled back";
  return (
    <>
      <div className={styles.sums}>
        <div>
          <strong>{count(preview.assets.length)}</strong>{" "}
          {preview.assets.length === 1 ? "asset takes part" : "assets take part"}
        </div>
        <div>
          <strong>{count(pending)}</strong> {pending === 1 ? "patch" : "patches"} {verb}, over all assets
        </div>
        <div>
          <strong>{count(preview.left_out.length)}</strong> left out
        </div>
      </div>
      {preview.flaws.length ? (
        <Notice tone="warn">
          <strong>It cannot run like this.</strong> {preview.flaws.map(({ message }) => message).join(" ")}
        </Notice>
      ) : null}
      {preview.assets.length === 0 && preview.flaws.length === 0 ? (
        <Notice tone="warn">
          <strong>Nothing to do now.</strong> No chosen asset would be changed. Enabling it makes a run
          without assets.
        </Notice>
      ) : null}
      {preview.assets.length ? (
        <section className={styles.preview}>
          <h3>Taking part</h3>
          <ul className={styles.list}>
            {preview.assets.slice(0, ROWS).map(({ asset, patches }) => (
              <li key={asset.id}>
                <span>{asset.name}</span>
                <Held patches={patches} />
                <Skipped patches={patches} />
                <span>
                  {plural(patches.filter(({ status }) => status === "pending").length, "patch", "patches")}
                </span>
              </li>
            ))}
            <Rest total={preview.assets.length} />
          </ul>
        </section>
      ) : null}
      {preview.left_out.length ? (
        <section className={styles.preview}>
          <h3>Left out</h3>
          <ul className={styles.list}>
            {preview.left_out.slice(0, ROWS).map(({ asset, sentence }) => (
              <li key={asset.id}>
                <span>{asset.name}</span>
                <span className={styles.faint}>{sentence}</span>
              </li>
            ))}
            <Rest total={preview.left_out.length} />
          </ul>
        </section>
      ) : null}
    </>
  );
}

function Held({ patches }: { patches: Preview["assets"][number]["patches"] }) {
  const held = [...new Set(patches.flatMap((patch) => patch.held))];
  if (held.length === 0) return null;
  return (
    <Chip tone="warn" title={`Held on this machine and left as they are: ${held.join(", ")}`}>
      {plural(held.length, "package")} held
    </Chip>
  );
}

function Skipped({ patches }: { patches: Preview["assets"][number]["patches"] }) {
  const others = patches.filter(({ status }) => status !== "pending");
  if (others.length === 0) return null;
  return (
    <Chip
      title={others
        .map(({ title, status }) => `${title}: ${patchRunStatus(status).label.toLowerCase()}`)
        .join("\n")}
    >
      {count(others.length)} not needed
    </Chip>
  );
}

function Rest({ total }: { total: number }) {
  return total > ROWS ? <li className={styles.faint}>and {count(total - ROWS)} more</li> : null;
}
