import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { AssetRef, PatchRow } from "~/api/model";
import { useMay } from "~/entry/session";
import { AddToJob } from "~/jobs/AddToJob";
import { MOST_PATCHES, startDraft } from "~/jobs/draft";

/** Makes a job of one or many patches; on a machine's page the job names that machine. */
export function PatchActions(props: {
  patches: PatchRow[];
  asset?: AssetRef;
  uninstall?: boolean;
  size?: "xs" | "sm";
}) {
  const { patches, asset, uninstall = false, size = "xs" } = props;
  const may = useMay();
  const navigate = useNavigate();
  const [adding, setAdding] = useState(false);
  if (!may("job.create")) return null;
  const usable = patches.filter(
    (patch) => patch.download.how === "package_manager" && (!uninstall || patch.rollback),
  );
  const why =
    usable.length === 0
      ? uninstall
        ? "None of these can be rolled back"
        : patches.some((patch) => patch.download.how === "automatic")
          ? "Agents cannot run installers yet"
          : "These are only available from the vendor and cannot be deployed"
      : usable.length > MOST_PATCHES
        ? `A job holds at most ${MOST_PATCHES} patches`
        : undefined;
  const start = () => {
    startDraft({ patches: usable.map(({ id, title }) => ({ id, title })), assets: asset ? [asset] : [] });
    void navigate({ to: "/jobs/new", search: { draft: true, kind: uninstall ? "uninstall" : undefined } });
  };
  return (
    <>
      <Button
        size={size}
        variant={uninstall ? "default" : "filled"}
        disabled={why !== undefined}
        title={why}
        onClick={start}
        leftSection={
          uninstall ? undefined : <IconPlus size={size === "xs" ? 15 : 16} stroke={1.8} aria-hidden />
        }
      >
        {uninstall ? "New rollback job" : "New install job"}
      </Button>
      {uninstall ? null : (
        <>
          <Button variant="default" size={size} disabled={why !== undefined} onClick={() => setAdding(true)}>
            Add to job
          </Button>
          <AddToJob
            addition={{ patches: usable.map(({ id, title }) => ({ id, title })) }}
            kind="install"
            opened={adding}
            onClose={() => setAdding(false)}
          />
        </>
      )}
    </>
  );
}
