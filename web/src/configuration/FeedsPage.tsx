import { Button, Modal, Skeleton, Stack } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, body, once } from "~/api/client";
import type { Feed, FeedsFromMachine } from "~/api/model";
import { notifyProblem } from "~/display/notify";
import { plural } from "~/display/number";
import { Card, Page } from "~/display/Page";
import { Empty, Failed, Notice } from "~/display/states";
import styles from "./Configuration.module.css";
import { FeedCard } from "./FeedCard";
import { FeedForm } from "./FeedForm";
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
