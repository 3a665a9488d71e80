import { Popover } from "@mantine/core";
import { Link, type LinkProps } from "@tanstack/react-router";
import { useState } from "react";
import { count, plural } from "~/display/number";
import styles from "./Query.module.css";
import { certainPart } from "./terms";

const NO_GOOD_SCAN = "scanStatus:[never_scanned, scan_failed, unsupported, stale]";

/** The list of assets that a query cannot be decided for: those without a good scan, as far as it is certain. */
export function unknownQuery(query: string, dependsOnScan: (field: string) => boolean): string {
  const certain = certainPart(query, dependsOnScan);
  return certain ? `${certain} and ${NO_GOOD_SCAN}` : NO_GOOD_SCAN;
}

/** How many assets a list says nothing of, why, and the way to them. */
export function Unknown(props: {
  unknown: number;
  query: string;
  /** What asks for findings: the list itself, or the box whose assets the numbers are of. */
  asker?: string;
  dependsOnScan: (field: string) => boolean;
}) {
  const { unknown, query } = props;
  const [opened, setOpened] = useState(false);
  if (unknown === 0) return null;
  const link: LinkProps = { to: "/assets", search: { query: unknownQuery(query, props.dependsOnScan) } };
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" shadow="md" width={400}>
      <Popover.Target>
        <button
          type="button"
          className={styles.unknown}
          aria-haspopup="dialog"
          aria-expanded={opened}
          onClick={() => setOpened(!opened)}
        >
          {count(unknown)} unknown
        </button>
      </Popover.Target>
      <Popover.Dropdown className={styles.words}>
        <strong>
          Nobody knows whether {plural(unknown, "asset")} {unknown === 1 ? "belongs" : "belong"} here.
        </strong>
        <p>
          {props.asker ?? "The list"} asks what assets miss or have, and these have no good scan to tell: they
          never scanned, their last scan failed or is old, or no feed covers their system. They are counted
          neither as fitting nor as compliant. Of such an asset only what was found stays certain.
        </p>
        <Link {...link} onClick={() => setOpened(false)}>
          Show assets without a good scan
        </Link>
        <code className={styles.canonical}>{unknownQuery(query, props.dependsOnScan)}</code>
      </Popover.Dropdown>
    </Popover>
  );
}
