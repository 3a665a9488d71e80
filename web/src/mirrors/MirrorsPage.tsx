import { ActionIcon, Button, Menu, Modal } from "@mantine/core";
import { IconDots, IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "~/api/client";
import type { Mirror, MirrorRule } from "~/api/model";
import styles from "~/configuration/Configuration.module.css";
import { SmallTable } from "~/configuration/parts";
import { Confirm } from "~/display/Confirm";
import { Chip, Status } from "~/display/Mark";
import { notifyProblem } from "~/display/notify";
import { Page } from "~/display/Page";
import { Empty } from "~/display/states";
import { When } from "~/display/When";
import { type Beginning, MirrorForm } from "./MirrorForm";
import { forgetMirrors, mirrorsQuery } from "./queries";

const route = getRouteApi("/app/configuration/mirrors");

/** Other places that agents fetch installers from. */
export function MirrorsPage() {
  const { sha256 } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(mirrorsQuery);
  const [editing, setEditing] = useState<Mirror | "new" | null>(null);
  // A patch's page leads here with the digest of one of its files.
  const already = query.data?.find(({ rule }) => rule.kind === "installer" && rule.sha256 === sha256);
  const asked = sha256 && query.data ? (already ?? "new") : null;
  const opened = editing ?? asked;
  const begin: Beginning | undefined = sha256 ? { rule: { kind: "installer", sha256, to: "" } } : undefined;
  const close = () => {
    setEditing(null);
    if (sha256) void navigate({ search: {}, replace: true });
  };
  const add = (
    <Button onClick={() => setEditing("new")} leftSection={<IconPlus size={16} stroke={1.8} aria-hidden />}>
      New mirror
    </Button>
  );
  return (
    <Page crumbs={[]} title="Mirrors" actions={add}>
      <div className={styles.page}>
        <p className={styles.lead}>
          A mirror has agents fetch installers from another place than their vendor's; what does not have the
          digest of the catalog is not run. Which hosts that leaves is told by{" "}
          <Link to="/configuration/download-locations">Download locations</Link>.
        </p>
        <SmallTable
          label="Mirrors"
          query={query}
          columns={5}
          headings={
            <>
              <th scope="col">Name</th>
              <th scope="col">Replaces</th>
              <th scope="col">State</th>
              <th scope="col">Made</th>
              <th scope="col">
                <span className="visually-hidden">Actions</span>
              </th>
            </>
          }
          row={(mirror) => <MirrorLine key={mirror.id} mirror={mirror} onEdit={() => setEditing(mirror)} />}
          empty={
            <Empty
              title="No mirrors"
              detail="Agents fetch installers from where the catalog says that their vendors have them."
            >
              {add}
            </Empty>
          }
        />
      </div>
      <Modal
        opened={opened !== null}
        onClose={close}
        size="lg"
        title={opened === "new" ? "New mirror" : opened ? `Change “${opened.name}”` : ""}
      >
        {opened ? (
          <MirrorForm
            mirror={opened === "new" ? null : opened}
            begin={opened === "new" ? begin : undefined}
            onClose={close}
          />
        ) : null}
      </Modal>
    </Page>
  );
}

function Rule({ rule }: { rule: MirrorRule }) {
  return (
    <ul className={styles.sources}>
      <li>{rule.kind === "prefix" ? <code>{rule.from}</code> : <code>SHA-256 {rule.sha256}</code>}</li>
      <li>
        by <code>{rule.to}</code>
      </li>
    </ul>
  );
}

function MirrorLine({ mirror, onEdit }: { mirror: Mirror; onEdit: () => void }) {
  const client = useQueryClient();
  const [deleting, setDeleting] = useState(false);
  const path = { id: mirror.id };
  const refresh = () => forgetMirrors(client);
  const turn = useMutation({
    mutationFn: (enabled: boolean) =>
      api.PATCH("/api/v1/mirrors/{id}", { params: { path }, body: { enabled } }),
    onSuccess: refresh,
    onError: notifyProblem,
  });
  const remove = useMutation({
    mutationFn: () => api.DELETE("/api/v1/mirrors/{id}", { params: { path } }),
    onSuccess: refresh,
  });
  return (
    <tr data-off={!mirror.enabled || undefined}>
      <td>
        {mirror.name} {mirror.plain_http ? <Chip tone="warn">plain HTTP</Chip> : null}
      </td>
      <td>
        <Rule rule={mirror.rule} />
      </td>
      <td>
        <Status
          word={mirror.enabled ? { label: "In force", tone: "good" } : { label: "Off", tone: "idle" }}
        />
      </td>
      <td>
        <When at={mirror.created_at} />
      </td>
      <td>
        <Menu>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${mirror.name}`}>
              <IconDots size={17} stroke={1.8} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={onEdit}>Change</Menu.Item>
            <Menu.Item onClick={() => turn.mutate(!mirror.enabled)}>
              {mirror.enabled ? "Switch off" : "Switch on"}
            </Menu.Item>
            <Menu.Item color="red" onClick={() => setDeleting(true)}>
              Delete…
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
        <Confirm
          opened={deleting}
          onClose={() => setDeleting(false)}
          title={`Delete “${mirror.name}”?`}
          action="Delete mirror"
          danger
          pending={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate()}
        >
          What it replaced is fetched from its vendor again, at once.
        </Confirm>
      </td>
    </tr>
  );
}
