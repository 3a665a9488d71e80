import { oneOf, optional, text } from "~/list/address";
import { DENSITIES } from "~/list/density";

/** What the list of results shows, as it stands in the address. */
export function resultsAddress(raw: Record<string, unknown>) {
  return optional({
    query: text(raw.query),
    truth: oneOf(["unknown"] as const, raw.truth),
    cols: text(raw.cols),
    density: oneOf(DENSITIES, raw.density),
  });
}

export type ResultsAddress = ReturnType<typeof resultsAddress>;
