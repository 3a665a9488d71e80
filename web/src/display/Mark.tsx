import type { ReactNode } from "react";
import styles from "./Mark.module.css";
import type { Tone, Word } from "./words";

/** A coloured dot with its word. `live` makes the dot breathe while something is going on. */
export function Status({ word, live = false, title }: { word: Word; live?: boolean; title?: string }) {
  return (
    <span className={styles.status} data-tone={word.tone} title={title}>
      <span className={styles.dot} data-live={live || undefined} aria-hidden />
      {word.label}
    </span>
  );
}

/** A small filled label. */
export function Chip({
  tone = "idle",
  children,
  title,
}: {
  tone?: Tone;
  children: ReactNode;
  title?: string;
}) {
  return (
    <span className={styles.chip} data-tone={tone} title={title}>
      {children}
    </span>
  );
}

const LEVELS = ["low", "moderate", "important", "critical"];

/** A vendor's rating: filled bars, so that it can be read without colour, and the word. */
export function SeverityMark({ value, label }: { value: string; label: string }) {
  const level = LEVELS.indexOf(value) + 1;
  return (
    <span className={styles.severity} data-level={level}>
      <span className={styles.bars} aria-hidden>
        {LEVELS.map((name, at) => (
          <i key={name} data-on={at < level || undefined} />
        ))}
      </span>
      {label}
    </span>
  );
}
