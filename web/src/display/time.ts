const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * How long ago, or in how long, in the shortest words that are still right: "just now", "4 min ago",
 * "in 2 h", "3 d ago". Beyond 30 days the date is said instead.
 */
export function relative(at: Date, now: Date): string {
  const distance = now.getTime() - at.getTime();
  const size = Math.abs(distance);
  if (size < 45_000) return distance >= -5_000 ? "just now" : "in a moment";
  if (size > 30 * DAY) return shortDate(at, now);
  const [count, unit] =
    size < 59.5 * MINUTE
      ? [Math.max(1, Math.round(size / MINUTE)), "min"]
      : size < 23.5 * HOUR
        ? [Math.round(size / HOUR), "h"]
        : [Math.round(size / DAY), "d"];
  return distance > 0 ? `${count} ${unit} ago` : `in ${count} ${unit}`;
}

/** Day and month, with the year when it is not this one. */
export function shortDate(at: Date, now: Date): string {
  const year = at.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year }).format(at);
}

/** Date and time to the minute in the reader's zone: for reading, where the second does not matter. */
export function toMinute(at: Date, timeZone?: string): string {
  return new Intl.DateTimeFormat("en-GB", { ...DAY_AND_MINUTE, timeZone }).format(at);
}

const DAY_AND_MINUTE = {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
} as const;

/** Date and time to the second in the reader's zone, which is named. */
export function exact(at: Date, timeZone?: string): string {
  return new Intl.DateTimeFormat("en-GB", {
    ...DAY_AND_MINUTE,
    second: "2-digit",
    timeZone,
    timeZoneName: "short",
  }).format(at);
}

/** How long something took or has taken: "8 s", "3 min 20 s", "2 h 5 min", "3 d 4 h". */
export function duration(millis: number): string {
  const seconds = Math.max(0, Math.round(millis / 1000));
  const pair = (big: number, bigUnit: string, small: number, smallUnit: string) =>
    small ? `${big} ${bigUnit} ${small} ${smallUnit}` : `${big} ${bigUnit}`;
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return pair(Math.floor(seconds / 60), "min", seconds % 60, "s");
  const minutes = Math.floor(seconds / 60);
  if (minutes < 24 * 60) return pair(Math.floor(minutes / 60), "h", minutes % 60, "min");
  const hours = Math.floor(minutes / 60);
  return pair(Math.floor(hours / 24), "d", hours % 24, "h");
}
