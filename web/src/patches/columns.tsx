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
    id: "title",
    title: "Title",
    width: 250,
    grow: true,
    sortable: true,
    fixed: true,
    cell: (row) => <PatchTitle patch={row} />,
  },
  {
    id: "missing",
    title: "Missing",
    hint: "Assets that miss it",
    width: 84,
    end: true,
    sortable: true,
    cell: (row) => <AssetCount row={row} value={row.missing} by="missing_patch" />,
  },
  {
    id: "installed",
    title: "Installed",
    hint: "Assets that have it",
    width: 90,
    end: true,
    sortable: true,
    cell: (row) => <AssetCount row={row} value={row.installed} by="installed_patch" />,
  },
  {
    id: "category",
    title: "Category",
    width: 120,
    sortable: true,
    cell: (row) => <CategoryMark value={row.category} />,
  },
  {
    id: "severity",
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
    id: "release",
    title: "Release",
    width: 136,
    sortable: true,
    yields: 2,
    cell: (row) => row.release ?? <None />,
  },
  { id: "cves", title: "CVEs", width: 176, yields: 5, cell: (row) => <Cves cves={row.cves} /> },
  {
    id: "published_at",
    title: "Published",
    width: 104,
    sortable: true,
    yields: 4,
    cell: (row) => <When at={row.published_at} />,
  },
  { id: "product", title: "Product", width: 150, sortable: true, extra: true, cell: (row) => row.product },
  {
    id: "architectures",
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
    extra: true,
    cell: (row) => (row.download.how === "package_manager" ? bytes(row.download.size) : <None />),
  },
  { id: "reboot", title: "Restart", width: 160, extra: true, cell: (row) => reboot(row.reboot).label },
];

function None() {
  return <span className={styles.faint}>–</span>;
}

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
