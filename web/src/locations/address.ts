import { oneOf, optional, text, texts } from "~/list/address";
import { DENSITIES } from "~/list/density";

/** Why agents must reach a host. */
export const PURPOSES = ["server", "installers", "packages"] as const;

/** What the list of download locations shows, as it stands in the address. */
export function locationsAddress(raw: Record<string, unknown>) {
  const purposes = texts(raw.purpose)?.flatMap((one) => oneOf(PURPOSES, one) ?? []);
  return optional({
    q: text(raw.q),
    purpose: purposes?.length ? purposes : undefined,
    sort: text(raw.sort),
    cols: text(raw.cols),
    density: oneOf(DENSITIES, raw.density),
  });
}

export type LocationsAddress = ReturnType<typeof locationsAddress>;

/** What is asked, as the API takes it. */
export function locationsAsked({ q, purpose, sort }: LocationsAddress) {
  return { q, purpose: purpose?.join(","), sort };
}
