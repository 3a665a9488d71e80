import { ActionIcon, Tooltip } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, type RefObject, useRef, useState } from "react";
import { type Entity, queryProblems, rememberSearch } from "./api";
import type { Boxes } from "./boxes";
import styles from "./Query.module.css";
import { QueryBox } from "./QueryBox";
import { QueryHelp } from "./QueryHelp";
import { Searches } from "./Searches";
import { both } from "./terms";

/** The second box: about the records that belong to those listed. */
export type Beside = {
  entity: Entity;
  label: string;
  placeholder: string;
  /** What the plus sign says. */
  add: string;
  /** Name of the parameter, for what the server says of it. */
  parameter: string;
  /** How the two are joined, before the box. */
  join: ReactNode;
};

/** The boxes of a list page with what goes with them: searches made before, help, and the second box. */
export function QueryBar(props: {
  entity: Entity;
  label: string;
  placeholder: string;
  boxes: Boxes;
  /** The search as one that can be kept, when that is not simply the boxes. */
  kept?: Boxes;
  beside?: Beside;
  /** What the list was refused with. */
  error: unknown;
  draft?: RefObject<string>;
  onBoxes: (boxes: Partial<Boxes>) => void;
}) {
  const { entity, boxes, beside, onBoxes } = props;
  const client = useQueryClient();
  const [opened, setOpened] = useState(false);
  const own = useRef(boxes.query);
  const draft = props.draft ?? own;
  const second = beside !== undefined && (opened || boxes.beside !== "");
  const run = (change: Partial<Boxes>) => {
    onBoxes(change);
    const now = { ...boxes, ...change };
    if (!now.query && !now.beside) return;
    // Not worth a word when it fails: the list itself is there.
    rememberSearch(entity, now)
      .then(() => client.invalidateQueries({ queryKey: ["searches", entity, "recent"] }))
      .catch(() => {});
  };
  return (
    <div className={styles.bar}>
      <div className={styles.row}>
        <QueryBox
          entity={entity}
          label={props.label}
          placeholder={props.placeholder}
          value={boxes.query}
          onRun={(query) => run({ query })}
          refused={queryProblems(props.error)}
          draft={draft}
          global
        />
        {beside && !second ? (
          <Tooltip label={beside.add}>
            <ActionIcon variant="default" size={34} aria-label={beside.add} onClick={() => setOpened(true)}>
              <IconPlus size={17} stroke={1.8} />
            </ActionIcon>
          </Tooltip>
        ) : null}
        <Searches
          entity={entity}
          boxes={props.kept ?? boxes}
          onTake={({ query, beside: more }) => run({ query, beside: more })}
        />
        <QueryHelp entity={entity} onTake={(example) => run({ query: both(draft.current, example) })} />
      </div>
      {beside && second ? (
        <div className={styles.row} data-second>
          {beside.join}
          <QueryBox
            entity={beside.entity}
            label={beside.label}
            placeholder={beside.placeholder}
            value={boxes.beside}
            onRun={(text) => {
              // It stays when it is emptied, until it is removed.
              setOpened(true);
              run({ beside: text });
            }}
            refused={queryProblems(props.error, beside.parameter)}
            autoFocus={opened && boxes.beside === ""}
          />
          <Tooltip label="Remove this box">
            <ActionIcon
              variant="subtle"
              color="gray"
              size={34}
              aria-label={`Remove ${beside.label}`}
              onClick={() => {
                setOpened(false);
                onBoxes({ beside: "" });
              }}
            >
              <IconX size={17} stroke={1.8} />
            </ActionIcon>
          </Tooltip>
        </div>
      ) : null}
    </div>
  );
}
