import { Button, Group, Switch } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, body, once } from "~/api/client";
import type { CustomContent, PatchDetail } from "~/api/model";
import { asProblem } from "~/api/problem";
import { notify } from "~/display/notify";
import { Page } from "~/display/Page";
import { Notice, Refusal } from "~/display/states";
import { patchQuery } from "~/patches/queries";
import { ChooseFile } from "./ChooseFile";
import styles from "./Custom.module.css";
import { DetailsFields } from "./DetailsFields";
import { changeOf, complaintsOf, type Draft, draftOf, flawsOf } from "./details";
import { FileCard } from "./FileCard";
import { useSending } from "./useSending";

const route = getRouteApi("/app/configuration/custom-patches/new");
const CRUMBS = [{ label: "Custom patches", to: "/configuration/custom-patches" }] as const;

/** Makes a patch of a file: the file first, since what it says of itself is proposed for the rest. */
export function NewCustomPatchPage() {
  const { like } = route.useSearch();
  const { data: model } = useQuery({ ...patchQuery(like ?? ""), enabled: like !== undefined });
  const way = useSending();
  return (
    <Page crumbs={[...CRUMBS]} title="New custom patch">
      <div className={styles.form}>
        {model ? (
          <Notice tone="busy">
            Upload the file that you got from {model.vendor}. What the catalog says of{" "}
            <Link to="/patches/$id" params={{ id: model.id }}>
              {model.title}
            </Link>{" "}
            is filled in; the patch of your own stands beside it.
          </Notice>
        ) : null}
        {way.content && way.file ? (
          <NewPatch
            key={way.content.file.sha256}
            content={way.content}
            name={way.file.name}
            model={model}
            onOther={way.cancel}
          />
        ) : (
          <ChooseFile way={way} />
        )}
      </div>
    </Page>
  );
}

/** What a file proposes, with what is known of the patch that it is the file of. */
function begin({ proposed }: CustomContent, model: PatchDetail | undefined): Draft {
  if (!model) return draftOf(proposed);
  const { title, vendor, product, category, severity, cves, description, reboot } = model;
  return draftOf({
    ...proposed,
    ...{ title, vendor, category, severity, cves, description, reboot },
    app_family: product,
    bulletin: model.bulletin ?? "",
    advisory_url: model.advisory_url ?? "",
    release: proposed.release || (model.release ?? ""),
  });
}

function NewPatch(props: {
  content: CustomContent;
  name: string;
  model: PatchDetail | undefined;
  onOther: () => void;
}) {
  const { content, name } = props;
  const { file } = content;
  const client = useQueryClient();
  const navigate = useNavigate();
  const [draft, setDraft] = useState(() => begin(content, props.model));
  const [enabled, setEnabled] = useState(true);
  const make = useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/v1/custom-patches", {
          params: { header: once() },
          body: { sha256: file.sha256, file_name: name, enabled, details: changeOf(draft, file.kind) },
        }),
      ),
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: ["custom-patches"] });
      void client.invalidateQueries({ queryKey: ["patches"] });
      notify("The patch is in the catalog. Assets are judged anew.");
      void navigate({ to: "/configuration/custom-patches/$id", params: { id: made.id } });
    },
  });
  const flaws = flawsOf(draft, file.kind);
  const complaints = make.error ? complaintsOf(asProblem(make.error), draft) : {};
  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate();
      }}
    >
      <FileCard file={file} name={name} />
      <DetailsFields
        kind={file.kind}
        draft={draft}
        errors={{ ...complaints, ...flaws }}
        onChange={setDraft}
      />
      <Switch
        label="Switched on"
        description="Switched off it is in nobody's list of what is missing, and no job takes it"
        checked={enabled}
        onChange={(event) => setEnabled(event.currentTarget.checked)}
      />
      <Refusal error={make.error} />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={props.onOther}>
          Another file
        </Button>
        <Button type="submit" loading={make.isPending} disabled={Object.keys(flaws).length > 0}>
          Make patch
        </Button>
      </Group>
    </form>
  );
}
