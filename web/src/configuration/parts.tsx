import { Button, CopyButton, Skeleton } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Card } from "~/display/Page";
import { Failed } from "~/display/states";
import styles from "./Configuration.module.css";

/** A plain table of few rows, with its states. */
export function SmallTable<T>(props: {
  label: string;
  query: { data: T[] | undefined; error: unknown; refetch: () => unknown };
  headings: ReactNode;
  columns: number;
  row: (item: T) => ReactNode;
  empty: ReactNode;
}) {
  const { data, error, refetch } = props.query;
  if (error && !data) return <Failed error={error} retry={() => void refetch()} />;
  if (data?.length === 0) return <Card flush>{props.empty}</Card>;
  return (
    <Card flush>
      <table className={styles.table} aria-label={props.label} aria-busy={!data}>
        <thead>
          <tr>{props.headings}</tr>
        </thead>
        <tbody>
          {data ? data.map(props.row) : null}
          {data
            ? null
            : ["62%", "48%", "55%"].map((width) => (
                <tr key={width}>
                  <td colSpan={props.columns}>
                    <Skeleton height={10} width={width} />
                  </td>
                </tr>
              ))}
        </tbody>
      </table>
    </Card>
  );
}

/** Text to be copied: a secret, a command. */
export function Copyable({ text, label }: { text: string; label: string }) {
  return (
    <div className={styles.secret}>
      <pre>{text}</pre>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button
            variant="default"
            h="auto"
            onClick={copy}
            aria-label={copied ? `${label} copied` : `Copy ${label}`}
            leftSection={copied ? <IconCheck size={16} stroke={1.8} /> : <IconCopy size={16} stroke={1.8} />}
          >
            {copied ? "Copied" : "Copy"}
          </Button>
        )}
      </CopyButton>
    </div>
  );
}
