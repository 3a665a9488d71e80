import { Button, Group, Switch } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "~/api/client";
import type { CustomPatch } from "~/api/model";
import { asProblem } from "~/api/problem";
import { Confirm } from "~/display/Confirm";
import { LinkButton } from "~/display/LinkButton";
import { Chip } from "~/display/Mark";
import { notify, notifyProblem } from "~/display/notify";
import { Columns, Page, PageBones } from "~/display/Page";
import { Failed, Notice, Refusal } from "~/display/states";
import { When } from "~/display/When";
import styles from "./Custom.module.css";
import { DetailsFields } from "./DetailsFields";
import { changeOf, complaintsOf, draftOf, flawsOf } from "./details";
import { FileCard } from "./FileCard";
import { customPatchQuery } from "./queries";

const route = getRouteApi("/app/configuration/custom-patches/$id");
const CRUMBS = [{ label: "Custom patches", to: "/configuration/custom-patches" }] as const;

/** One custom patch: what its file says, and what can be said of it. */
export function CustomPatchPage() {
  const { id } = route.useParams();
  const { data: patch, error, refetch } = useQuery(customPatchQuery(id));
  if (!patch) {
    if (!error) return <PageBones crumbs={[...CRUMBS]} />;
    return (
      <Page crumbs={[...CRUMBS]} title="Custom patch">
        <Failed error={error} retry={() => void refetch()} />
      </Page>
    );
  }
  return (
    <Page
      crumbs={[...CRUMBS]}
      title={patch.details.title}
      marks={patch.enabled ? null : <Chip>Switched off</Chip>}
      actions={<Actions patch={patch} />}
    >
      <Columns wide>
        <div className={styles.form}>
          {patch.enabled ? null : (
            <Notice tone="busy">
              <strong>It is withdrawn.</strong> No asset is said to miss it, and no job takes it, until it is
              switched on again.
            </Notice>
          )}
          {/* What somebody else changed in it begins the form anew; the switch does not. */}
          <Change key={JSON.stringify(patch.details)} patch={patch} />
        </div>
        <div className={styles.form}>
          <FileCard file={patch.file} name={patch.file_name} />
          <small className={styles.faint}>
            Made <When at={patch.created_at} />, changed <When at={patch.changed_at} />. Another file is
            another patch.
          </small>
        </div>
      </Columns>
    </Page>
  );
}

/** Forgets what was fetched of the patch and of the catalog that it is in. */
function useForget() {
  const client = useQueryClient();
  return () => {
    for (const key of ["custom-patches", "patches", "patch"])
      void client.invalidateQueries({ queryKey: [key] });
  };
}

function Actions({ patch }: { patch: CustomPatch }) {
  const navigate = useNavigate();
  const forget = useForget();
  const [deleting, setDeleting] = useState(false);
  const path = { id: patch.id };
  const turn = useMutation({
    mutationFn: (enabled: boolean) =>
      api.PATCH("/api/v1/custom-patches/{id}", { params: { path }, body: { enabled, details: {} } }),
    onSuccess: forget,
    onError: notifyProblem,
  });
  const remove = useMutation({
    mutationFn: () => api.DELETE("/api/v1/custom-patches/{id}", { params: { path } }),
    onSuccess: async () => {
      await navigate({ to: "/configuration/custom-patches" });
      forget();
    },
  });
  return (
    <>
      <Switch
        size="xs"
        mr={6}
        label="Switched on"
        checked={patch.enabled}
        disabled={turn.isPending}
        onChange={(event) => turn.mutate(event.currentTarget.checked)}
      />
      {patch.enabled ? (
        <LinkButton to="/patches/$id" params={{ id: patch.patch }} variant="default">
          Open in Patches
        </LinkButton>
      ) : null}
      <Button variant="default" c="var(--bad)" onClick={() => setDeleting(true)}>
        Delete…
      </Button>
      <Confirm
        opened={deleting}
        onClose={() => setDeleting(false)}
        title={`Delete “${patch.details.title}”?`}
        action="Delete patch"
        danger
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
      >
        The patch goes from the catalog and its file from the server; this cannot be taken back. Where it was
        installed it stays installed. To have it missing nowhere, switch it off instead.
      </Confirm>
    </>
  );
}

function Change({ patch }: { patch: CustomPatch }) {
  const forget = useForget();
  const { kind } = patch.file;
  const before = draftOf(patch.details);
  const [draft, setDraft] = useState(before);
  const save = useMutation({
    mutationFn: () =>
      api.PATCH("/api/v1/custom-patches/{id}", {
        params: { path: { id: patch.id } },
        body: { details: changeOf(draft, kind) },
      }),
    onSuccess: () => {
      forget();
      notify("Saved. Assets are judged anew.");
    },
  });
  const flaws = flawsOf(draft, kind);
  const complaints = save.error ? complaintsOf(asProblem(save.error), draft) : {};
  const same = JSON.stringify(draft) === JSON.stringify(before);
  return (
    <form
      className={styles.form}
      noValidate
      aria-label="What is said of it"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <DetailsFields kind={kind} draft={draft} errors={{ ...complaints, ...flaws }} onChange={setDraft} />
      <Refusal error={save.error} />
      <Group justify="flex-end" gap="xs">
        <Button
          variant="default"
          disabled={same}
          onClick={() => {
            setDraft(before);
            save.reset();
          }}
        >
          Cancel
        </Button>
        <Button type="submit" loading={save.isPending} disabled={same || Object.keys(flaws).length > 0}>
          Save
        </Button>
      </Group>
    </form>
  );
}
