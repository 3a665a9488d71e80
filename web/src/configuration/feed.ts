import type { Feed } from "~/api/model";

type Config = Extract<Feed["config"], { kind: "debian" }>;
type Source = Config["sources"][number];

/** A feed as the form holds it. */
export type FeedDraft = {
  name: string;
  release: string;
  architectures: string;
  advisories: string;
  sources: { key: number; uri: string; suite: string; components: string; keyring: string }[];
};

/** Words of a text, separated by spaces or commas. */
export function words(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

/** The form of a feed, or of a new one. */
export function draftOf(feed: Feed | null): FeedDraft {
  // Other kinds are made and changed through API and command line.
  if (feed?.config.kind !== "debian") {
    const source = { key: 0, uri: "", suite: "", components: "main", keyring: "" };
    return { name: feed?.name ?? "", release: "", architectures: "amd64", advisories: "", sources: [source] };
  }
  const { release, architectures, advisories, sources } = feed.config;
  return {
    name: feed.name,
    release,
    architectures: architectures.join(" "),
    advisories: advisories ?? "",
    sources: sources.map(({ uri, suite, components, keyring }, key) => ({
      key,
      uri,
      suite,
      components: components.join(" "),
      keyring,
    })),
  };
}

/** What the API takes. */
export function configOf(draft: FeedDraft): Config {
  return {
    kind: "debian",
    release: draft.release.trim(),
    architectures: words(draft.architectures),
    advisories: draft.advisories.trim() || null,
    sources: draft.sources.map(
      ({ uri, suite, components, keyring }): Source => ({
        uri: uri.trim(),
        suite: suite.trim(),
        components: words(components),
        keyring: keyring.trim(),
      }),
    ),
  };
}

/** Whether every field that is needed is filled in; what is in them the server judges. */
export function isComplete(draft: FeedDraft): boolean {
  const { name, release, architectures, sources } = draft;
  const filled = sources.every(
    ({ uri, suite, components, keyring }) =>
      uri.trim() && suite.trim() && words(components).length && keyring.trim(),
  );
  return Boolean(name.trim() && release.trim() && words(architectures).length && sources.length && filled);
}
