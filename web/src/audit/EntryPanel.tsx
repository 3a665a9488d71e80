import { Drawer } from "@mantine/core";
import type { AuditEntry } from "~/api/model";
import { Facts } from "~/display/Page";
import { exact } from "~/display/time";
import styles from "./Audit.module.css";
import { type Difference, differences } from "./differences";

/** One entry of the log: what was before and what after. */
export function EntryPanel({ entry, onClose }: { entry: AuditEntry | undefined; onClose: () => void }) {
  return (
    <Drawer
      opened={entry !== undefined}
      onClose={onClose}
      position="right"
      size={620}
      title={entry ? `Entry ${entry.number}` : ""}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {entry ? <Entry entry={entry} /> : null}
    </Drawer>
  );
}

function Entry({ entry }: { entry: AuditEntry }) {
  const changes = differences(entry.before, entry.after);
  return (
    <div className={styles.entry}>
      <Facts
        facts={[
          ["When", exact(new Date(entry.at))],
          ["Who", entry.actor],
          ["From", entry.from],
          ["Action", <code key="action">{entry.action}</code>],
          ["Subject", <code key="subject">{entry.subject}</code>],
          ["Hash", <code key="hash">{entry.hash}</code>],
        ]}
      />
      {changes.length ? <Changes changes={changes} /> : null}
    </div>
  );
}

function Changes({ changes }: { changes: Difference[] }) {
  return (
    <table className={styles.changes} aria-label="What changed">
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        {changes.map(({ path, before, after }) => (
          <tr key={path}>
            <th scope="row">{path}</th>
            <td>{before === undefined ? <span className={styles.faint}>–</span> : <code>{before}</code>}</td>
            <td>{after === undefined ? <span className={styles.faint}>–</span> : <code>{after}</code>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
