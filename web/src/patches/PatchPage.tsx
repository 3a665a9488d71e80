import { SegmentedControl } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useCallback } from "react";
import type { AssetRow, PatchDetail } from "~/api/model";
import { assetColumns } from "~/assets/columns";
import { assetsPage } from "~/assets/queries";
import { webLink } from "~/display/link";
import { Chip } from "~/display/Mark";
import { bytes, count } from "~/display/number";
import { Card, Columns, Facts, Page, PageBones } from "~/display/Page";
import { Empty, Failed } from "~/display/states";
import { When } from "~/display/When";
import { reboot } from "~/display/words";
import { DataTable } from "~/list/DataTable";
import { SearchBox } from "~/list/SearchBox";
import { useCursorList } from "~/list/useCursorList";
import { exactly, words } from "~/query/terms";
import { whyColumn } from "~/why/WhyButton";
import { WhyPanel } from "~/why/WhyPanel";
import { ChainCard } from "./Chain";
import { Downloads, FromVendor } from "./Downloads";
import { CategoryMark, Severity } from "./marks";
import { PatchActions } from "./PatchActions";
import styles from "./Patches.module.css";
import { patchQuery } from "./queries";

const route = getRouteApi("/app/patches/$id");
const CRUMBS = [{ label: "Patches", to: "/patches" }] as const;

/** One patch with everything known of it. */
export function PatchPage() {
  const { id } = route.useParams();
  const { data: patch, error, refetch } = useQuery(patchQuery(id));
  if (!patch) {
    if (!error) return <PageBones crumbs={[...CRUMBS]} />;
    return (
      <Page crumbs={[...CRUMBS]} title="Patch">
        <Failed error={error} retry={() => void refetch()} />
      </Page>
    );
  }
  return (
    <Page
      crumbs={[...CRUMBS]}
      title={patch.title}
      marks={
        <>
          {patch.bulletin ? <Chip tone="busy">{patch.bulletin}</Chip> : null}
          {patch.superseded ? <Chip tone="warn">Superseded</Chip> : null}
          {patch.reboot === "never" ? null : <Chip tone="warn">{reboot(patch.reboot).label}</Chip>}
        </>
      }
      actions={
        <>
          {patch.rollback ? <PatchActions patches={[patch]} uninstall size="sm" /> : null}
          <PatchActions patches={[patch]} size="sm" />
        </>
      }
    >
      <Columns wide>
        <div className={styles.stack}>
          <FromVendor patch={patch} />
          {patch.description ? (
            <Card title="Description">
              <p className={styles.description}>{patch.description}</p>
            </Card>
          ) : null}
          <Card title="Assets" flush>
            <Assets patch={patch} />
          </Card>
          <Downloads patch={patch} />
          {patch.download.how === "automatic" ? null : (
            <Card
              title="Packages"
              aside={<small className={styles.faint}>{count(patch.packages.length)}</small>}
              flush
            >
              <Packages patch={patch} />
            </Card>
          )}
        </div>
        <div className={styles.stack}>
          <Summary patch={patch} />
          <Card title="CVEs" aside={<small className={styles.faint}>{count(patch.cves.length)}</small>}>
            {patch.cves.length === 0 ? <span className={styles.faint}>None named</span> : null}
            <ul className={styles.cveList}>
              {patch.cves.map((cve) => (
                <li key={cve}>
                  <Link to="/vulnerabilities/$id" params={{ id: cve }}>
                    {cve}
                  </Link>
                </li>
              ))}
            </ul>
          </Card>
          <ChainCard id={patch.id} />
        </div>
      </Columns>
    </Page>
  );
}

