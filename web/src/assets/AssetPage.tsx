import { Button, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { Confirm } from "~/display/Confirm";
import { Chip, Status } from "~/display/Mark";
import { notify } from "~/display/notify";
import { count } from "~/display/number";
import { Page, PageBones, Tabs } from "~/display/Page";
import { Failed } from "~/display/states";
import { scanStatus } from "~/display/words";
import { useMay } from "~/entry/session";
import { AssetActions } from "./AssetActions";
import { AssetJobs } from "./AssetJobs";
import { AssetOverview } from "./AssetOverview";
import { AssetPatches } from "./AssetPatches";
import { AssetSoftware } from "./AssetSoftware";
import { assetQuery, removeAsset } from "./queries";

const route = getRouteApi("/app/assets/$id");
const CRUMBS = [{ label: "Assets", to: "/assets" }] as const;

/** One asset with everything known of it. */
export function AssetPage() {
  const { id } = route.useParams();
  const { tab = "overview" } = route.useSearch();
  const { data: asset, error, refetch } = useQuery(assetQuery(id));
  if (!asset) {
    if (!error) return <PageBones crumbs={[...CRUMBS]} />;
    return (
      <Page crumbs={[...CRUMBS]} title="Asset">
        <Failed error={error} retry={() => void refetch()} />
      </Page>
    );
  }
  const tabLink = (to: typeof tab, label: string, number?: number) => (
    <Link
      to="/assets/$id"
      params={{ id }}
      search={{ tab: to === "overview" ? undefined : to }}
      activeOptions={{ includeSearch: true, explicitUndefined: true }}
    >
      {label}
      {number === undefined ? null : <small>{count(number)}</small>}
    </Link>
  );
  return (
    <Page
      crumbs={[...CRUMBS]}
      title={asset.name}
      marks={
        <>
          <Status
            word={asset.online ? { label: "Online", tone: "good" } : { label: "Offline", tone: "idle" }}
          />
          <Status
            word={scanStatus(asset.scan_status)}
            live={asset.scan_status === "scanning"}
            title={asset.scan_error ?? undefined}
          />
          {asset.pending_reboot ? <Chip tone="warn">Restart pending</Chip> : null}
          {asset.assess_only ? <Chip title="The agent never changes this machine">Assess only</Chip> : null}
        </>
      }
      actions={
        <>
          <AssetActions assets={[asset]} size="sm" />
          <More id={id} name={asset.name} />
        </>
      }
      tabs={
        <Tabs label="Parts of this asset">
          {tabLink("overview", "Overview")}
          {tabLink("patches", "Patches", asset.latest_missing)}
          {tabLink("software", "Software", asset.inventory?.package_count)}
          {tabLink("jobs", "Jobs")}
        </Tabs>
      }
      fill={tab !== "overview"}
    >
      {tab === "overview" ? <AssetOverview asset={asset} /> : null}
      {tab === "patches" ? <AssetPatches asset={asset} /> : null}
      {tab === "software" ? <AssetSoftware id={id} /> : null}
      {tab === "jobs" ? <AssetJobs id={id} /> : null}
    </Page>
  );
}

function More({ id, name }: { id: string; name: string }) {
  const may = useMay();
  const client = useQueryClient();
  const navigate = route.useNavigate();
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => removeAsset(id),
    onSuccess: async () => {
      notify(`${name} is removed.`);
      await navigate({ to: "/assets", search: {} });
      client.removeQueries({ queryKey: ["asset", id] });
      await client.invalidateQueries({ queryKey: ["assets"] });
    },
  });
  if (!may("asset.remove")) return null;
  return (
    <>
      <Menu>
        <Menu.Target>
          <Button variant="default" px={9} aria-label="More actions">
            <IconDots size={17} stroke={1.8} />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item color="red" onClick={() => setAsking(true)}>
            Remove asset…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Confirm
        opened={asking}
        onClose={() => setAsking(false)}
        title={`Remove ${name}?`}
        action="Remove asset"
        danger
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
      >
        Its agent is refused from then on, and its findings are no longer counted. Results of past jobs stay.
        Enrolling the machine again makes it an asset again.
      </Confirm>
    </>
  );
}
