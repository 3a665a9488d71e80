import { Link } from "@tanstack/react-router";
import type { ResultRow } from "~/api/model";
import { Status } from "~/display/Mark";
import { When } from "~/display/When";
import { patchRunStatus, sentence } from "~/display/words";
import type { Column } from "~/list/column";
import styles from "./Results.module.css";

/** Columns of the list of results. It has one order: newest run first. */
export const resultColumns: Column<ResultRow>[] = [
  {
    id: "status",
    title: "Status",
    width: 138,
    fixed: true,
    cell: (row) => <Outcome row={row} />,
  },
  {
    id: "patch",
    title: "Patch",
    width: 210,
    grow: true,
    fixed: true,
    cell: ({ patch }) => (
      <Link to="/patches/$id" params={{ id: patch.id }} className={styles.patch} title={patch.title}>
        {patch.title}
      </Link>
    ),
  },
  {
    id: "asset",
    title: "Asset",
    width: 196,
    cell: ({ asset }) => (
      <Link to="/assets/$id" params={{ id: asset.id }}>
        {asset.name}
      </Link>
    ),
  },
  {
    id: "job",
    title: "Job",
    width: 150,
    cell: ({ job, run, asset }) => (
      <Link
        to="/jobs/$job/runs/$run"
        params={{ job: job.id, run }}
        search={{ asset: asset.id }}
        title={`${job.name}: the run with this asset's log`}
      >
        {job.name}
      </Link>
    ),
  },
  {
    id: "reason",
    title: "Reason",
    width: 186,
    yields: 1,
    cell: ({ failure }) =>
      failure ? (
        <span className={styles.reason} title={failure.sentence}>
          {sentence(failure.reason)}
        </span>
      ) : (
        <None />
      ),
  },
  {
    id: "exitCode",
    title: "Exit code",
    width: 90,
    end: true,
    extra: true,
    cell: ({ failure }) => failure?.exit_code ?? <None />,
  },
  {
    id: "started",
    title: "Started",
    width: 110,
    extra: true,
    cell: (row) => <When at={row.started_at} />,
  },
  { id: "ended", title: "Ended", width: 100, yields: 2, cell: (row) => <When at={row.ended_at} /> },
];

function Outcome({ row }: { row: ResultRow }) {
  const word = patchRunStatus(row.status);
  return <Status word={word} live={word.tone === "busy"} title={row.failure?.sentence} />;
}

function None() {
  return <span className={styles.faint}>–</span>;
}
