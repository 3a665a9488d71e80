import { Link } from "@tanstack/react-router";
import type { VulnerabilityRow } from "~/api/model";
import { Chip } from "~/display/Mark";
import { count } from "~/display/number";
import type { Column } from "~/list/column";
import { exactly } from "~/query/terms";
import styles from "./Vulnerabilities.module.css";

/** "9.8", with the word that the standard has for it. */
export function Score({ cvss }: { cvss: number | null }) {
  if (cvss === null) return <span className={styles.faint}>–</span>;
  return (
    <span className={styles.score} data-range={range(cvss)}>
      {cvss.toFixed(1)} <small>{range(cvss)}</small>
    </span>
  );
}

/** The ranges of CVSS 3.1 §5 and 4.0 §6. */
function range(cvss: number): string {
  if (cvss >= 9) return "critical";
  if (cvss >= 7) return "high";
  if (cvss >= 4) return "medium";
  return cvss > 0 ? "low" : "none";
}

/** A probability in percent. */
export function percent(epss: number | null): string {
  return epss === null ? "–" : `${(epss * 100).toFixed(1)} %`;
}

/** A query that finds the assets which miss a patch for a vulnerability. */
export const exposed = (cve: string) => `missing:(${exactly("cve", cve)})`;

export const columns: Column<VulnerabilityRow>[] = [
  {
    id: "id",
    title: "Vulnerability",
    width: 150,
    sortable: true,
    fixed: true,
    cell: (row) => (
      <Link to="/vulnerabilities/$id" params={{ id: row.id }}>
        {row.id}
      </Link>
    ),
  },
  {
    id: "title",
    title: "Title",
    width: 260,
    grow: true,
    yields: 2,
    cell: (row) => <span title={row.title ?? undefined}>{row.title}</span>,
  },
  { id: "cvss", title: "CVSS", width: 112, sortable: true, cell: (row) => <Score cvss={row.cvss} /> },
  {
    id: "epss",
    title: "EPSS",
    hint: "Probability that it is exploited within 30 days",
    width: 84,
    end: true,
    sortable: true,
    cell: (row) => percent(row.epss),
  },
  {
    id: "known_exploited_due",
    title: "Known exploited",
    hint: "On a list of vulnerabilities that are known to be exploited, with the day it is to be fixed by",
    width: 190,
    sortable: true,
    yields: 3,
    cell: (row) =>
      row.known_exploited ? (
        <>
          <Chip tone="bad">Exploited</Chip>{" "}
          {row.known_exploited_due ? `fix by ${row.known_exploited_due}` : null}
        </>
      ) : null,
  },
  {
    id: "patches",
    title: "Patches",
    width: 84,
    end: true,
    sortable: true,
    yields: 4,
    cell: (row) => (
      <Link to="/patches" search={{ query: exactly("cve", row.id), applicable: "all" }}>
        {count(row.patches)}
      </Link>
    ),
  },
  {
    id: "missing",
    title: "Exposed",
    hint: "Assets that miss a patch for it",
    width: 90,
    end: true,
    sortable: true,
    cell: (row) => (
      <Link
        to="/assets"
        search={{ query: exposed(row.id) }}
        aria-label={`${count(row.missing)} exposed: ${row.id}`}
      >
        {count(row.missing)}
      </Link>
    ),
  },
];
