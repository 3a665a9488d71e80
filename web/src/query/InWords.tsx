import { ActionIcon, Popover } from "@mantine/core";
import { IconMessage2Question } from "@tabler/icons-react";
import { useState } from "react";
import type { Entity, Explanation } from "./api";
import styles from "./Query.module.css";

const ALL: Record<Entity, string> = {
  asset: "All assets you may see.",
  patch: "All patches.",
  job: "All jobs.",
  result: "All results you may see.",
  audit: "The whole log.",
};

/** What the query means, in words. */
export function InWords(props: { entity: Entity; explanation: Explanation | undefined; empty: boolean }) {
  const [opened, setOpened] = useState(false);
  const { explanation, empty } = props;
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="bottom-end"
      shadow="md"
      width={420}
      trapFocus={false}
    >
      <Popover.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={24}
          aria-label="The query in words"
          title="In words"
          onClick={() => setOpened(!opened)}
        >
          <IconMessage2Question size={16} stroke={1.7} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown className={styles.words}>
        {empty ? ALL[props.entity] : explanation ? <Meaning explanation={explanation} /> : "…"}
      </Popover.Dropdown>
    </Popover>
  );
}

function Meaning({ explanation }: { explanation: Explanation }) {
  if (!explanation.ok) return <>The query cannot be understood yet. What is wrong is underlined.</>;
  return (
    <>
      <ul className={styles.lines}>
        {explanation.lines.map((line, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other identity, and never move.
          <li key={at} style={{ paddingLeft: line.depth * 16 }}>
            {line.text}
          </li>
        ))}
      </ul>
      {explanation.canonical ? <code className={styles.canonical}>{explanation.canonical}</code> : null}
    </>
  );
}
