import { ActionIcon, Button, Group, Menu, Modal, NumberInput, Stack, TextInput } from "@mantine/core";
import { IconDots, IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, body, once } from "~/api/client";
import type { CreatedKey, Key } from "~/api/model";
import { asProblem, byField } from "~/api/problem";
import { Confirm } from "~/display/Confirm";
import { Chip, Status } from "~/display/Mark";
import { notifyProblem } from "~/display/notify";
import { count } from "~/display/number";
import { Page } from "~/display/Page";
import { Empty, Notice, Refusal } from "~/display/states";
import { When } from "~/display/When";
import { TagPicker } from "~/tags/TagPicker";
import styles from "./Configuration.module.css";
import { installCommand } from "./install";
import { keyState } from "./keyState";
import { Copyable, SmallTable } from "./parts";
import { keysQuery, statusQuery } from "./queries";

/** Keys that installers carry to enrol machines. */
export function KeysPage() {
  const query = useQuery(keysQuery);
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<CreatedKey | null>(null);
  const add = (
    <Button onClick={() => setMaking(true)} leftSection={<IconPlus size={16} stroke={1.8} aria-hidden />}>
      New key
    </Button>
  );
  return (
    <Page crumbs={[]} title="Activation keys" actions={add}>
      <div className={styles.page}>
        <p className={styles.lead}>
          An activation key lets machines enrol. Its secret is shown once, when the key is made; a key may
          expire, be limited to a number of machines, and give them tags.
        </p>
        <SmallTable
          label="Activation keys"
          query={query}
          columns={6}
          headings={
            <>
              <th scope="col">Title</th>
              <th scope="col">State</th>
              <th scope="col" data-end>
                Used
              </th>
              <th scope="col">Expires</th>
              <th scope="col">Tags given</th>
              <th scope="col">Made</th>
              <th scope="col">
                <span className="visually-hidden">Actions</span>
              </th>
            </>
          }
          row={(key) => <KeyLine key={key.id} item={key} />}
          empty={
            <Empty
              title="No activation keys"
              detail="Make one, and run the install command it shows on each machine."
            >
              {add}
            </Empty>
          }
        />
      </div>
      <Modal opened={making} onClose={() => setMaking(false)} title="New activation key" centered>
        <KeyForm
          onClose={() => setMaking(false)}
          onMade={(key) => {
            setMaking(false);
            setMade(key);
          }}
        />
      </Modal>
      <Modal
        opened={made !== null}
        onClose={() => setMade(null)}
        title={made?.title ?? ""}
        size="lg"
        closeOnClickOutside={false}
      >
        {made ? <Install made={made} onClose={() => setMade(null)} /> : null}
      </Modal>
    </Page>
  );
}

function KeyLine({ item }: { item: Key }) {
  const client = useQueryClient();
  const [deleting, setDeleting] = useState(false);
  const refresh = () => client.invalidateQueries({ queryKey: ["keys"] });
  const path = { id: item.id };
  const change = useMutation({
    mutationFn: (disabled: boolean) =>
      api.PATCH("/api/v1/activation-keys/{id}", { params: { path }, body: { disabled } }),
    onSuccess: refresh,
    onError: notifyProblem,
  });
  const remove = useMutation({
    mutationFn: () => api.DELETE("/api/v1/activation-keys/{id}", { params: { path } }),
    onSuccess: refresh,
  });
  return (
    <tr data-off={item.disabled || undefined}>
      <td>{item.title}</td>
      <td>
        <Status word={keyState(item, new Date())} />
      </td>
      <td data-end>
        {count(item.uses)}
        {item.use_limit === null ? "" : ` of ${count(item.use_limit)}`}
      </td>
      <td>
        <When at={item.expires_at} none="never" />
      </td>
      <td>
        <span className={styles.tags}>
          {item.tags.map((tag) => (
            <Chip key={tag.id}>{tag.name}</Chip>
          ))}
        </span>
      </td>
      <td>
        <When at={item.created_at} />
      </td>
      <td>
        <Menu>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${item.title}`}>
              <IconDots size={17} stroke={1.8} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => change.mutate(!item.disabled)}>
              {item.disabled ? "Enable" : "Disable"}
            </Menu.Item>
            <Menu.Item color="red" onClick={() => setDeleting(true)}>
              Delete…
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
        <Confirm
          opened={deleting}
          onClose={() => setDeleting(false)}
          title={`Delete “${item.title}”?`}
          action="Delete key"
          danger
          pending={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate()}
        >
          No more machines can enrol with it. Machines that have enrolled stay.
        </Confirm>
      </td>
    </tr>
  );
}

function KeyForm({ onClose, onMade }: { onClose: () => void; onMade: (key: CreatedKey) => void }) {
  const client = useQueryClient();
  const [title, setTitle] = useState("");
  const [days, setDays] = useState<number | "">("");
  const [limit, setLimit] = useState<number | "">("");
  const [tags, setTags] = useState<string[]>([]);
  const make = useMutation({
    mutationFn: () => {
      const expires_at = days === "" ? null : new Date(Date.now() + days * 86_400_000).toISOString();
      const use_limit = limit === "" ? null : limit;
      return body(
        api.POST("/api/v1/activation-keys", {
          params: { header: once() },
          body: { title: title.trim(), expires_at, use_limit, tags },
        }),
      );
    },
    onSuccess: (key) => {
      void client.invalidateQueries({ queryKey: ["keys"] });
      onMade(key);
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
          label="Title"
          required
          maxLength={200}
          data-autofocus
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
          error={refused.title}
        />
        <Group grow align="start">
          <NumberInput
            label="Expires in days"
            description="Empty: never"
            min={1}
            max={3650}
            allowDecimal={false}
            value={days}
            onChange={(value) => setDays(typeof value === "number" ? value : "")}
          />
          <NumberInput
            label="Machines at most"
            description="Empty: any number"
            min={1}
            allowDecimal={false}
            value={limit}
            onChange={(value) => setLimit(typeof value === "number" ? value : "")}
          />
        </Group>
        <TagPicker label="Tags for machines that enrol with it" value={tags} onChange={setTags} byHand />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={make.isPending} disabled={!title.trim()}>
            Make key
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Install({ made, onClose }: { made: CreatedKey; onClose: () => void }) {
  const { data: status } = useQuery(statusQuery);
  if (!made.secret) {
    return (
      <Notice tone="warn">
        The secret of this key was shown before and cannot be shown again. Make another key.
      </Notice>
    );
  }
  return (
    <Stack>
      <Notice tone="warn">
        <strong>Copy the key now.</strong> It is kept as a hash and is not shown again.
      </Notice>
      <Copyable text={made.secret} label="key" />
      <div>
        <strong>Debian and Ubuntu</strong>
        <p className={styles.lead}>Install the agent's package, then enrol as root:</p>
      </div>
      <Copyable text={status ? installCommand(status.agent_url, made.secret) : "…"} label="install command" />
      <p className={styles.faint} style={{ margin: 0, fontSize: 13 }}>
        The address is the one this server is known by. Add <code>--assess-only</code> for a machine that must
        never be changed.
      </p>
      <Group justify="flex-end">
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Stack>
  );
}
