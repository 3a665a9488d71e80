import { expect, it } from "vitest";
import type { Feed } from "~/api/model";
import {
  configOf,
  draftOf,
  FEED_KINDS,
  type FeedKind,
  isComplete,
  kindOf,
  newDraft,
  withRow,
  words,
} from "./feed";

const CONFIGS = [
  {
    kind: "debian",
    release: "debian/bookworm",
    architectures: ["amd64", "arm64"],
    advisories: ["https://mirror.example/DSA/list", "https://mirror.example/DLA/list"],
    sources: [
      {
        uri: "https://mirror.example/debian",
        suite: "bookworm",
        components: ["main", "contrib"],
        keyring: "/k.gpg",
      },
    ],
  },
  {
    kind: "rpm",
    release: "rocky/9",
    architectures: ["x86_64"],
    repositories: [
      { uri: "https://mirror.example/base", keyring: null },
      { uri: "https://mirror.example/more", keyring: "/k.gpg" },
    ],
  },
  { kind: "microsoft", source: "/srv/msrc", since: "2023-01-01" },
  { kind: "winget", manifests: "/srv/manifests", packages: ["7zip.7zip", "Mozilla.*"] },
  { kind: "known_exploited", source: "/srv/kev.json" },
  { kind: "exploitation", source: "/srv/epss.csv.gz" },
  { kind: "descriptions", source: "/srv/osv" },
] as Feed["config"][];

const kind = (config: Feed["config"]) => kindOf(config.kind) as FeedKind;
const feed = (config: Feed["config"]) => ({ name: "A feed", config }) as Feed;

it.each(CONFIGS)("is the same after being opened and saved: $kind", (config) => {
  const draft = draftOf(feed(config), kind(config));
  expect(configOf(draft, kind(config))).toEqual(config);
  expect(isComplete(draft, kind(config))).toBe(true);
});

it("knows every kind that is tested here", () => {
  expect(FEED_KINDS.map(({ kind }) => kind)).toEqual(CONFIGS.map(({ kind }) => kind));
});

it("is not complete until everything that is needed is there", () => {
  for (const kind of FEED_KINDS) expect(isComplete(newDraft(kind), kind)).toBe(false);
  const [config] = CONFIGS as [Feed["config"]];
  const debian = kind(config);
  const draft = draftOf(feed(config), debian);
  const more = withRow(draft, debian);
  expect(more.rows.at(-1)?.values).toEqual({
    uri: "https://mirror.example/debian",
    suite: "",
    components: "main contrib",
    keyring: "/k.gpg",
  });
  expect(isComplete(more, debian)).toBe(false);
  expect(isComplete({ ...draft, rows: [] }, debian)).toBe(false);
  expect(isComplete({ ...draft, name: " " }, debian)).toBe(false);
});

it("takes words however they are separated", () => {
  expect(words(" main,contrib  non-free\n")).toEqual(["main", "contrib", "non-free"]);
});
