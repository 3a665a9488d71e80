import { ActionIcon, Button, Loader, Menu, Modal, Skeleton, Stack, Switch } from "@mantine/core";
import { IconDots, IconPlus, IconRefresh } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, body, once } from "~/api/client";
import type { Feed, FeedsFromMachine } from "~/api/model";
import { Confirm } from "~/display/Confirm";
import { Chip, Status } from "~/display/Mark";
import { notifyProblem } from "~/display/notify";
import { count, plural } from "~/display/number";
import { Card, Page } from "~/display/Page";
import { Empty, Failed, Notice } from "~/display/states";
import { When } from "~/display/When";
import type { Word } from "~/display/words";
import { exactly } from "~/query/terms";
import styles from "./Configuration.module.css";
import { FeedForm } from "./FeedForm";
import { FeedSources } from "./FeedSources";
import { kindOf } from "./feed";
import { feedsQuery } from "./queries";

/** Where the catalog's patches come from. */
export function FeedsPage() {
  const client = useQueryClient();
  const { data: feeds, error, refetch } = useQuery(feedsQuery);
  const [editing, setEditing] = useState<Feed | "new" | null>(null);
  const [found, setFound] = useState<FeedsFromMachine | null>(null);
  const fromMachine = useMutation({
    mutationFn: () => body(api.POST("/api/v1/feeds/from-machine", { params: { header: once() } })),
    onSuccess: (answer) => {
      setFound(answer);
      void client.invalidateQueries({ queryKey: ["feeds"] });
    },
    onError: notifyProblem,
  });
  const machine = (
    <Button variant="default" loading={fromMachine.isPending} onClick={() => fromMachine.mutate()}>
      From the server's own sources
    </Button>
  );
  const add = (
    <Button onClick={() => setEditing("new")} leftSection={<IconPlus size={16} stroke={1.8} aria-hidden />}>
      New feed
    </Button>
  );
  return (
    <Page
      crumbs={[]}
      title="Feeds"
      actions={
        <>
          {machine}
          {add}
        </>
      }
    >
      <div className={styles.page}>
        <p className={styles.lead}>
          A feed reads what a vendor or distribution publishes, verifies it, and turns what it finds into
          patches. A change is applied whole or not at all; what it touches is assessed anew afterwards.
        </p>
        {error && !feeds ? <Failed error={error} retry={() => void refetch()} /> : null}
        {!feeds && !error ? <Skeleton height={170} radius={8} /> : null}
        {feeds?.length === 0 ? (
          <Card flush>
            <Empty
              title="No feeds"
              detail="Without a feed no patch is known. The server can read the package sources of its own machine."
            >
              {machine}
              {add}
            </Empty>
          </Card>
        ) : null}
        {feeds?.map((feed) => (
          <FeedCard key={feed.id} feed={feed} onEdit={() => setEditing(feed)} />
        ))}
      </div>
      <Modal
        opened={editing !== null}
        onClose={() => setEditing(null)}
        size="xl"
        title={editing === "new" ? "New feed" : editing ? `Change “${editing.name}”` : ""}
      >
        {editing ? (
          <FeedForm feed={editing === "new" ? null : editing} onClose={() => setEditing(null)} />
        ) : null}
      </Modal>
      <Modal
        opened={found !== null}
        onClose={() => setFound(null)}
        title="From the server's own sources"
        size="lg"
        centered
      >
        {found ? <Found found={found} onClose={() => setFound(null)} /> : null}
      </Modal>
    </Page>
  );
}

function Found({ found, onClose }: { found: FeedsFromMachine; onClose: () => void }) {
  return (
    <Stack>
      <Notice tone={found.created.length ? "good" : "busy"}>
        <strong>
          {found.created.length ? `${plural(found.created.length, "feed")} made.` : "No feed was made."}
        </strong>{" "}
        {found.created.map(({ name }) => name).join(", ")}
      </Notice>
      {found.notes.map((note) => (
        <Notice key={note} tone="warn">
          {note}
        </Notice>
      ))}
      {found.skipped.length ? (
        <div>
          <strong>Not taken</strong>
          <ul className={styles.sources}>
            {found.skipped.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </div>
      ) : null}
      <Button onClick={onClose} style={{ alignSelf: "flex-end" }} data-autofocus>
        Done
      </Button>
    </Stack>
  );
}

function feedWord(feed: Feed): Word {
  if (feed.state.progress) return { label: "Synchronising", tone: "busy" };
  if (feed.config.kind === "bundle") return { label: "Imported", tone: "good" };
  if (!feed.enabled) return { label: "Off", tone: "idle" };
  if (feed.state.error) return { label: "Failed", tone: "bad" };
  if (feed.state.warnings.length) return { label: "With warnings", tone: "warn" };
  return feed.state.last_success ? { label: "Up to date", tone: "good" } : { label: "Waiting", tone: "idle" };
}

function FeedCard({ feed, onEdit }: { feed: Feed; onEdit: () => void }) {
  const client = useQueryClient();
  const [deleting, setDeleting] = useState(false);
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
            Last change: <strong>{count(state.added)}</strong> added, <strong>{count(state.changed)}</strong>{" "}
            changed, <strong>{count(state.withdrawn)}</strong> withdrawn
          </span>
          <span>
            Succeeded <When at={state.last_success} none="never" />
          </span>
          {state.last_attempt !== state.last_success ? (
            <span>
              Tried <When at={state.last_attempt} none="never" />
            </span>
          ) : null}
        </div>
        <ul className={styles.sources}>
          <FeedSources config={config} />
        </ul>
      </article>
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
