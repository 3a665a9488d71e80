import { Link } from "@tanstack/react-router";
import type { PatchRow } from "~/api/model";
import { bytes, count } from "~/display/number";
import { When } from "~/display/When";
import { reboot } from "~/display/words";
import type { Column } from "~/list/column";
import { exactly } from "~/query/terms";
import { CategoryMark, Cves, PatchTitle, Severity } from "./marks";
import styles from "./Patches.module.css";

/**
 * Columns of the patch list, whose numbers are of the assets of a query. Their names are those of the query
 * language's fields, by which the API sorts.
 */
export const patchColumnsOn = (assets: string): Column<PatchRow>[] => [
  {
    id: "title",
    title: "Title",
    width: 250,
    grow: true,
    sortable: true,
    fixed: true,
    cell: (row) => <PatchTitle patch={row} />,
  },
  {
    id: "missingCount",
    title: "Missing",
    hint: "Assets that miss it",
    width: 84,
    end: true,
    sortable: true,
    cell: (row) => <AssetCount row={row} value={row.missing} status="missing" assets={assets} />,
  },
  {
    id: "installedCount",
    title: "Installed",
    hint: "Assets that have it",
    width: 90,
    end: true,
    sortable: true,
    cell: (row) => <AssetCount row={row} value={row.installed} status="installed" assets={assets} />,
  },
  {
    id: "category",
    title: "Category",
    width: 120,
    sortable: true,
    cell: (row) => <CategoryMark value={row.category} />,
  },
  {
    id: "vendorSeverity",
    title: "Severity",
    width: 114,
    sortable: true,
    yields: 1,
    cell: (row) => <Severity value={row.severity} />,
  },
  {
    id: "bulletin",
    title: "Advisory",
    width: 116,
    sortable: true,
    yields: 3,
    cell: (row) => row.bulletin ?? <None />,
  },
  {
    id: "product",
    title: "Release",
    width: 136,
    yields: 2,
    cell: (row) => row.release ?? <None />,
  },
  { id: "cve", title: "CVEs", width: 176, yields: 5, cell: (row) => <Cves cves={row.cves} /> },
  {
    id: "cvss",
    title: "CVSS",
    hint: "Highest CVSS base score of what it fixes",
    width: 76,
    end: true,
    sortable: true,
    extra: true,
    cell: (row) => row.cvss?.toFixed(1) ?? <None />,
  },
  {
    id: "epss",
    title: "EPSS",
    hint: "Highest probability of exploitation within 30 days",
    width: 84,
    end: true,
    sortable: true,
    extra: true,
    cell: (row) => (row.epss === null ? <None /> : `${(row.epss * 100).toFixed(1)} %`),
  },
  {
    id: "kev",
    title: "Known exploited",
    width: 140,
    sortable: true,
    extra: true,
    cell: (row) =>
      row.known_exploited ? (
        row.known_exploited_due ? (
          <>due {row.known_exploited_due.slice(0, 10)}</>
        ) : (
          "Yes"
        )
      ) : (
        <None />
      ),
  },
  { id: "kb", title: "KB", width: 100, sortable: true, extra: true, cell: (row) => row.kb ?? <None /> },
  {
    id: "publishedDate",
    title: "Published",
    width: 104,
    sortable: true,
    yields: 4,
    cell: (row) => <When at={row.published_at} />,
  },
  { id: "appFamily", title: "Product", width: 150, sortable: true, extra: true, cell: (row) => row.product },
  {
    id: "architecture",
    title: "Architecture",
    width: 130,
    extra: true,
    cell: (row) => row.architectures.join(", ") || <None />,
  },
  {
    id: "size",
    title: "Download",
    width: 100,
    end: true,
    sortable: true,
    extra: true,
    cell: (row) => (row.download.how === "package_manager" ? bytes(row.download.size) : <None />),
  },
  {
    id: "rebootRequired",
    title: "Restart",
    width: 160,
    sortable: true,
    extra: true,
    cell: (row) => reboot(row.reboot).label,
  },
];

/** The same, with numbers of all assets. */
export const patchColumns = patchColumnsOn("");

function None() {
  return <span className={styles.faint}>–</span>;
}

function AssetCount(props: {
  row: PatchRow;
  value: number;
  status: "missing" | "installed";
  assets: string;
}) {
  const { row, value, status, assets } = props;
  if (value === 0) return <span className={styles.faint}>0</span>;
  return (
    <Link
      to="/assets"
      search={{
        query: assets || undefined,
        patches: exactly("id", row.id),
        status: status === "installed" ? status : undefined,
      }}
      className={status === "missing" ? styles.missing : undefined}
      aria-label={`${count(value)} ${status}: ${row.title}`}
    >
      {count(value)}
    </Link>
  );
}
