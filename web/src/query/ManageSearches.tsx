import { ActionIcon, Button, Group, Modal, Skeleton, Stack, TextInput, Tooltip } from "@mantine/core";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Empty, Failed, Refusal } from "~/display/states";
import { changeSearch, type Entity, removeSearch, type SavedSearch, savedQuery } from "./api";
import styles from "./Query.module.css";
import { QueryBox } from "./QueryBox";
import { SearchText } from "./Searches";

type Props = {
  entity: Entity;
  opened: boolean;
  onClose: () => void;
  onTake: (search: SavedSearch) => void;
};

/** Saved searches: run, rename, rewrite, remove. */
export function ManageSearches(props: Props) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title="Saved searches" size="min(760px, 94vw)">
      {props.opened ? <List {...props} /> : null}
    </Modal>
  );
}

function List({ entity, onTake }: Props) {
  const { data, error, refetch } = useQuery(savedQuery(entity));
  const [editing, setEditing] = useState<string | null>(null);
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: removeSearch,
    onSuccess: () => client.invalidateQueries({ queryKey: ["searches", entity] }),
  });
  if (error && !data) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <Skeleton height={160} radius={8} />;
  if (data.items.length === 0) {
    return <Empty title="Nothing saved yet" detail="Write a query, then choose “Save this search”." />;
  }
  return (
    <>
      <Refusal error={remove.error} />
      <ul className={styles.saved}>
        {data.items.map((search) =>
          editing === search.id ? (
            <li key={search.id}>
              <Edit entity={entity} search={search} onClose={() => setEditing(null)} />
            </li>
          ) : (
            <li key={search.id}>
              <div className={styles.savedText}>
                <button type="button" className={styles.take} onClick={() => onTake(search)}>
                  {search.name}
                </button>
                <SearchText boxes={search} />
              </div>
              <Tooltip label="Change">
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={`Change ${search.name}`}
                  onClick={() => setEditing(search.id)}
                >
                  <IconPencil size={16} stroke={1.8} />
                </ActionIcon>
              </Tooltip>
              <Tooltip label="Remove">
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={`Remove ${search.name}`}
                  loading={remove.isPending && remove.variables === search.id}
                  onClick={() => remove.mutate(search.id)}
                >
                  <IconTrash size={16} stroke={1.8} />
                </ActionIcon>
              </Tooltip>
            </li>
          ),
        )}
      </ul>
    </>
  );
}

function Edit({ entity, search, onClose }: { entity: Entity; search: SavedSearch; onClose: () => void }) {
  const client = useQueryClient();
  const [name, setName] = useState(search.name);
  const [query, setQuery] = useState(search.query);
  const save = useMutation({
    mutationFn: () => changeSearch({ ...search, name: name.trim(), query: query.trim() }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["searches", entity] });
      onClose();
    },
  });
  return (
    <Stack gap="xs" style={{ flex: 1, minWidth: 0 }}>
      <Refusal error={save.error} />
      <TextInput
        label="Name"
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <QueryBox
        entity={entity}
        label={`Query of ${search.name}`}
        placeholder="Everything"
        value={search.query}
        onRun={setQuery}
        onDraft={setQuery}
      />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" size="xs" onClick={onClose}>
          Cancel
        </Button>
        <Button size="xs" loading={save.isPending} disabled={!name.trim()} onClick={() => save.mutate()}>
          Save
        </Button>
      </Group>
    </Stack>
  );
}
