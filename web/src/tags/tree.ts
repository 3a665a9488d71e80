import type { Tag } from "~/api/model";

/** A tag with its place in the tree. */
export type PlacedTag = Tag & { depth: number; path: string };

/** Tags in the order of the tree, each below its parent, siblings by name. A tag whose parent is not visible stands at the top. */
export function inTreeOrder(tags: readonly Tag[]): PlacedTag[] {
  const known = new Set(tags.map((tag) => tag.id));
  const below = new Map<string | null, Tag[]>();
  for (const tag of tags) {
    const parent = tag.parent && known.has(tag.parent) ? tag.parent : null;
    below.set(parent, [...(below.get(parent) ?? []), tag]);
  }
  const placed: PlacedTag[] = [];
  const seen = new Set<string>();
  const place = (parent: string | null, depth: number, above: string) => {
    const siblings = (below.get(parent) ?? []).toSorted((a, b) => a.name.localeCompare(b.name));
    for (const tag of siblings) {
      if (seen.has(tag.id)) continue;
      seen.add(tag.id);
      const path = above ? `${above} / ${tag.name}` : tag.name;
      placed.push({ ...tag, depth, path });
      place(tag.id, depth + 1, path);
    }
  };
  place(null, 0, "");
  return placed;
}

/** A tag and everything below it: none of them may become its parent. */
export function withBelow(tags: readonly Tag[], id: string): Set<string> {
  const found = new Set([id]);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const tag of tags) if (tag.parent && found.has(tag.parent)) found.add(tag.id);
  }
  return found;
}
