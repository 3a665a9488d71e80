import { Link } from "@tanstack/react-router";
import type { PatchRow } from "~/api/model";
import { bytes, count } from "~/display/number";
import { When } from "~/display/When";
import { reboot } from "~/display/words";
import type { Column } from "~/list/column";
import { CategoryMark, Cves, PatchTitle, Severity } from "./marks";
import styles from "./Patches.module.css";

/** Columns of the patch list. Their names are those of the API's `sort`. */
export const patchColumns: Column<PatchRow>[] = [
  {
    id: "published_at",
    title: "Published",
    width: 112,
    sortable: true,
    cell: (row) => <When at={row.published_at} />,
  },
  {
    id: "title",
    title: "Title",
    width: 300,
    grow: true,
    sortable: true,
    fixed: true,
    cell: (row) => <PatchTitle patch={row} />,
  },
  {
    id: "bulletin",
    title: "Advisory",
    width: 126,
    cell: (row) => row.bulletin ?? <span className={styles.faint}>–</span>,
  },
  {
    id: "category",
    title: "Category",
    width: 122,
    sortable: true,
    cell: (row) => <CategoryMark value={row.category} />,
  },
  {
    id: "severity",
    title: "Severity",
    width: 120,
    sortable: true,
    cell: (row) => <Severity value={row.severity} />,
  },
  { id: "cves", title: "CVEs", width: 186, cell: (row) => <Cves cves={row.cves} /> },
  {
    id: "product",
    title: "Product",
    width: 150,
    sortable: true,
    extra: true,
    cell: (row) => row.product,
  },
  {
    id: "release",
    title: "Release",
    width: 150,
    cell: (row) => row.release ?? <span className={styles.faint}>–</span>,
  },
  {
    id: "architectures",
    title: "Architecture",
    width: 120,
    extra: true,
    cell: (row) => row.architectures.join(", "),
  },
  {
    id: "size",
    title: "Download",
    width: 100,
    end: true,
    extra: true,
    cell: (row) => (row.download.how === "package_manager" ? bytes(row.download.size) : "–"),
  },
  { id: "reboot", title: "Restart", width: 160, extra: true, cell: (row) => reboot(row.reboot).label },
  {
    id: "missing",
    title: "Missing",
    hint: "Assets that miss it",
    width: 96,
    end: true,
    sortable: true,
    cell: (row) => <AssetCount row={row} value={row.missing} by="missing_patch" />,
  },
  {
    id: "installed",
    title: "Installed",
    hint: "Assets that have it",
    width: 100,
    end: true,
    sortable: true,
    cell: (row) => <AssetCount row={row} value={row.installed} by="installed_patch" />,
  },
];

function AssetCount({
  row,
  value,
  by,
}: {
  row: PatchRow;
  value: number;
  by: "missing_patch" | "installed_patch";
}) {
  if (value === 0) return <span className={styles.faint}>0</span>;
  const words = by === "missing_patch" ? "missing" : "installed";
  return (
    <Link
      to="/assets"
      search={{ [by]: row.id }}
      className={by === "missing_patch" ? styles.missing : undefined}
      aria-label={`${count(value)} ${words}: ${row.title}`}
    >
      {count(value)}
    </Link>
  );
}
