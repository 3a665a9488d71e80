import { ActionIcon, Button, Menu, Modal } from "@mantine/core";
import { IconDots, IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "~/api/client";
import type { Tag } from "~/api/model";
import { tagCountsQuery } from "~/assets/queries";
import { Confirm } from "~/display/Confirm";
import { Chip } from "~/display/Mark";
import { count } from "~/display/number";
import { Page } from "~/display/Page";
import { Empty } from "~/display/states";
import { useMay } from "~/entry/session";
import { exactly } from "~/query/terms";
import { tagsQuery } from "~/tags/queries";
import { inTreeOrder, type PlacedTag } from "~/tags/tree";
import styles from "./Configuration.module.css";
import { SmallTable } from "./parts";
import { TagForm } from "./TagForm";

/** What the form is about: a tag that is there, or a new one below another. */
export type Editing = { tag?: Tag; parent?: string };

/** The tree of tags. */
export function TagsPage() {
  const may = useMay();
  const query = useQuery(tagsQuery);
  const { data: counts } = useQuery(tagCountsQuery);
  const having = (tag: Tag) => counts?.get(tag.name)?.count ?? 0;
  const [editing, setEditing] = useState<Editing | null>(null);
  const manage = may("configuration.manage");
  const add = manage ? (
    <Button onClick={() => setEditing({})} leftSection={<IconPlus size={16} stroke={1.8} aria-hidden />}>
      New tag
    </Button>
  ) : null;
  return (
    <Page crumbs={[]} title="Tags" actions={add}>
      <div className={styles.page}>
        <p className={styles.lead}>
          Tags group assets: for lists, for jobs, and for what a user sees. They stand in a tree; choosing a
          tag chooses those below it. A tag is given by hand, or by a query: then every asset that fits
          carries it, as long as it fits.
        </p>
        <SmallTable<PlacedTag>
          label="Tags"
          query={{ ...query, data: query.data ? inTreeOrder(query.data) : undefined }}
          columns={4}
          headings={
            <>
              <th scope="col">Name</th>
              <th scope="col">Given</th>
              <th scope="col" data-end>
                Assets
              </th>
              <th scope="col">
                <span className="visually-hidden">Actions</span>
              </th>
            </>
          }
          row={(tag) => (
            <tr key={tag.id}>
              <td style={{ paddingLeft: 16 + tag.depth * 22 }}>{tag.name}</td>
              <td>
                <Given tag={tag} />
              </td>
              <td data-end>
                <Link
                  to="/assets"
                  search={{ query: counts?.get(tag.name)?.term ?? exactly("tags.name", tag.name) }}
                  aria-label={`${count(having(tag))} assets with tag ${tag.name}`}
                >
                  {counts ? count(having(tag)) : "…"}
                </Link>
              </td>
              <td>{manage ? <TagMenu tag={tag} onEdit={setEditing} /> : null}</td>
            </tr>
          )}
          empty={
            <Empty
              title="No tags"
              detail="Make the first one; assets get it by hand or from the activation key they enrol with."
            >
              {add}
            </Empty>
          }
        />
      </div>
      <Modal
        opened={editing !== null}
        onClose={() => setEditing(null)}
        size="lg"
        title={editing?.tag ? `Change “${editing.tag.name}”` : "New tag"}
        centered
      >
        {editing ? (
          <TagForm editing={editing} all={query.data ?? []} onClose={() => setEditing(null)} />
        ) : null}
      </Modal>
    </Page>
  );
}

/** How assets come to the tag. */
function Given({ tag }: { tag: Tag }) {
  if (!tag.query) return <span className={styles.faint}>By hand</span>;
  return (
    <span className={styles.given}>
      <Chip tone={tag.error ? "bad" : "busy"}>{tag.error ? "broken" : "dynamic"}</Chip>
      <code title={tag.query}>{tag.query}</code>
      {tag.error ? (
        <span className={styles.broken}>
          Its query cannot be understood: {tag.error}. Who carried the tag last keeps it until the query is
          mended.
        </span>
      ) : null}
    </span>
  );
}

function TagMenu({ tag, onEdit }: { tag: Tag; onEdit: (editing: Editing) => void }) {
  const client = useQueryClient();
  const [deleting, setDeleting] = useState(false);
  const remove = useMutation({
    mutationFn: () => api.DELETE("/api/v1/tags/{id}", { params: { path: { id: tag.id } } }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["tags"] });
      void client.invalidateQueries({ queryKey: ["assets"] });
    },
  });
  return (
    <>
      <Menu>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${tag.name}`}>
            <IconDots size={17} stroke={1.8} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => onEdit({ parent: tag.id })}>New tag below</Menu.Item>
          <Menu.Item onClick={() => onEdit({ tag })}>Change</Menu.Item>
          <Menu.Item color="red" onClick={() => setDeleting(true)}>
            Delete…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Confirm
        opened={deleting}
        onClose={() => setDeleting(false)}
        title={`Delete the tag “${tag.name}”?`}
        action="Delete tag"
        danger
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
      >
        Assets lose it. Users whose scope names it see fewer assets, and jobs that choose by it choose fewer.
      </Confirm>
    </>
  );
}