function Summary({ patch }: { patch: PatchDetail }) {
  const link = webLink(patch.advisory_url);
  return (
    <Card title="Summary">
      <Facts
        facts={[
          ["Vendor", patch.vendor],
          ["Product", patch.product],
          ["Release", patch.release],
          ["Applies to", patch.products.filter((product) => product !== patch.release).join(", ")],
          ["Architectures", patch.architectures.join(", ")],
          ["Category", <CategoryMark key="category" value={patch.category} />],
          ["Vendor severity", <Severity key="severity" value={patch.severity} />],
          ["CVSS", patch.cvss?.toFixed(1)],
          ["EPSS", patch.epss === null ? null : `${(patch.epss * 100).toFixed(1)} %`],
          ["Known exploited", patch.known_exploited ? exploited(patch.known_exploited_due) : null],
          ["KB", patch.kb],
          [
            "Advisory",
            link ? (
              <a key="advisory" href={link} target="_blank" rel="noreferrer">
                {patch.bulletin ?? "Read"}{" "}
                <IconExternalLink size={13} stroke={1.8} aria-label="(opens elsewhere)" />
              </a>
            ) : (
              patch.bulletin
            ),
          ],
          ["Published", patch.published_at ? <When key="published" at={patch.published_at} both /> : null],
          ["Changed", patch.modified_at ? <When key="modified" at={patch.modified_at} both /> : null],
          ["Restart", reboot(patch.reboot).label],
          ["Rollback", patch.rollback ? "Possible: the earlier version is still available" : "Not possible"],
          [
            "Download",
            patch.download.how === "package_manager"
              ? `${bytes(patch.download.size)}, by the package manager from the machine's own sources`
              : null,
          ],
          ["Feed", patch.source],
          ["Id", <code key="id">{patch.id}</code>],
        ]}
      />
    </Card>
  );
}

function exploited(due: string | null): string {
  return due ? `Yes, to be installed by ${due.slice(0, 10)}` : "Yes";
}

function Packages({ patch }: { patch: PatchDetail }) {
  return (
    <table className={styles.packages}>
      <thead>
        <tr>
          <th scope="col">Package</th>
          <th scope="col">Architecture</th>
          <th scope="col">Fixed in</th>
        </tr>
      </thead>
      <tbody>
        {patch.packages.map(({ name, architecture, version }) => (
          <tr key={`${name} ${architecture}`}>
            <td>{name}</td>
            <td>{architecture ?? <span className={styles.faint}>source</span>}</td>
            <td>
              <code>{version}</code>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const SHOWN = ["name", "os.name", "scanStatus", "lastScan"];
const columns = [
  ...assetColumns.filter((column) => SHOWN.includes(column.id)),
  whyColumn<AssetRow>(
    (row) => row.id,
    (row) => row.name,
  ),
];

function Assets({ patch }: { patch: PatchDetail }) {
  const { status = "missing", q, why, sort } = route.useSearch();
  const navigate = route.useNavigate();
  const onSearch = useCallback(
    (text: string) =>
      void navigate({ search: (before) => ({ ...before, q: text || undefined }), replace: true }),
    [navigate],
  );
  const asked = { patches: exactly("id", patch.id), status };
  const list = useCursorList<AssetRow>(["patch", patch.id, "assets", status, q, sort], (at, signal) =>
    assetsPage({ ...asked, query: words(q ?? "") || undefined, sort }, at, undefined, signal),
  );
  return (
    <div className={styles.assets}>
      <div className={styles.bar}>
        <SegmentedControl
          size="xs"
          aria-label="Assets that"
          value={status}
          data={[
            { value: "missing", label: `Missing on ${count(patch.missing)}` },
            { value: "installed", label: `Installed on ${count(patch.installed)}` },
          ]}
          onChange={(value) =>
            void navigate({
              search: (before) => ({ ...before, status: value === "installed" ? "installed" : undefined }),
              replace: true,
            })
          }
        />
        <SearchBox value={q ?? ""} label="Search these assets" onChange={onSearch} width={220} />
        <Link
          to="/assets"
          search={{
            ...asked,
            status: status === "installed" ? status : undefined,
            query: words(q ?? "") || undefined,
          }}
          style={{ marginLeft: "auto", whiteSpace: "nowrap" }}
        >
          Open in Assets
        </Link>
      </div>
      <DataTable
        label={`Assets where this patch is ${status}`}
        columns={columns}
        list={list}
        rowId={(row) => row.id}
        sort={sort}
        onSort={(next) => void navigate({ search: (before) => ({ ...before, sort: next }), replace: true })}
        density="compact"
        empty={
          <Empty
            title={q ? "No asset matches" : status === "missing" ? "No asset misses it" : "No asset has it"}
          />
        }
      />
      <WhyPanel
        asset={why}
        patch={patch.id}
        onClose={() => void navigate({ search: (before) => ({ ...before, why: undefined }), replace: true })}
      />
    </div>
  );
}
