import { ActionIcon, Menu } from "@mantine/core";
import { IconBookmark, IconBookmarkPlus, IconHistory, IconListDetails, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { notifyProblem } from "~/display/notify";
import { type Entity, forgetRecent, recentQuery, savedQuery } from "./api";
import type { Boxes } from "./boxes";
import { ManageSearches } from "./ManageSearches";
import styles from "./Query.module.css";
import { SaveSearch } from "./SaveSearch";

/** Searches made before and those kept by name. */
export function Searches(props: {
  entity: Entity;
  /** What is searched for now. */
  boxes: Boxes;
  onTake: (boxes: Boxes) => void;
}) {
  const { entity, boxes, onTake } = props;
  const client = useQueryClient();
  const [opened, setOpened] = useState(false);
  const [saving, setSaving] = useState(false);
  const [managing, setManaging] = useState(false);
  const saved = useQuery({ ...savedQuery(entity), enabled: opened }).data?.items;
  const recent = useQuery({ ...recentQuery(entity), enabled: opened }).data?.items;
  const nothing = !boxes.query && !boxes.beside;
  const clear = async () => {
    try {
      await forgetRecent(entity);
      await client.invalidateQueries({ queryKey: ["searches", entity] });
    } catch (error) {
      notifyProblem(error);
    }
  };
  return (
    <>
      <Menu
        opened={opened}
        onChange={setOpened}
        width={420}
        styles={{ itemLabel: { minWidth: 0 } }}
        // Among the page, where landmarks are; and without an empty first place, which is no menu item.
        withinPortal={false}
        withInitialFocusPlaceholder={false}
      >
        <Menu.Target>
          <ActionIcon
            variant="default"
            size={34}
            aria-label="Recent and saved searches"
            title="Recent and saved searches"
          >
            <IconHistory size={17} stroke={1.8} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown mah="min(560px, 70vh)" style={{ overflow: "auto" }}>
          <Menu.Item
            disabled={nothing}
            leftSection={<IconBookmarkPlus size={16} stroke={1.8} aria-hidden />}
            onClick={() => setSaving(true)}
          >
            Save this search…
          </Menu.Item>
          <Menu.Item
            leftSection={<IconListDetails size={16} stroke={1.8} aria-hidden />}
            onClick={() => setManaging(true)}
          >
            Manage saved searches…
          </Menu.Item>
          {saved?.length ? <Menu.Label>Saved</Menu.Label> : null}
          {saved?.map((search) => (
            <Menu.Item
              key={search.id}
              leftSection={<IconBookmark size={16} stroke={1.8} aria-hidden />}
              onClick={() => onTake(search)}
            >
              {search.name}
              <SearchText boxes={search} />
            </Menu.Item>
          ))}
          <Menu.Label>Recent</Menu.Label>
          {recent?.length === 0 ? <div className={styles.noneYet}>Nothing was searched for yet.</div> : null}
          {recent === undefined ? <div className={styles.noneYet}>…</div> : null}
          {recent?.map((search) => (
            <Menu.Item key={`${search.query}\n${search.beside}`} onClick={() => onTake(search)}>
              <SearchText boxes={search} />
            </Menu.Item>
          ))}
          {recent?.length ? (
            <Menu.Item
              leftSection={<IconTrash size={16} stroke={1.8} aria-hidden />}
              onClick={() => void clear()}
            >
              Forget recent searches
            </Menu.Item>
          ) : null}
        </Menu.Dropdown>
      </Menu>
      <SaveSearch entity={entity} boxes={boxes} opened={saving} onClose={() => setSaving(false)} />
      <ManageSearches
        entity={entity}
        opened={managing}
        onClose={() => setManaging(false)}
        onTake={(search) => {
          setManaging(false);
          onTake(search);
        }}
      />
    </>
  );
}

/** The texts of a search. */
export function SearchText({ boxes }: { boxes: Boxes }) {
  return (
    <code className={styles.searchText}>
      {boxes.query || (boxes.beside ? "" : "everything")}
      {boxes.beside ? <span> + {boxes.beside}</span> : null}
    </code>
  );
}
