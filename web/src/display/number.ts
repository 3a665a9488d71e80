const grouped = new Intl.NumberFormat("en-GB");

/** A whole number with thousands separated. */
export function count(value: number): string {
  return grouped.format(value);
}

/** A number with its noun: `plural(1, "asset")`, `plural(3, "patch", "patches")`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Bytes in binary units with at most three digits: "0 B", "940 KiB", "1.25 GiB". */
export function bytes(value: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let rest = value;
  let unit = 0;
  while (rest >= 999.5 && unit < units.length - 1) {
    rest /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || rest >= 99.5 ? 0 : rest >= 9.95 ? 1 : 2;
  return `${Number(rest.toFixed(digits))} ${units[unit]}`;
}
