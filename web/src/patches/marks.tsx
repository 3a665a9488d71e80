import { IconArrowsDown, IconBug, IconKey, IconRefreshAlert, IconShieldBolt } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { PatchRow } from "~/api/model";
import { Chip, SeverityMark } from "~/display/Mark";
import { reboot, severity } from "~/display/words";
import styles from "./Patches.module.css";

/** Small signs beside a patch's title: known exploited, restart, only from the vendor, superseded. */
export function PatchMarks({ patch }: { patch: PatchRow }) {
  return (
    <>
      {patch.known_exploited ? (
        <Sign
          label={`Known to be exploited${patch.known_exploited_due ? `: install by ${patch.known_exploited_due.slice(0, 10)}` : ""}`}
          bad
        >
          <IconBug size={15} stroke={1.8} />
        </Sign>
      ) : null}
      {patch.reboot === "never" ? null : (
        <Sign label={reboot(patch.reboot).label} faint={patch.reboot === "maybe"}>
          <IconRefreshAlert size={15} stroke={1.8} />
        </Sign>
      )}
      {patch.download.how === "acquire_from_vendor" ? (
        <Sign label="Only from the vendor: it cannot be deployed">
          <IconKey size={15} stroke={1.8} />
        </Sign>
      ) : null}
      {patch.superseded ? (
        <Sign label="Superseded: a newer patch replaces it" faint>
          <IconArrowsDown size={15} stroke={1.8} />
        </Sign>
      ) : null}
    </>
  );
}

function Sign(props: { label: string; faint?: boolean; bad?: boolean; children: React.ReactNode }) {
  const { label, faint, bad, children } = props;
  return (
    <span
      className={bad ? styles.signBad : faint ? styles.signFaint : styles.sign}
      role="img"
      aria-label={label}
      title={label}
    >
      {children}
    </span>
  );
}

/** Title with its marks, linked to the patch; `plain` where a link would lead away from unfinished work. */
export function PatchTitle({ patch, plain = false }: { patch: PatchRow; plain?: boolean }) {
  return (
    <span className={styles.title} data-superseded={patch.superseded || undefined}>
      {plain ? (
        <span title={patch.title}>{patch.title}</span>
      ) : (
        <Link to="/patches/$id" params={{ id: patch.id }} title={patch.title}>
          {patch.title}
        </Link>
      )}
      <PatchMarks patch={patch} />
    </span>
  );
}

/** Security or not. */
export function CategoryMark({ value }: { value: PatchRow["category"] }) {
  if (value !== "security") return <span className={styles.faint}>Non-security</span>;
  return (
    <span className={styles.security}>
      <IconShieldBolt size={15} stroke={1.8} aria-hidden />
      Security
    </span>
  );
}

/** The vendor's rating. */
export function Severity({ value }: { value: PatchRow["severity"] }) {
  return <SeverityMark value={value} label={severity(value).label} />;
}

/** The first CVEs, and how many more. */
export function Cves({ cves, most = 1 }: { cves: string[]; most?: number }) {
  if (cves.length === 0) return <span className={styles.faint}>–</span>;
  return (
    <span title={cves.join(", ")} className={styles.cves}>
      {cves.slice(0, most).join(", ")}
      {cves.length > most ? <Chip>+{cves.length - most}</Chip> : null}
    </span>
  );
}
