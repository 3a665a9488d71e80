import { Link } from "@tanstack/react-router";
import type { CustomPatch } from "~/api/model";
import { Status } from "~/display/Mark";
import { bytes } from "~/display/number";
import { When } from "~/display/When";
import type { Column } from "~/list/column";
import { CategoryMark, Severity } from "~/patches/marks";
import styles from "./Custom.module.css";

/** Columns of the custom patches; those that can be sorted have the API's names for it. */
export const customColumns: Column<CustomPatch>[] = [
  {
    id: "title",
    title: "Title",
    width: 220,
    grow: true,
    sortable: true,
    fixed: true,
    cell: (row) => (
      <Link to="/configuration/custom-patches/$id" params={{ id: row.id }} className={styles.name}>
        {row.details.title}
      </Link>
    ),
  },
  {
    id: "state",
    title: "State",
    width: 116,
    yields: 2,
    cell: (row) => (
      <Status word={row.enabled ? { label: "On", tone: "good" } : { label: "Switched off", tone: "idle" }} />
    ),
  },
  { id: "kind", title: "Kind", width: 64, yields: 3, cell: (row) => row.file.kind },
  {
    id: "release",
    title: "For",
    hint: "Whose machines it is for",
    width: 140,
    yields: 4,
    cell: (row) => row.details.release || "Windows",
  },
  {
    id: "severity",
    title: "Severity",
    width: 114,
    yields: 6,
    cell: (row) => <Severity value={row.details.severity} />,
  },
  {
    id: "category",
    title: "Category",
    width: 120,
    extra: true,
    cell: (row) => <CategoryMark value={row.details.category} />,
  },
  {
    id: "file",
    title: "File",
    width: 200,
    yields: 7,
    cell: (row) => <span title={row.file_name}>{row.file_name}</span>,
  },
  {
    id: "size",
    title: "Size",
    width: 90,
    end: true,
    sortable: true,
    yields: 5,
    cell: (row) => bytes(row.file.size),
  },
  {
    id: "changed_at",
    title: "Changed",
    width: 110,
    sortable: true,
    yields: 8,
    cell: (row) => <When at={row.changed_at} />,
  },
  {
    id: "created_at",
    title: "Made",
    width: 110,
    sortable: true,
    extra: true,
    cell: (row) => <When at={row.created_at} />,
  },
  {
    id: "digest",
    title: "SHA-256",
    width: 200,
    extra: true,
    cell: (row) => <code title={row.file.sha256}>{row.file.sha256}</code>,
  },
];
