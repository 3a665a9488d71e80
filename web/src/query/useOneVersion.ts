import { useEffect, useRef } from "react";

/** How often the two are brought together before they are left as they are: a busy index never stands still. */
const MOST = 2;

/**
 * Keeps a list and its facets at one version of the index: whichever is older is fetched again, so that no
 * number on the page contradicts another.
 */
export function useOneVersion(
  /** What is asked for: another question is another chance. */
  asked: string,
  list: { version: number | undefined; refetch: () => void },
  facets: { version: number | undefined; refetch: () => void },
): void {
  const tries = useRef({ asked, left: MOST });
  const latest = useRef({ list, facets });
  useEffect(() => {
    latest.current = { list, facets };
  });
  useEffect(() => {
    if (tries.current.asked !== asked) tries.current = { asked, left: MOST };
    if (list.version === undefined || facets.version === undefined) return;
    if (list.version === facets.version) {
      tries.current.left = MOST;
    } else if (tries.current.left > 0) {
      tries.current.left -= 1;
      const older = list.version < facets.version ? latest.current.list : latest.current.facets;
      older.refetch();
    }
  }, [asked, list.version, facets.version]);
}
