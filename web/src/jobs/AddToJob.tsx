import { Button, Group, Modal, Radio, Skeleton, Stack } from "@mantine/core";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import type { JobKind, JobRow } from "~/api/model";
import { notify } from "~/display/notify";
import { plural } from "~/display/number";
import { Empty, Failed, Refusal } from "~/display/states";
import { jobStatus } from "~/display/words";
import { SearchBox } from "~/list/SearchBox";
import { both, words } from "~/query/terms";
import { type Addition, mergeInto } from "./addition";
import styles from "./Jobs.module.css";
import { changeJob, fetchJob, isFrozen, jobsPage, mayOnJob } from "./queries";

/** Adds patches or assets to a job that is there already and may still be changed. */
export function AddToJob(props: {
  addition: Addition;
  /** Only jobs of this kind; any when left out. */
  kind?: JobKind;
  opened: boolean;
  onClose: () => void;
}) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title="Add to a job" size="lg">
      {props.opened ? <Choice {...props} /> : null}
    </Modal>
  );
}

/** Jobs that may still be changed. */
function changeable(q: string, kind: JobKind | undefined): string {
  const query = both(words(q), "status:[disabled, partially_configured]");
  return kind ? both(query, `type:${kind}`) : query;
}

function Choice({ addition, kind, onClose }: { addition: Addition; kind?: JobKind; onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [q, setQ] = useState("");
  const [chosen, setChosen] = useState<string | null>(null);
  const onSearch = useCallback((text: string) => setQ(text), []);
  const jobs = useQuery({
    queryKey: ["jobs", "changeable", q, kind],
    queryFn: ({ signal }) =>
      jobsPage({ query: changeable(q, kind), sort: "-updated" }, undefined, 200, signal),
    placeholderData: keepPreviousData,
  });
  const add = useMutation({
    mutationFn: async (id: string) => {
      const { change, added, tooMany } = mergeInto(await fetchJob(id), addition);
      if (tooMany) throw new Error(tooMany);
      return { job: await changeJob(id, change), added };
    },
    onSuccess: ({ job, added }) => {
      notify(added ? `Added to “${job.name}”.` : `“${job.name}” had all of it already.`);
      client.setQueryData(["job", job.id], job);
      void client.invalidateQueries({ queryKey: ["jobs"] });
      onClose();
      void navigate({ to: "/jobs/$job", params: { job: job.id } });
    },
  });
  const rows = jobs.data?.items.filter((job) => mayOnJob(job, "job.edit") && !isFrozen(job));
  return (
    <Stack>
      <div style={{ display: "flex" }}>
        <SearchBox value={q} label="Search jobs" onChange={onSearch} global={false} width={400} />
      </div>
      {jobs.error && !jobs.data ? <Failed error={jobs.error} retry={() => void jobs.refetch()} /> : null}
      {rows ? null : <Skeleton height={160} radius={8} />}
      {rows?.length === 0 ? (
        <Empty
          title={q ? "No such job" : "No job can be added to"}
          detail="Only jobs that you may edit and that have not been enabled are offered."
        />
      ) : null}
      {rows?.length ? (
        <Radio.Group value={chosen} onChange={setChosen} aria-label="Job">
          <div className={styles.preview}>
            <ul className={styles.list}>
              {rows.map((job) => (
                <Line key={job.id} job={job} />
              ))}
            </ul>
          </div>
        </Radio.Group>
      ) : null}
      <Refusal error={add.error} />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button disabled={!chosen} loading={add.isPending} onClick={() => chosen && add.mutate(chosen)}>
          Add to job
        </Button>
      </Group>
    </Stack>
  );
}

function Line({ job }: { job: JobRow }) {
  return (
    <li>
      <Radio value={job.id} label={job.name} size="xs" />
      <span className={styles.faint}>
        {jobStatus(job.status).label}
        {job.patch_count === null ? "" : `, ${plural(job.patch_count, "patch", "patches")}`}
      </span>
    </li>
  );
}
