import { ActionIcon, Button, Group, Menu, Modal, Select, Stack, TextInput } from "@mantine/core";
import { IconDots, IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { api, once } from "~/api/client";
import type { Tag } from "~/api/model";
import { asProblem, byField } from "~/api/problem";
import { assetFacetsQuery } from "~/assets/queries";
import { Confirm } from "~/display/Confirm";
import { count } from "~/display/number";
import { Page } from "~/display/Page";
import { Empty, Refusal } from "~/display/states";
import { useMay } from "~/entry/session";
import { tagsQuery } from "~/tags/queries";
import { inTreeOrder, type PlacedTag, withBelow } from "~/tags/tree";
import styles from "./Configuration.module.css";
import { SmallTable } from "./parts";

type Editing = { tag?: Tag; parent?: string };

/** The tree of tags. */
export function TagsPage() {
  const may = useMay();
  const query = useQuery(tagsQuery);
  const { data: facets } = useQuery(assetFacetsQuery({}));
  const counts = useMemo(() => new Map(facets?.tags.map((tag) => [tag.id, tag.count])), [facets]);
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
          tag chooses those below it.
        </p>
        <SmallTable<PlacedTag>
          label="Tags"
          query={{ ...query, data: query.data ? inTreeOrder(query.data) : undefined }}
          columns={3}
          headings={
            <>
              <th scope="col">Name</th>
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
              <td data-end>
                <Link
                  to="/assets"
                  search={{ tag: [tag.id] }}
                  aria-label={`${count(counts.get(tag.id) ?? 0)} assets with tag ${tag.name}`}
                >
                  {count(counts.get(tag.id) ?? 0)}
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
          <Menu.Item onClick={() => onEdit({ tag })}>Rename or move</Menu.Item>
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

function TagForm({ editing, all, onClose }: { editing: Editing; all: Tag[]; onClose: () => void }) {
  const { tag } = editing;
  const client = useQueryClient();
  const [name, setName] = useState(tag?.name ?? "");
  const [parent, setParent] = useState<string | null>(tag ? tag.parent : (editing.parent ?? null));
  const save = useMutation({
    mutationFn: async () => {
      const body = { name: name.trim(), parent };
      if (tag) await api.PATCH("/api/v1/tags/{id}", { params: { path: { id: tag.id } }, body });
      else await api.POST("/api/v1/tags", { params: { header: once() }, body });
    },
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["tags"] });
      void client.invalidateQueries({ queryKey: ["assets"] });
      onClose();
    },
  });
  const refused = save.error ? byField(asProblem(save.error)) : {};
  const forbidden = tag ? withBelow(all, tag.id) : new Set<string>();
  const parents = inTreeOrder(all).filter(({ id }) => !forbidden.has(id));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack>
        <Refusal error={save.error} />
        <TextInput
          label="Name"
          required
          maxLength={100}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={refused.name}
        />
        <Select
          label="Below"
          placeholder="At the top"
          clearable
          clearButtonProps={{ "aria-label": "Clear" }}
          searchable
          data={parents.map(({ id, path }) => ({ value: id, label: path }))}
          value={parent}
          onChange={setParent}
          error={refused.parent}
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending} disabled={!name.trim()}>
            {tag ? "Save" : "Make tag"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
