import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { Page } from "~/display/Page";
import { dropDraft, readDraft } from "./draft";
import { bodyOf, EMPTY_FORM, type JobForm, suggestedName } from "./form";
import { JobFormView } from "./JobFormView";
import { createJob } from "./queries";

const route = getRouteApi("/app/jobs/new");

/** Makes a job, empty or from what was chosen on another page. */
export function NewJobPage() {
  const { draft, kind } = route.useSearch();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const [start] = useState((): JobForm => {
    const { patches, assets } = draft ? readDraft() : { patches: [], assets: [] };
    const form = { ...EMPTY_FORM, kind: kind ?? "install", patches, includeAssets: assets };
    return { ...form, name: suggestedName(form) };
  });
  return (
    <Page crumbs={[{ label: "Jobs", to: "/jobs" }]} title="New job">
      <JobFormView
        start={start}
        save={async (form, review) => {
          const job = await createJob({ ...bodyOf(form), co_authors: [], enable: false });
          dropDraft();
          void client.invalidateQueries({ queryKey: ["jobs"] });
          await navigate({
            to: "/jobs/$job",
            params: { job: job.id },
            search: { enable: review || undefined },
            replace: true,
          });
        }}
      />
    </Page>
  );
}
