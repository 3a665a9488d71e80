import {
  ActionIcon,
  Button,
  Group,
  Menu,
  Modal,
  PasswordInput,
  Radio,
  Select,
  Stack,
  TextInput,
} from "@mantine/core";
import { IconDots, IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, once } from "~/api/client";
import type { Role, User } from "~/api/model";
import { asProblem, byField } from "~/api/problem";
import { Confirm } from "~/display/Confirm";
import { Chip, Status } from "~/display/Mark";
import { notifyProblem } from "~/display/notify";
import { Page } from "~/display/Page";
import { Empty, Refusal } from "~/display/states";
import { When } from "~/display/When";
import { role, roleNames } from "~/display/words";
import { LEAST_PASSWORD } from "~/entry/password";
import { useMe } from "~/entry/session";
import { TagPicker } from "~/tags/TagPicker";
import styles from "./Configuration.module.css";
import { SmallTable } from "./parts";
import { usersQuery } from "./queries";
import { ScopeWords } from "./ScopeWords";

/** People who can log in. */
export function UsersPage() {
  const query = useQuery(usersQuery);
  const [editing, setEditing] = useState<User | "new" | null>(null);
  const add = (
    <Button onClick={() => setEditing("new")} leftSection={<IconPlus size={16} stroke={1.8} aria-hidden />}>
      New user
    </Button>
  );
  return (
    <Page crumbs={[]} title="Users" actions={add}>
      <div className={styles.page}>
        <p className={styles.lead}>
          A role says what a user may do, a scope which assets they see. What is outside their scope does not
          exist for them.
        </p>
        <SmallTable
          label="Users"
          query={query}
          columns={6}
          headings={
            <>
              <th scope="col">Name</th>
              <th scope="col">Role</th>
              <th scope="col">Sees</th>
              <th scope="col">State</th>
              <th scope="col">Made</th>
              <th scope="col">
                <span className="visually-hidden">Actions</span>
              </th>
            </>
          }
          row={(user) => <UserLine key={user.id} user={user} onEdit={() => setEditing(user)} />}
          empty={<Empty title="No users" />}
        />
      </div>
      <Modal
        opened={editing !== null}
        onClose={() => setEditing(null)}
        title={editing === "new" ? "New user" : editing ? `Change ${editing.name}` : ""}
        centered
      >
        {editing ? (
          <UserForm user={editing === "new" ? null : editing} onClose={() => setEditing(null)} />
        ) : null}
      </Modal>
    </Page>
  );
}

function UserLine({ user, onEdit }: { user: User; onEdit: () => void }) {
  const me = useMe();
  const client = useQueryClient();
  const [deleting, setDeleting] = useState(false);
  const refresh = () => client.invalidateQueries({ queryKey: ["users"] });
  const path = { id: user.id };
  const change = useMutation({
    mutationFn: (disabled: boolean) =>
      api.PATCH("/api/v1/users/{id}", { params: { path }, body: { disabled } }),
    onSuccess: refresh,
    onError: notifyProblem,
  });
  const remove = useMutation({
    mutationFn: () => api.DELETE("/api/v1/users/{id}", { params: { path } }),
    onSuccess: refresh,
  });
  const self = user.id === me.id;
  return (
    <tr data-off={user.disabled || undefined}>
      <td>
        {user.name} {self ? <Chip>you</Chip> : null}
      </td>
      <td title={role(user.role).about}>{role(user.role).label}</td>
      <td>
        <ScopeWords scope={user.scope} role={user.role} />
      </td>
      <td>
        <Status
          word={user.disabled ? { label: "Disabled", tone: "idle" } : { label: "Active", tone: "good" }}
        />
      </td>
      <td>
        <When at={user.created_at} />
      </td>
      <td>
        <Menu>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${user.name}`}>
              <IconDots size={17} stroke={1.8} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={onEdit}>Change</Menu.Item>
            {self ? null : (
              <>
                <Menu.Item onClick={() => change.mutate(!user.disabled)}>
                  {user.disabled ? "Enable" : "Disable"}
                </Menu.Item>
                <Menu.Item color="red" onClick={() => setDeleting(true)}>
                  Delete…
                </Menu.Item>
              </>
            )}
          </Menu.Dropdown>
        </Menu>
        <Confirm
          opened={deleting}
          onClose={() => setDeleting(false)}
          title={`Delete ${user.name}?`}
          action="Delete user"
          danger
          pending={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate()}
        >
          Their sessions and tokens end at once, and jobs they own no longer run.
        </Confirm>
      </td>
    </tr>
  );
}

function UserForm({ user, onClose }: { user: User | null; onClose: () => void }) {
  const client = useQueryClient();
  const [name, setName] = useState(user?.name ?? "");
  const [password, setPassword] = useState("");
  const [chosen, setChosen] = useState<Role>(user?.role ?? "patch_user");
  const [everything, setEverything] = useState(user ? (user.scope.everything ?? false) : true);
  const [tags, setTags] = useState<string[]>(user?.scope.tags ?? []);
  const save = useMutation({
    mutationFn: async () => {
      const scope = everything ? { everything: true, tags: [] } : { everything: false, tags };
      const body = { name: name.trim(), role: chosen, scope };
      if (user) {
        const change = password ? { ...body, password } : body;
        await api.PATCH("/api/v1/users/{id}", { params: { path: { id: user.id } }, body: change });
      } else await api.POST("/api/v1/users", { params: { header: once() }, body: { ...body, password } });
    },
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["users"] });
      onClose();
    },
  });
  const refused = save.error ? byField(asProblem(save.error)) : {};
  const short = password.length > 0 && [...password].length < LEAST_PASSWORD;
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
          autoComplete="off"
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={refused.name}
        />
        <PasswordInput
          label={user ? "New password" : "Password"}
          description={
            user
              ? "Empty: stays as it is. A new one ends all sessions of this user"
              : `At least ${LEAST_PASSWORD} characters`
          }
          autoComplete="new-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={refused.password ?? (short ? `At least ${LEAST_PASSWORD} characters.` : undefined)}
        />
        <Select
          label="Role"
          description={role(chosen).about}
          allowDeselect={false}
          data={roleNames.map((value) => ({ value, label: role(value).label }))}
          value={chosen}
          onChange={(value) => value && setChosen(value as Role)}
        />
        {chosen === "super_user" ? null : (
          <>
            <Radio.Group
              label="Sees"
              value={everything ? "all" : "tags"}
              onChange={(value) => setEverything(value === "all")}
            >
              <Group mt={6}>
                <Radio value="all" label="All assets" />
                <Radio value="tags" label="Assets with certain tags" />
              </Group>
            </Radio.Group>
            {everything ? null : (
              <TagPicker label="Tags of the scope" value={tags} onChange={setTags} error={refused.scope} />
            )}
          </>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={save.isPending}
            disabled={!name.trim() || short || (!user && !password)}
          >
            {user ? "Save" : "Make user"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
