import { IconLock, IconRefreshAlert } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { AssetRow } from "~/api/model";
import { Chip, Status } from "~/display/Mark";
import { count } from "~/display/number";
import { When } from "~/display/When";
import { scanStatus, shortOs } from "~/display/words";
import type { Column } from "~/list/column";
import styles from "./Assets.module.css";
import { LATEST_SECURITY } from "./address";

/** Columns of the asset list. Their names are those of the query language's fields, by which the API sorts. */
export const assetColumns: Column<AssetRow>[] = [
  {
    id: "name",
    title: "Name",
    width: 220,
    grow: true,
    sortable: true,
    fixed: true,
    cell: (row) => <Name row={row} />,
  },
  {
    id: "os.name",
    title: "Operating system",
    width: 174,
    yields: 3,
    sortable: true,
    cell: (row) => <span title={row.os}>{shortOs(row.os) || <None />}</span>,
  },
  {
    id: "scanStatus",
    title: "Scan",
    width: 126,
    sortable: true,
    cell: (row) => (
      <Status
        word={scanStatus(row.scan_status)}
        live={row.scan_status === "scanning"}
        title={row.scan_error ?? undefined}
      />
    ),
  },
  {
    id: "latestMissingCount",
    title: "Missing",
    hint: "Missing patches that nothing newer replaces",
    width: 80,
    end: true,
    sortable: true,
    cell: (row) => <PatchCount row={row} value={row.latest_missing} status="missing" />,
  },
  {
    id: "latestMissingCount.security",
    title: "Security",
    hint: "Missing security patches that nothing newer replaces",
    width: 80,
    end: true,
    sortable: true,
    cell: (row) => <PatchCount row={row} value={row.latest_missing_security} status="missing" security />,
  },
  {
    id: "missingCount",
    title: "Missing, all",
    hint: "Missing patches, superseded ones included",
    width: 112,
    end: true,
    sortable: true,
    extra: true,
    cell: (row) => <PatchCount row={row} value={row.missing} status="missing" all />,
  },
  {
    id: "installedCount",
    title: "Installed",
    width: 84,
    end: true,
    sortable: true,
    cell: (row) => <PatchCount row={row} value={row.installed} status="installed" all />,
  },
  {
    id: "missingCount.critical",
    title: "Critical",
    hint: "Missing patches that the vendor rates critical, superseded ones included",
    width: 80,
    end: true,
    sortable: true,
    extra: true,
    cell: (row) => <PatchCount row={row} value={row.missing_critical} status="missing" critical />,
  },
  {
    id: "compliance",
    title: "Compliance",
    hint: "Share of the applicable latest patches that are installed",
    width: 112,
    end: true,
    sortable: true,
    extra: true,
    cell: (row) => (row.compliance === null || !isKnown(row) ? <None /> : `${row.compliance.toFixed(1)} %`),
  },
  {
    id: "risk",
    title: "Risk",
    hint: "What its missing latest patches put at risk: severity, and known exploitation threefold",
    width: 80,
    end: true,
    sortable: true,
    extra: true,
    cell: (row) => (isKnown(row) ? count(row.risk) : <None />),
  },
  { id: "tags.name", title: "Tags", width: 124, yields: 2, cell: (row) => <Tags row={row} /> },
  {
    id: "lastScan",
    title: "Last scan",
    width: 96,
    yields: 1,
    sortable: true,
    cell: (row) => <When at={row.last_scan} none="never" />,
  },
  {
    id: "lastCheckIn",
    title: "Last seen",
    width: 112,
    sortable: true,
    extra: true,
    cell: (row) => <When at={row.last_check_in} none="never" />,
  },
  {
    id: "lastLoggedOnUser",
    title: "Logged on",
    width: 112,
    sortable: true,
    yields: 4,
    cell: (row) => row.logged_on_user || <None />,
  },
  {
    id: "agent.version",
    title: "Agent",
    width: 80,
    sortable: true,
    yields: 5,
    cell: (row) => row.agent_version || <None />,
  },
  {
    id: "interfaces.address",
    title: "Addresses",
    width: 170,
    extra: true,
    cell: (row) => row.addresses.join(", ") || <None />,
  },
  {
    id: "architecture",
    title: "Architecture",
    width: 110,
    sortable: true,
    extra: true,
    cell: (row) => row.architecture || <None />,
  },
  {
    id: "os.release",
    title: "Release",
    width: 150,
    sortable: true,
    extra: true,
    cell: (row) => row.release ?? <None />,
  },
];

function Name({ row }: { row: AssetRow }) {
  return (
    <span className={styles.name}>
      <span
        className={styles.online}
        data-on={row.online || undefined}
        title={row.online ? "Online" : "Offline"}
      >
        <span className="visually-hidden">{row.online ? "Online" : "Offline"}</span>
      </span>
      <Link to="/assets/$id" params={{ id: row.id }} className={styles.nameLink}>
        {row.name}
      </Link>
      {row.pending_reboot ? (
        <span className={styles.mark} role="img" aria-label="Restart pending" title="Restart pending">
          <IconRefreshAlert size={15} stroke={1.8} />
        </span>
      ) : null}
      {row.assess_only ? (
        <span
          className={styles.markFaint}
          role="img"
          aria-label="Assess only"
          title="Assess only: the agent never changes this machine"
        >
          <IconLock size={14} stroke={1.8} />
        </span>
      ) : null}
    </span>
  );
}

const CRITICAL = "vendorSeverity:critical";

/** Whether anything is known of its patches; that may be old. */
function isKnown(row: AssetRow): boolean {
  return row.scan_status !== "never_scanned" && row.scan_status !== "unsupported";
}

function PatchCount(props: {
  row: AssetRow;
  value: number;
  status: "missing" | "installed";
  all?: boolean;
  security?: boolean;
  critical?: boolean;
}) {
  const { row, value, status } = props;
  if (!isKnown(row)) return <None />;
  if (value === 0) return <span className={styles.zero}>0</span>;
  return (
    <Link
      to="/assets/$id"
      params={{ id: row.id }}
      search={{
        tab: "patches",
        status: status === "installed" ? status : undefined,
        query: props.all ? "" : props.critical ? CRITICAL : props.security ? LATEST_SECURITY : undefined,
      }}
      className={props.security ? styles.loud : undefined}
      aria-label={`${count(value)} ${props.security ? "security patches " : props.critical ? "critical patches " : ""}${status} on ${row.name}`}
    >
      {count(value)}
    </Link>
  );
}

function Tags({ row }: { row: AssetRow }) {
  const [first, ...rest] = row.tags;
  if (!first) return <None />;
  return (
    <span className={styles.tags} title={row.tags.map((tag) => tag.name).join(", ")}>
      <Chip>{first.name}</Chip>
      {rest.length ? <span className={styles.zero}>+{rest.length}</span> : null}
    </span>
  );
}

function None() {
  return <span className={styles.zero}>–</span>;
}
