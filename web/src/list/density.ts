export const DENSITIES = ["comfortable", "compact"] as const;
export type Density = (typeof DENSITIES)[number];

/** Height of a row, in pixels. */
export const ROW_HEIGHT: Record<Density, number> = { comfortable: 42, compact: 32 };

const KEY = "fettle-density";

/** The reader's own choice, for pages whose address says nothing. */
export function usualDensity(): Density {
  try {
    return localStorage.getItem(KEY) === "compact" ? "compact" : "comfortable";
  } catch {
    return "comfortable";
  }
}

/** Remembers the reader's choice on this machine. */
export function rememberDensity(density: Density): void {
  try {
    localStorage.setItem(KEY, density);
  } catch {
    // Storage may be forbidden; the address still carries the choice.
  }
}
