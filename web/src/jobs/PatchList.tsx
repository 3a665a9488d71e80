import { ActionIcon, Button, Modal, Switch } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useCallback, useState } from "react";
import type { JobKind, PatchRef, PatchRow } from "~/api/model";
import { count, plural } from "~/display/number";
import { Empty } from "~/display/states";
import type { Column } from "~/list/column";
import { DataTable } from "~/list/DataTable";
import { useCursorList } from "~/list/useCursorList";
import { useSelection } from "~/list/useSelection";
import { type PatchesAddress, USUAL_PATCHES } from "~/patches/address";
import { patchColumns } from "~/patches/columns";
import { PatchTitle } from "~/patches/marks";
import { patchesPage } from "~/patches/queries";
import { queryProblems } from "~/query/api";
import { QueryBox } from "~/query/QueryBox";
import { hasTerm, toggleTerm, withoutField } from "~/query/terms";
import { MOST_PATCHES } from "./draft";
import styles from "./Jobs.module.css";

const idOf = (row: PatchRow) => row.id;
const SHOWN = [
  "publishedDate",
  "title",
  "bulletin",
  "category",
  "vendorSeverity",
  "product",
  "missingCount",
  "installedCount",
];
/** What is offered at first. */
const FIRST_ASKED: Record<JobKind, string> = {
  install: USUAL_PATCHES,
  uninstall: "patchStatus:installed and isRollback:yes and isSuperseded:no",
};
const SECURITY = "category:security";
const PLAIN: Record<string, Column<PatchRow>["cell"]> = {
  title: (row) => <PatchTitle patch={row} plain />,
  missingCount: (row) => count(row.missing),
  installedCount: (row) => count(row.installed),
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
  const [address, setAddress] = useState<PatchesAddress>({ query: FIRST_ASKED[kind] });
  const selection = useSelection(idOf);
  const list = useCursorList<PatchRow>(["patches", "list", "picker", address], (at, signal) =>
    patchesPage(address, at, undefined, signal),
  );
  const { query = "" } = address;
  const change = (patch: Partial<PatchesAddress>) => setAddress((before) => ({ ...before, ...patch }));
  const onRun = useCallback((text: string) => setAddress((before) => ({ ...before, query: text })), []);
  const chosen = [...selection.chosen.values()];
  const usable = chosen.filter(
    (row) => row.download.how === "package_manager" && (kind === "install" || row.rollback),
  );
  const unusable = chosen.length - usable.length;
  return (
    <>
      <div className={styles.picker}>
        <div className={styles.pickerTools}>
          <QueryBox
            entity="patch"
            label="Patch query"
            placeholder="Search patches and CVEs"
            value={query}
            onRun={onRun}
            refused={queryProblems(list.error)}
          />
          <Switch
            size="xs"
            label="Security only"
            checked={hasTerm(query, SECURITY)}
            onChange={() => change({ query: toggleTerm(query, SECURITY) })}
          />
          <Switch
            size="xs"
            label="Whole catalog"
            checked={address.applicable === "all"}
            onChange={(event) =>
              change(
                event.currentTarget.checked
                  ? { applicable: "all", query: withoutField(query, "patchStatus") }
                  : { applicable: undefined, query: FIRST_ASKED[kind] },
              )
            }
          />
        </div>
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
