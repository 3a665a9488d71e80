import { Button } from "@mantine/core";
import { IconAlertTriangle, IconInbox } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { asProblem } from "~/api/problem";
import styles from "./states.module.css";
import type { Tone } from "./words";

/** Where there is nothing to show: says why, and what to do about it. */
export function Empty(props: { title: string; detail?: ReactNode; icon?: ReactNode; children?: ReactNode }) {
  return (
    <div className={styles.state}>
      <div className={styles.icon} aria-hidden>
        {props.icon ?? <IconInbox size={22} stroke={1.6} />}
      </div>
      <div className={styles.title}>{props.title}</div>
      {props.detail ? <div className={styles.detail}>{props.detail}</div> : null}
      {props.children ? <div className={styles.actions}>{props.children}</div> : null}
    </div>
  );
}

/** Where something could not be loaded: the server's own words, and a way to try again. */
export function Failed({
  error,
  retry,
  children,
}: {
  error: unknown;
  retry?: () => void;
  children?: ReactNode;
}) {
  const problem = asProblem(error);
  // What is wrong with a query stands at its box, where it is mended; asking again is of no use.
  const byQuery = problem.fields.some(({ place }) => place !== undefined);
  return (
    <div className={styles.state} data-bad role="alert">
      <div className={styles.icon} aria-hidden>
        <IconAlertTriangle size={22} stroke={1.6} />
      </div>
      <div className={styles.title}>{problem.title}</div>
      {byQuery ? (
        <div className={styles.detail}>{problem.fields.map(({ message }) => message).join(" ")}</div>
      ) : (
        <>
          {problem.detail ? <div className={styles.detail}>{problem.detail}</div> : null}
          <Fields error={problem} />
        </>
      )}
      <div className={styles.actions}>
        {retry && !byQuery && problem.status !== 403 && problem.status !== 404 ? (
          <Button variant="default" size="xs" onClick={retry}>
            Try again
          </Button>
        ) : null}
        {children}
      </div>
    </div>
  );
}

/** A refusal inside a form or dialog. */
export function Refusal({ error }: { error: unknown }) {
  if (!error) return null;
  const problem = asProblem(error);
  return (
    <Notice tone="bad" alert>
      <strong>{problem.title}</strong>
      {problem.detail ? <div>{problem.detail}</div> : null}
      <Fields error={problem} />
    </Notice>
  );
}

function Fields({ error }: { error: unknown }) {
  const { fields } = asProblem(error);
  if (!fields.length) return null;
  return (
    <ul className={styles.fields}>
      {fields.map(({ field, message }) => (
        <li key={`${field} ${message}`}>
          {field ? <code>{field}</code> : null} {message}
        </li>
      ))}
    </ul>
  );
}

/** A bar with something the reader should know. */
export function Notice({
  tone,
  children,
  alert = false,
}: {
  tone: Tone;
  children: ReactNode;
  alert?: boolean;
}) {
  return (
    <div className={styles.notice} data-tone={tone} role={alert ? "alert" : undefined}>
      <div>{children}</div>
    </div>
  );
}
