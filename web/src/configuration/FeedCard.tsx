import { ActionIcon, Button, Loader, Menu, Switch } from "@mantine/core";
import { IconDots, IconRefresh } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "~/api/client";
import type { Feed } from "~/api/model";
import { Confirm } from "~/display/Confirm";
import { Chip, Status } from "~/display/Mark";
import { notifyProblem } from "~/display/notify";
import { count, plural } from "~/display/number";
import { Card } from "~/display/Page";
import { Notice } from "~/display/states";
import { useNow, When } from "~/display/When";
import type { Word } from "~/display/words";
import { exactly } from "~/query/terms";
import styles from "./Configuration.module.css";
import { FeedHistory } from "./FeedHistory";
import { FeedSources } from "./FeedSources";
import { kindOf } from "./feed";

function feedWord(feed: Feed): Word {
  if (feed.state.progress) return { label: "Synchronising", tone: "busy" };
  if (feed.config.kind === "bundle") return { label: "Imported", tone: "good" };
  if (!feed.enabled) return { label: "Off", tone: "idle" };
  if (feed.state.error) return { label: "Failed", tone: "bad" };
  if (feed.state.warnings.length) return { label: "With warnings", tone: "warn" };
  return feed.state.last_success ? { label: "Up to date", tone: "good" } : { label: "Waiting", tone: "idle" };
}

/** One feed: how it is, what it is made from, what can be done with it. */
export function FeedCard({ feed, onEdit }: { feed: Feed; onEdit: () => void }) {
  const client = useQueryClient();
  const [deleting, setDeleting] = useState(false);
  const [history, setHistory] = useState(false);
  const path = { id: feed.id };
  const refresh = () => client.invalidateQueries({ queryKey: ["feeds"] });
  const sync = useMutation({
    mutationFn: () => api.POST("/api/v1/feeds/{id}/sync", { params: { path } }),
    onSuccess: refresh,
    onError: notifyProblem,
  });
  const toggle = useMutation({
    mutationFn: (enabled: boolean) =>
      api.PATCH("/api/v1/feeds/{id}", { params: { path }, body: { enabled } }),
    onSuccess: refresh,
    onError: notifyProblem,
  });
  const remove = useMutation({
    mutationFn: () => api.DELETE("/api/v1/feeds/{id}", { params: { path } }),
    onSuccess: () => {
      void refresh();
      void client.invalidateQueries({ queryKey: ["patches"] });
    },
  });
  const { state, config } = feed;
  const isBundled = config.kind === "bundle";
  const speaksOfVulnerabilities =
    config.kind === "known_exploited" ||
    config.kind === "exploitation" ||
    config.kind === "descriptions" ||
    (isBundled && config.carries === "facts");
  return (
    <Card flush>
      <article className={styles.feed} aria-label={feed.name}>
        <div className={styles.feedHead}>
          <h2>{feed.name}</h2>
          <Chip>
            {("release" in config && config.release) ||
              kindOf(isBundled ? config.original : config.kind)?.label}
          </Chip>
          <Status word={feedWord(feed)} live={state.progress !== null} />
          {isBundled ? null : (
            <div style={{ display: "flex", alignItems: "center", gap: 8 }}>
              <Switch
                size="xs"
                mr={6}
                label="By itself"
                checked={feed.enabled}
                onChange={(event) => toggle.mutate(event.currentTarget.checked)}
              />
              <Button
                variant="default"
                size="xs"
                disabled={state.progress !== null}
                loading={sync.isPending}
                onClick={() => sync.mutate()}
                leftSection={<IconRefresh size={15} stroke={1.8} aria-hidden />}
              >
                Synchronise
              </Button>
              <Menu>
                <Menu.Target>
                  <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${feed.name}`}>
                    <IconDots size={17} stroke={1.8} />
                  </ActionIcon>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item onClick={onEdit}>Change</Menu.Item>
                  <Menu.Item color="red" onClick={() => setDeleting(true)}>
                    Delete…
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
            </div>
          )}
        </div>
        {state.progress ? (
          <div className={styles.progress} role="status">
            <Loader size={14} color="petrol" /> {state.progress}
          </div>
        ) : null}
        {state.error ? (
          <Notice tone="bad">
            <strong>The last attempt failed.</strong> {state.error}
          </Notice>
        ) : null}
        {state.warnings.map((warning) => (
          <Notice key={warning} tone="warn">
            {warning}
          </Notice>
        ))}
        <div className={styles.numbers}>
          <span>
            {speaksOfVulnerabilities ? (
              <>
                <strong>{count(state.facts)}</strong> vulnerabilities
              </>
            ) : (
              <Link to="/patches" search={{ query: exactly("source", feed.name), applicable: "all" }}>
                <strong>{count(state.patches)}</strong> patches
              </Link>
            )}
          </span>
          <span>
            Succeeded <When at={state.last_success} none="never" />
          </span>
          {state.last_attempt !== state.last_success ? (
            <span>
              Tried <When at={state.last_attempt} none="never" />
            </span>
          ) : null}
          {isBundled ? null : (
            <span>
              Next <Next at={state.next_sync} />
            </span>
          )}
          <Button variant="transparent" size="compact-xs" px={0} onClick={() => setHistory(true)}>
            What changed
          </Button>
        </div>
        <ul className={styles.sources}>
          <FeedSources config={config} />
        </ul>
      </article>
      <FeedHistory feed={feed} opened={history} onClose={() => setHistory(false)} />
      <Confirm
        opened={deleting}
        onClose={() => setDeleting(false)}
        title={`Delete “${feed.name}”?`}
        action="Delete feed"
        danger
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
      >
        Its {plural(state.patches, "patch", "patches")} are withdrawn from the catalog, and assets no longer
        count them.
      </Confirm>
    </Card>
  );
}

/** When a feed is tried next by itself. It waits for its turn when that time is over. */
function Next({ at }: { at: string | null }) {
  const now = useNow();
  if (at && new Date(at) <= now) return "in a moment";
  return <When at={at} none="only when asked" />;
}
