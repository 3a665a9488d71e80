import { Drawer, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Feed, FeedSync, PatchRef } from "~/api/model";
import { count, plural } from "~/display/number";
import { Empty, Failed, Notice } from "~/display/states";
import { When } from "~/display/When";
import styles from "./FeedHistory.module.css";
import { feedSyncQuery, feedSyncsQuery } from "./queries";

/** What a feed's recent synchronisations changed. */
export function FeedHistory({ feed, opened, onClose }: { feed: Feed; opened: boolean; onClose: () => void }) {
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size={620}
      title={`What changed: ${feed.name}`}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Syncs feed={feed} />
    </Drawer>
  );
}

function Syncs({ feed }: { feed: Feed }) {
  const { data, error, refetch } = useQuery(feedSyncsQuery(feed.id));
  if (error && !data) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <Skeleton height={120} />;
  if (data.items.length === 0) return <Empty title="Not synchronised yet" />;
  return (
    <ol className={styles.syncs}>
      {data.items.map((sync) => (
        <Sync key={sync.no} feed={feed} sync={sync} />
      ))}
    </ol>
  );
}

/** A synchronisation. Those that changed patches can be opened. */
function Sync({ feed, sync }: { feed: Feed; sync: FeedSync }) {
  const [opened, setOpened] = useState(false);
  const named = feed.state.facts === 0 && sync.added + sync.changed + sync.withdrawn > 0;
  return (
    <li>
      <div className={styles.head}>
        <strong>{outcome(sync, feed)}</strong>
        <When at={sync.last_at} />
      </div>
      {sync.times > 1 ? (
        <small className={styles.faint}>
          {plural(sync.times, "time", "times")} in a row, first <When at={sync.first_at} />
        </small>
      ) : null}
      {sync.error ? <Notice tone="bad">{sync.error}</Notice> : null}
      {sync.warnings.map((warning) => (
        <Notice key={warning} tone="warn">
          {warning}
        </Notice>
      ))}
      {named ? (
        <details onToggle={(event) => setOpened(event.currentTarget.open)}>
          <summary>Which patches</summary>
          {opened ? <Changed feed={feed} sync={sync} /> : null}
        </details>
      ) : null}
    </li>
  );
}

function outcome(sync: FeedSync, feed: Feed): string {
  if (sync.error) return "Failed";
  const parts = [
    sync.added ? `${count(sync.added)} added` : null,
    sync.changed ? `${count(sync.changed)} changed` : null,
    sync.withdrawn ? `${count(sync.withdrawn)} withdrawn` : null,
  ].filter((part) => part !== null);
  if (parts.length === 0) return "Nothing changed";
  return feed.state.facts ? `Vulnerabilities: ${parts.join(", ")}` : parts.join(", ");
}

function Changed({ feed, sync }: { feed: Feed; sync: FeedSync }) {
  const { data, error, refetch } = useQuery(feedSyncQuery(feed.id, sync.no));
  if (error && !data) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <Skeleton height={60} />;
  return (
    <>
      <Named title="Added" patches={data.added_patches} all={sync.added} linked />
      <Named title="Changed" patches={data.changed_patches} all={sync.changed} linked />
      <Named title="Withdrawn" patches={data.withdrawn_patches} all={sync.withdrawn} />
    </>
  );
}

/** Patches by name. Withdrawn ones have no page. */
function Named(props: { title: string; patches: PatchRef[]; all: number; linked?: boolean }) {
  if (props.all === 0) return null;
  const more = props.all - props.patches.length;
  return (
    <section className={styles.named} aria-label={props.title}>
      <h3>
        {props.title} <small className={styles.faint}>{count(props.all)}</small>
      </h3>
      <ul>
        {props.patches.map(({ id, title }) => (
          <li key={id}>
            {props.linked ? (
              <Link to="/patches/$id" params={{ id }}>
                {title}
              </Link>
            ) : (
              title
            )}
          </li>
        ))}
        {more > 0 ? <li className={styles.faint}>and {count(more)} more</li> : null}
      </ul>
    </section>
  );
}
