import { Button, Group, Modal, Stack } from "@mantine/core";
import { IconPlus, IconRefresh, IconTag } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { AssetRow } from "~/api/model";
import { notify, notifyProblem } from "~/display/notify";
import { count, plural } from "~/display/number";
import { Refusal } from "~/display/states";
import { useMay } from "~/entry/session";
import { AddToJob } from "~/jobs/AddToJob";
import { MOST_NAMED_ASSETS, startDraft } from "~/jobs/draft";
import { TagPicker } from "~/tags/TagPicker";
import { eachInTurn } from "./inTurn";
import { scanAsset, setAssetTags } from "./queries";

/** What can be done with one or many assets, as far as the reader may. */
export function AssetActions({
  assets,
  onDone,
  size = "xs",
}: {
  assets: AssetRow[];
  onDone?: () => void;
  size?: "xs" | "sm";
}) {
  const may = useMay();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [tagging, setTagging] = useState(false);
  const [adding, setAdding] = useState(false);
  const scan = useMutation({
    mutationFn: () => eachInTurn(assets, (asset) => scanAsset(asset.id)),
    onSuccess: ({ failed, firstError }) => {
      if (firstError) notifyProblem(firstError);
      const asked = assets.length - failed;
      if (asked) notify(`${plural(asked, "asset")} asked to scan. Results appear as they arrive.`);
      void client.invalidateQueries({ queryKey: ["assets"] });
      void client.invalidateQueries({ queryKey: ["asset"] });
      onDone?.();
    },
  });
  const toJob = () => {
    startDraft({ assets: assets.slice(0, MOST_NAMED_ASSETS).map(({ id, name }) => ({ id, name })) });
    void navigate({ to: "/jobs/new", search: { draft: true } });
  };
  const tooMany = assets.length > MOST_NAMED_ASSETS;
  const icon = size === "xs" ? 15 : 16;
  return (
    <>
      {may("job.create") ? (
        <Button
          size={size}
          onClick={toJob}
          disabled={tooMany}
          title={
            tooMany
              ? `A job names at most ${MOST_NAMED_ASSETS} assets one by one; use a tag for more`
              : undefined
          }
          leftSection={<IconPlus size={icon} stroke={1.8} aria-hidden />}
        >
          New job
        </Button>
      ) : null}
      {may("job.create") ? (
        <>
          <Button variant="default" size={size} onClick={() => setAdding(true)} disabled={tooMany}>
            Add to job
          </Button>
          <AddToJob
            addition={{ assets: assets.map(({ id, name }) => ({ id, name })) }}
            opened={adding}
            onClose={() => setAdding(false)}
          />
        </>
      ) : null}
      {may("asset.operate") ? (
        <>
          <Button
            variant="default"
            size={size}
            loading={scan.isPending}
            onClick={() => scan.mutate()}
            leftSection={<IconRefresh size={icon} stroke={1.8} aria-hidden />}
          >
            Scan now
          </Button>
          <Button
            variant="default"
            size={size}
            onClick={() => setTagging(true)}
            leftSection={<IconTag size={icon} stroke={1.8} aria-hidden />}
          >
            Edit tags
          </Button>
          <TagDialog assets={assets} opened={tagging} onClose={() => setTagging(false)} onDone={onDone} />
        </>
      ) : null}
    </>
  );
}

function TagDialog(props: { assets: AssetRow[]; opened: boolean; onClose: () => void; onDone?: () => void }) {
  const { assets, opened, onClose, onDone } = props;
  const [only] = assets.length === 1 ? assets : [];
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      centered
      title={only ? `Tags of ${only.name}` : `Tags of ${count(assets.length)} assets`}
    >
      {only ? (
        <OneAssetTags asset={only} onClose={onClose} onDone={onDone} />
      ) : (
        <ManyAssetTags assets={assets} onClose={onClose} onDone={onDone} />
      )}
    </Modal>
  );
}

function useTagging(onClose: () => void, onDone?: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (changes: { id: string; tags: string[] }[]) => {
      const { firstError } = await eachInTurn(changes, ({ id, tags }) => setAssetTags(id, tags));
      if (firstError) throw firstError;
    },
    onSuccess: (_, changes) => {
      notify(`Tags of ${plural(changes.length, "asset")} changed.`);
      void client.invalidateQueries({ queryKey: ["assets"] });
      void client.invalidateQueries({ queryKey: ["asset"] });
      onClose();
      onDone?.();
    },
  });
}

function OneAssetTags({
  asset,
  onClose,
  onDone,
}: {
  asset: AssetRow;
  onClose: () => void;
  onDone?: () => void;
}) {
  const [tags, setTags] = useState(asset.tags.filter((tag) => !tag.dynamic).map((tag) => tag.id));
  const dynamic = asset.tags.filter((tag) => tag.dynamic).map(({ name }) => name);
  const tagging = useTagging(onClose, onDone);
  return (
    <Stack>
      <Refusal error={tagging.error} />
      <TagPicker
        label="Tags"
        description={dynamic.length ? `By a query it also has: ${dynamic.join(", ")}` : undefined}
        value={tags}
        onChange={setTags}
        autoFocus
        byHand
      />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button loading={tagging.isPending} onClick={() => tagging.mutate([{ id: asset.id, tags }])}>
          Save tags
        </Button>
      </Group>
    </Stack>
  );
}

function ManyAssetTags({
  assets,
  onClose,
  onDone,
}: {
  assets: AssetRow[];
  onClose: () => void;
  onDone?: () => void;
}) {
  const [add, setAdd] = useState<string[]>([]);
  const [remove, setRemove] = useState<string[]>([]);
  const tagging = useTagging(onClose, onDone);
  const changes = assets.flatMap((asset) => {
    const before = asset.tags.filter((tag) => !tag.dynamic).map((tag) => tag.id);
    const after = [...new Set([...before.filter((id) => !remove.includes(id)), ...add])];
    const same = after.length === before.length && after.every((id) => before.includes(id));
    return same ? [] : [{ id: asset.id, tags: after }];
  });
  return (
    <Stack>
      <Refusal error={tagging.error} />
      <TagPicker
        label="Add"
        value={add}
        onChange={(tags) => setAdd(tags.filter((tag) => !remove.includes(tag)))}
        autoFocus
        byHand
      />
      <TagPicker
        label="Take away"
        value={remove}
        onChange={(tags) => setRemove(tags.filter((tag) => !add.includes(tag)))}
        byHand
      />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          loading={tagging.isPending}
          disabled={changes.length === 0}
          onClick={() => tagging.mutate(changes)}
        >
          {changes.length ? `Change ${plural(changes.length, "asset")}` : "Nothing to change"}
        </Button>
      </Group>
    </Stack>
  );
}
