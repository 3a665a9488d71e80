import { ActionIcon, Button, Modal, Switch } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useCallback, useState } from "react";
import type { JobKind, PatchRef, PatchRow } from "~/api/model";
import { count, plural } from "~/display/number";
import { Empty } from "~/display/states";
import type { Column } from "~/list/column";
import { DataTable } from "~/list/DataTable";
import { Tools } from "~/list/ListPage";
import { SearchBox } from "~/list/SearchBox";
import { useCursorList } from "~/list/useCursorList";
import { useSelection } from "~/list/useSelection";
import type { PatchesAddress } from "~/patches/address";
import { patchColumns } from "~/patches/columns";
import { PatchTitle } from "~/patches/marks";
import { patchesPage } from "~/patches/queries";
import { MOST_PATCHES } from "./draft";
import styles from "./Jobs.module.css";

const idOf = (row: PatchRow) => row.id;
const SHOWN = [
  "published_at",
  "title",
  "bulletin",
  "category",
  "severity",
  "release",
  "missing",
  "installed",
];
const PLAIN: Record<string, Column<PatchRow>["cell"]> = {
  title: (row) => <PatchTitle patch={row} plain />,
  missing: (row) => count(row.missing),
  installed: (row) => count(row.installed),
};
/** As in the list of patches, without links: they would lead away from a job that is not saved yet. */
const columns = patchColumns
  .filter((column) => SHOWN.includes(column.id))
  .map((column) => ({ ...column, cell: PLAIN[column.id] ?? column.cell }));

/** The patches of a job, in the order they are carried out, and the way to more. */
export function PatchList(props: {
  kind: JobKind;
  patches: PatchRef[];
  onChange: (patches: PatchRef[]) => void;
}) {
  const { kind, patches, onChange } = props;
  const [picking, setPicking] = useState(false);
  const add = (rows: PatchRow[]) => {
    const known = new Set(patches.map((patch) => patch.id));
    const fresh = rows.filter((row) => !known.has(row.id)).map(({ id, title }) => ({ id, title }));
    onChange([...patches, ...fresh].slice(0, MOST_PATCHES));
    setPicking(false);
  };
  return (
    <>
      <ul className={styles.list}>
        {patches.length === 0 ? <li className={styles.faint}>No patches chosen yet</li> : null}
        {patches.map((patch) => (
          <li key={patch.id}>
            <span title={patch.title}>{patch.title}</span>
            <code>{patch.id}</code>
            <ActionIcon
              variant="subtle"
              color="gray"
              size="sm"
              aria-label={`Remove ${patch.title}`}
              onClick={() => onChange(patches.filter(({ id }) => id !== patch.id))}
            >
              <IconX size={15} stroke={1.8} />
            </ActionIcon>
          </li>
        ))}
      </ul>
      <div style={{ display: "flex", gap: 8, padding: "10px 16px", borderTop: "1px solid var(--line)" }}>
        <Button
          variant="default"
          size="xs"
          onClick={() => setPicking(true)}
          leftSection={<IconPlus size={15} stroke={1.8} aria-hidden />}
        >
          Add patches
        </Button>
        {patches.length > 1 ? (
          <Button variant="subtle" color="gray" size="xs" onClick={() => onChange([])}>
            Remove all {count(patches.length)}
          </Button>
        ) : null}
      </div>
      <Modal
        opened={picking}
        onClose={() => setPicking(false)}
        size="min(1180px, 94vw)"
        title={kind === "install" ? "Patches to install" : "Patches to roll back"}
      >
        {picking ? <Picker kind={kind} onAdd={add} onClose={() => setPicking(false)} /> : null}
      </Modal>
    </>
  );
}

function Picker({
  kind,
  onAdd,
  onClose,
}: {
  kind: JobKind;
  onAdd: (rows: PatchRow[]) => void;
  onClose: () => void;
}) {
  const [address, setAddress] = useState<PatchesAddress>({
    status: kind === "install" ? "missing" : "installed",
  });
  const selection = useSelection(idOf);
  const list = useCursorList<PatchRow>(["patches", "list", "picker", address], (cursor, signal) =>
    patchesPage(address, cursor, undefined, signal),
  );
  const change = (patch: Partial<PatchesAddress>) => setAddress((before) => ({ ...before, ...patch }));
  const onSearch = useCallback((q: string) => setAddress((before) => ({ ...before, q: q || undefined })), []);
  const chosen = [...selection.chosen.values()];
  const usable = chosen.filter(
    (row) => row.download.how !== "acquire_from_vendor" && (kind === "install" || row.rollback),
  );
  const unusable = chosen.length - usable.length;
  return (
    <>
      <div className={styles.picker}>
        <Tools>
          <SearchBox
            value={address.q ?? ""}
            label="Search patches and CVEs"
            onChange={onSearch}
            global={false}
          />
          <Switch
            size="xs"
            ml={8}
            label="Security only"
            checked={address.category !== undefined}
            onChange={(event) => change({ category: event.currentTarget.checked ? ["security"] : undefined })}
          />
          <Switch
            size="xs"
            ml={8}
            label={kind === "install" ? "Also what nobody misses" : "Also superseded"}
            checked={kind === "install" ? address.all === true : address.latest === false}
            onChange={(event) => {
              const on = event.currentTarget.checked;
              change(
                kind === "install"
                  ? { all: on || undefined, status: on ? "any" : "missing" }
                  : { latest: on ? false : undefined },
              );
            }}
          />
        </Tools>
        <DataTable
          label="Patches to choose from"
          columns={columns}
          list={list}
          rowId={idOf}
          rowName={(row) => row.title}
          sort={address.sort}
          onSort={(sort) => change({ sort })}
          selection={selection}
          density="compact"
          empty={<Empty title="No patch matches" />}
        />
      </div>
      <div
        style={{ display: "flex", alignItems: "center", justifyContent: "flex-end", gap: 8, paddingTop: 16 }}
      >
        <span className={styles.faint} style={{ marginRight: "auto" }} aria-live="polite">
          {unusable
            ? `${plural(unusable, "chosen patch", "chosen patches")} cannot be ${kind === "install" ? "deployed" : "rolled back"} and will be left out.`
            : ""}
        </span>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button disabled={usable.length === 0} onClick={() => onAdd(usable)}>
          {usable.length ? `Add ${plural(usable.length, "patch", "patches")}` : "Add patches"}
        </Button>
      </div>
    </>
  );
}
