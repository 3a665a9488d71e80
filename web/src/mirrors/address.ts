import { optional, text } from "~/list/address";

/** What the mirrors' page shows: with a digest, the form for a mirror of that file. */
export function mirrorsAddress(raw: Record<string, unknown>) {
  return optional({ sha256: text(raw.sha256) });
}
