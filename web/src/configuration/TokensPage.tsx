import { ActionIcon, Button, Group, Modal, Select, Stack, TextInput, Tooltip } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, body, once } from "~/api/client";
import type { CreatedToken, Role, Token } from "~/api/model";
import { asProblem, byField } from "~/api/problem";
import { Confirm } from "~/display/Confirm";
import { Page } from "~/display/Page";
import { Empty, Notice, Refusal } from "~/display/states";
import { When } from "~/display/When";
import { role } from "~/display/words";
import { useMe } from "~/entry/session";
import styles from "./Configuration.module.css";
import { Copyable, SmallTable } from "./parts";
import { tokensQuery } from "./queries";
import { ScopeWords } from "./ScopeWords";

const TERMS = [
  { value: "30", label: "In 30 days" },
  { value: "90", label: "In 90 days" },
  { value: "365", label: "In a year" },
  { value: "never", label: "Never" },
];

/** Roles a token may have: its maker's, and those that are certainly smaller. */
function rolesUpTo(own: Role): Role[] {
  const chain: Role[] = [
    "patch_reader",
    "patch_dashboard_author",
    "patch_user",
    "patch_manager",
    "super_user",
  ];
  const at = chain.indexOf(own);
  return at < 0 ? ["patch_reader", own] : chain.slice(0, at + 1);
}

/** The reader's own tokens for programs. */
export function TokensPage() {
  const query = useQuery(tokensQuery);
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<CreatedToken | null>(null);
  const add = (
    <Button onClick={() => setMaking(true)} leftSection={<IconPlus size={16} stroke={1.8} aria-hidden />}>
      New token
    </Button>
  );
  return (
    <Page crumbs={[]} title="API tokens" actions={add}>
      <div className={styles.page}>
        <p className={styles.lead}>
          Programs use the API and the command line with a token. It acts for you, and never may or sees more
          than you do when it is used.
        </p>
        <SmallTable
          label="API tokens"
          query={query}
          columns={7}
          headings={
            <>
              <th scope="col">Name</th>
              <th scope="col">Role</th>
              <th scope="col">Sees</th>
              <th scope="col">Expires</th>
              <th scope="col">Last used</th>
              <th scope="col">Made</th>
              <th scope="col">
                <span className="visually-hidden">Actions</span>
              </th>
            </>
          }
          row={(token) => <TokenLine key={token.id} token={token} />}
          empty={
            <Empty
              title="No tokens"
              detail="Make one for each program that talks to this server, so that each can be taken away by itself."
            >
              {add}
            </Empty>
          }
        />
      </div>
      <Modal opened={making} onClose={() => setMaking(false)} title="New API token" centered>
        <TokenForm
          onClose={() => setMaking(false)}
          onMade={(token) => {
            setMaking(false);
            setMade(token);
          }}
        />
      </Modal>
      <Modal
        opened={made !== null}
        onClose={() => setMade(null)}
        title={made?.name ?? ""}
        size="lg"
        closeOnClickOutside={false}
      >
        {made?.secret ? (
          <Stack>
            <Notice tone="warn">
              <strong>Copy the token now.</strong> It is kept as a hash and is not shown again.
            </Notice>
            <Copyable text={made.secret} label="token" />
            <p className={styles.faint} style={{ margin: 0, fontSize: 13 }}>
              Send it as <code>Authorization: Bearer …</code>, or set <code>FETTLE_TOKEN</code> for the
              command line.
            </p>
            <Group justify="flex-end">
              <Button onClick={() => setMade(null)}>Done</Button>
            </Group>
          </Stack>
        ) : (
          <Notice tone="warn">
            The secret of this token was shown before and cannot be shown again. Make another one.
          </Notice>
        )}
      </Modal>
    </Page>
  );
}

function TokenLine({ token }: { token: Token }) {
  const client = useQueryClient();
  const [deleting, setDeleting] = useState(false);
  const remove = useMutation({
    mutationFn: () => api.DELETE("/api/v1/tokens/{id}", { params: { path: { id: token.id } } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["tokens"] }),
  });
  return (
    <tr>
      <td>{token.name}</td>
      <td title={role(token.role).about}>{role(token.role).label}</td>
      <td>
        <ScopeWords scope={token.scope} role={token.role} />
      </td>
      <td>
        <When at={token.expires_at} none="never" />
      </td>
      <td>
        <When at={token.last_used_at} none="never" />
      </td>
      <td>
        <When at={token.created_at} />
      </td>
      <td>
        <Tooltip label="Delete">
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Delete ${token.name}`}
            onClick={() => setDeleting(true)}
          >
            <IconTrash size={16} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <Confirm
          opened={deleting}
          onClose={() => setDeleting(false)}
          title={`Delete “${token.name}”?`}
          action="Delete token"
          danger
          pending={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate()}
        >
          Programs that use it are refused at once.
        </Confirm>
      </td>
    </tr>
  );
}

function TokenForm({ onClose, onMade }: { onClose: () => void; onMade: (token: CreatedToken) => void }) {
  const me = useMe();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<Role>(me.role);
  const [term, setTerm] = useState("90");
  const make = useMutation({
    mutationFn: () => {
      const expires_at =
        term === "never" ? null : new Date(Date.now() + Number(term) * 86_400_000).toISOString();
      return body(
        api.POST("/api/v1/tokens", {
          params: { header: once() },
          body: { name: name.trim(), role: chosen, expires_at },
        }),
      );
    },
    onSuccess: (token) => {
      void client.invalidateQueries({ queryKey: ["tokens"] });
      onMade(token);
    },
  });
  const refused = make.error ? byField(asProblem(make.error)) : {};
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate();
      }}
    >
      <Stack>
        <Refusal error={make.error} />
        <TextInput
          label="What it is for"
          required
          maxLength={100}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={refused.name}
        />
        <Select
          label="Role"
          description={role(chosen).about}
          allowDeselect={false}
          data={rolesUpTo(me.role).map((value) => ({ value, label: role(value).label }))}
          value={chosen}
          onChange={(value) => value && setChosen(value as Role)}
          error={refused.role}
        />
        <Select
          label="Expires"
          allowDeselect={false}
          data={TERMS}
          value={term}
          onChange={(value) => value && setTerm(value)}
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={make.isPending} disabled={!name.trim()}>
            Make token
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
