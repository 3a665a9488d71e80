import { ActionIcon, Menu } from "@mantine/core";
import {
  IconCopy,
  IconDots,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconTrash,
} from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { JobRow } from "~/api/model";
import { Confirm } from "~/display/Confirm";
import { notify, notifyProblem } from "~/display/notify";
import { useMay } from "~/entry/session";
import { cloneJob, deleteJob, disableJob, isFrozen, mayOnJob, runsOnce } from "./queries";

/** What can be done with one job, as far as the reader may and its state allows. */
export function JobMenu({ job, onDeleted }: { job: JobRow; onDeleted?: () => void }) {
  const may = useMay();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const refresh = () => {
    void client.invalidateQueries({ queryKey: ["jobs"] });
    void client.invalidateQueries({ queryKey: ["job", job.id] });
  };
  const copy = useMutation({
    mutationFn: () => cloneJob(job.id),
    onSuccess: (made) => {
      refresh();
      notify(`“${made.name}” is made, disabled and yours.`);
      void navigate({ to: "/jobs/$job", params: { job: made.id } });
    },
    onError: notifyProblem,
  });
  const disable = useMutation({
    mutationFn: () => disableJob(job.id),
    onSuccess: refresh,
    onError: notifyProblem,
  });
  const remove = useMutation({
    mutationFn: () => deleteJob(job.id),
    onSuccess: () => {
      notify(`“${job.name}” is deleted.`);
      setDeleting(false);
      onDeleted?.();
      void client.invalidateQueries({ queryKey: ["jobs"] });
    },
  });
  const canEdit = mayOnJob(job, "job.edit") && !isFrozen(job);
  const canEnable = mayOnJob(job, "job.enable") && job.status === "disabled";
  const canDisable = mayOnJob(job, "job.enable") && job.status === "enabled" && !runsOnce(job);
  const canClone = may("job.create") && mayOnJob(job, "job.view");
  const canDelete = mayOnJob(job, "job.delete");
  if (!canEdit && !canEnable && !canDisable && !canClone && !canDelete) return null;
  return (
    <>
      <Menu width={180}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${job.name}`}>
            <IconDots size={17} stroke={1.8} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {canEnable ? (
            <Menu.Item
              leftSection={<IconPlayerPlay size={16} stroke={1.7} />}
              onClick={() =>
                void navigate({ to: "/jobs/$job", params: { job: job.id }, search: { enable: true } })
              }
            >
              Review and enable
            </Menu.Item>
          ) : null}
          {canDisable ? (
            <Menu.Item
              leftSection={<IconPlayerPause size={16} stroke={1.7} />}
              onClick={() => disable.mutate()}
            >
              Disable
            </Menu.Item>
          ) : null}
          {canEdit ? (
            <Menu.Item
              leftSection={<IconPencil size={16} stroke={1.7} />}
              onClick={() => void navigate({ to: "/jobs/$job/edit", params: { job: job.id } })}
            >
              Edit
            </Menu.Item>
          ) : null}
          {canClone ? (
            <Menu.Item leftSection={<IconCopy size={16} stroke={1.7} />} onClick={() => copy.mutate()}>
              Clone
            </Menu.Item>
          ) : null}
          {canDelete ? (
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={16} stroke={1.7} />}
              onClick={() => setDeleting(true)}
            >
              Delete…
            </Menu.Item>
          ) : null}
        </Menu.Dropdown>
      </Menu>
      <Confirm
        opened={deleting}
        onClose={() => setDeleting(false)}
        title={`Delete “${job.name}”?`}
        action="Delete job"
        danger
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
      >
        What has not started is stopped, on agents too. Work that has begun is finished, and results stay.
      </Confirm>
    </>
  );
}
