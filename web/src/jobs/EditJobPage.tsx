import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { LinkButton } from "~/display/LinkButton";
import { Page, PageBones } from "~/display/Page";
import { Empty, Failed } from "~/display/states";
import { bodyOf, formOf } from "./form";
import { JobFormView } from "./JobFormView";
import { changeJob, isFrozen, jobQuery } from "./queries";

const route = getRouteApi("/app/jobs/$job/edit");

/** Changes a job that has not been enabled yet. */
export function EditJobPage() {
  const { job: id } = route.useParams();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const { data: job, error, refetch } = useQuery({ ...jobQuery(id), refetchInterval: false });
  const crumbs = [{ label: "Jobs", to: "/jobs" } as const];
  if (!job) {
    if (!error) return <PageBones crumbs={crumbs} />;
    return (
      <Page crumbs={crumbs} title="Edit job">
        <Failed error={error} retry={() => void refetch()} />
      </Page>
    );
  }
  return (
    <Page crumbs={[...crumbs, { label: job.name, to: "/jobs/$job", params: { job: id } }]} title="Edit job">
      {isFrozen(job) ? (
        <Empty
          title="This job can no longer be edited"
          detail="A job that runs once stays as it was when it was enabled. Clone it to change it."
        >
          <LinkButton to="/jobs/$job" params={{ job: id }} variant="default" size="xs">
            Back to the job
          </LinkButton>
        </Empty>
      ) : (
        <JobFormView
          start={formOf(job)}
          save={async (form, review) => {
            const changed = await changeJob(id, bodyOf(form));
            client.setQueryData(["job", id], changed);
            void client.invalidateQueries({ queryKey: ["jobs"] });
            await navigate({
              to: "/jobs/$job",
              params: { job: id },
              search: { enable: review || undefined },
              replace: true,
            });
          }}
        />
      )}
    </Page>
  );
}
