import { count } from "~/display/number";
import { ASSET_RUN_ORDER, assetRunStatus, type Word } from "~/display/words";
import styles from "./Breakdown.module.css";

export type Part = { status: string; count: number };

/** Parts in the order of a run's life, so that the bar fills from the left. */
export function inOrder(parts: readonly Part[], order: readonly string[] = ASSET_RUN_ORDER): Part[] {
  const place = (status: string) => {
    const at = order.indexOf(status);
    return at < 0 ? order.length : at;
  };
  return parts.filter((part) => part.count > 0).toSorted((a, b) => place(a.status) - place(b.status));
}

/** Shares in whole percents that sum to 100, so that no legend says 99. */
export function shares(parts: readonly Part[]): number[] {
  const total = parts.reduce((sum, part) => sum + part.count, 0);
  if (total === 0) return parts.map(() => 0);
  const precise = parts.map((part) => (part.count / total) * 100);
  const whole = precise.map(Math.floor);
  const left = 100 - whole.reduce((sum, share) => sum + share, 0);
  const byRest = precise
    .map((share, at) => ({ at, rest: share - Math.floor(share) }))
    .toSorted((a, b) => b.rest - a.rest);
  for (const { at } of byRest.slice(0, left)) whole[at] = (whole[at] ?? 0) + 1;
  return whole;
}

/** How far a run is, as a bar of its assets by status. */
export function Bar({ parts, thin, label }: { parts: readonly Part[]; thin?: boolean; label?: string }) {
  const ordered = inOrder(parts);
  const words = ordered
    .map((part) => `${count(part.count)} ${assetRunStatus(part.status).label.toLowerCase()}`)
    .join(", ");
  return (
    <div
      className={styles.bar}
      data-thin={thin || undefined}
      role="img"
      aria-label={label ?? (words || "No assets")}
      title={thin ? words : undefined}
    >
      {ordered.map((part) => (
        <span
          key={part.status}
          style={{ flexGrow: part.count }}
          data-tone={assetRunStatus(part.status).tone}
          data-status={part.status}
        />
      ))}
    </div>
  );
}

/** Every status with its number; choosing one narrows the list below. */
export function Legend(props: {
  parts: readonly Part[];
  word: (status: string) => Word;
  order?: readonly string[];
  chosen: readonly string[];
  onChoose: (status: string) => void;
  label: string;
}) {
  const ordered = inOrder(props.parts, props.order);
  const percents = shares(ordered);
  return (
    <ul className={styles.legend} aria-label={props.label}>
      {ordered.map((part, at) => {
        const word = props.word(part.status);
        return (
          <li key={part.status}>
            <button
              type="button"
              aria-pressed={props.chosen.includes(part.status)}
              data-status={part.status}
              data-tone={word.tone}
              onClick={() => props.onChoose(part.status)}
            >
              <i aria-hidden />
              <span>{word.label}</span>
              <strong>{count(part.count)}</strong>
              <small>{percents[at]} %</small>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
