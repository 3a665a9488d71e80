import { Popover } from "@mantine/core";
import { Link, type LinkProps } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { count, plural } from "~/display/number";
import { FilterChip } from "~/list/ListPage";
import styles from "./Query.module.css";

/** How many rows a list says nothing of, why, and the way to exactly these. */
export function Unknown(props: {
  unknown: number;
  /** What asks for findings: the list itself, or the box whose assets the numbers are of. */
  asker?: string;
  /** What is counted. */
  noun?: string;
  /** The list of them. */
  link: LinkProps;
}) {
  const { unknown, noun = "asset" } = props;
  const [opened, setOpened] = useState(false);
  if (unknown === 0) return null;
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
          Nobody knows whether {plural(unknown, noun)} {unknown === 1 ? "belongs" : "belong"} here.
        </strong>
        <p>
          {props.asker ?? "The list"} asks what assets miss or have, and some have no good scan to tell: they
          never scanned, their last scan failed or is old, or no feed covers their system. They are counted
          neither as fitting nor as compliant. Of such an asset only what was found stays certain.
        </p>
        <Link {...props.link} onClick={() => setOpened(false)}>
          Show {unknown === 1 ? `this ${noun}` : `these ${plural(unknown, noun)}`}
        </Link>
      </Popover.Dropdown>
    </Popover>
  );
}

/** Says that a list holds what nobody can tell of, and leads back to what is certain. */
export function UnknownOnly({ shown, onCertain }: { shown: boolean; onCertain: () => void }): ReactNode {
  if (!shown) return null;
  return (
    <span
      className={styles.unknownOnly}
      title="Nobody knows whether the query holds for them: no good scan tells"
    >
      <FilterChip label="Only unknown" onRemove={onCertain} />
    </span>
  );
}
