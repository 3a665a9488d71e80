import { useSyncExternalStore } from "react";
import { exact, relative, shortDate, toMinute } from "./time";

const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

/** One clock for all times on the page: hundreds of rows must not mean hundreds of timers. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  now = Date.now();
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, 15_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The current time, renewed every 15 seconds. */
export function useNow(): Date {
  return new Date(useSyncExternalStore(subscribe, () => now));
}

const FAINT = { color: "var(--text-faint)", whiteSpace: "nowrap" } as const;

/** A moment in relative words; the exact time on pointing at it. `both` writes the two out. */
export function When({
  at,
  none = "–",
  both = false,
}: {
  at: string | null | undefined;
  none?: string;
  both?: boolean;
}) {
  const clock = useNow();
  if (!at) return <span style={FAINT}>{none}</span>;
  const moment = new Date(at);
  const words = relative(moment, clock);
  return (
    <time dateTime={at} title={exact(moment)}>
      {both ? toMinute(moment) : words}
      {both && words !== shortDate(moment, clock) ? <span style={FAINT}> · {words}</span> : null}
    </time>
  );
}
