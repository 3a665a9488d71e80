/** A row of a drawn graph: where its node stands, and what leads from it and past it to the row below. */
export type Lane = { at: number; lines: { from: number; to: number }[] };

/**
 * Places the rows of a graph in lanes, as logs of version control do. `rows` are ids, each after all that link to it;
 * `links` lead from a row to one below it. Links that meet at a row run in one lane.
 */
export function lanes(rows: string[], links: { newer: string; older: string }[]): Lane[] {
  const place = new Map(rows.map((id, at) => [id, at]));
  const below = new Map<string, string[]>();
  for (const { newer, older } of links) below.set(newer, [...(below.get(newer) ?? []), older]);
  /** What each lane leads to. */
  const open: (string | undefined)[] = [];
  return rows.map((id) => {
    const led = open.indexOf(id);
    const at = led < 0 ? free(open) : led;
    open[at] = undefined;
    const lines = open.flatMap((to, lane) => (to === undefined ? [] : [{ from: lane, to: lane }]));
    const nearest = (below.get(id) ?? []).sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0));
    for (const older of nearest) {
      const meeting = open.indexOf(older);
      const to = meeting >= 0 ? meeting : open[at] === undefined ? at : free(open);
      open[to] = older;
      lines.push({ from: at, to });
    }
    return { at, lines };
  });
}

function free(open: (string | undefined)[]): number {
  const gap = open.indexOf(undefined);
  return gap < 0 ? open.length : gap;
}
