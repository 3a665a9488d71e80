import type { Feed } from "~/api/model";

/** Where a feed reads from, as items of a list. */
export function FeedSources({ config }: { config: Feed["config"] }) {
  if (config.kind === "microsoft") {
    return (
      <>
        <li>
          <code>{config.source}</code>
        </li>
        <li>{config.since ? `documents since ${config.since}` : "all documents"}</li>
      </>
    );
  }
  if (config.kind === "bundle") {
    return (
      <>
        <li>
          imported from {config.from}, bundle number {config.sequence}
        </li>
        {config.repositories?.map((uri) => (
          <li key={uri}>
            <code>{uri}</code>
          </li>
        ))}
      </>
    );
  }
  if (config.kind === "known_exploited" || config.kind === "exploitation" || config.kind === "descriptions") {
    return (
      <li>
        <code>{config.source}</code>
      </li>
    );
  }
  if (config.kind === "winget") {
    return (
      <li>
        <code>{config.manifests}</code>
        {config.packages?.length ? ` · ${config.packages.join(", ")}` : null}
      </li>
    );
  }
  if (config.kind === "rpm") {
    return (
      <>
        {config.repositories.map(({ uri, keyring }) => (
          <li key={uri}>
            <code>{uri}</code>
            {keyring ? " · signed" : " · believed for its address, not signed"}
          </li>
        ))}
        <li>{config.architectures.join(", ")}</li>
      </>
    );
  }
  return (
    <>
      {config.sources.map(({ uri, suite, components }) => (
        <li key={`${uri} ${suite}`}>
          <code>
            {uri} {suite} {components.join(" ")}
          </code>
        </li>
      ))}
      <li>
        {config.architectures.join(", ")}
        {config.advisories?.length ? (
          <>
            {" · advisories from "}
            <code>{config.advisories.join(" ")}</code>
          </>
        ) : (
          " · without advisories, so patches carry no CVEs"
        )}
      </li>
    </>
  );
}
