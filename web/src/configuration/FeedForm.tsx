import {
  ActionIcon,
  Button,
  Fieldset,
  Group,
  Select,
  SimpleGrid,
  Stack,
  Textarea,
  TextInput,
} from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, once } from "~/api/client";
import type { Feed } from "~/api/model";
import { asProblem, byField } from "~/api/problem";
import { Refusal } from "~/display/states";
import {
  configOf,
  draftOf,
  FEED_KINDS,
  type FeedField,
  type FeedKind,
  isComplete,
  kindOf,
  newDraft,
  withRow,
} from "./feed";

/** Makes or changes a feed. Its kind is chosen once. */
export function FeedForm({ feed, onClose }: { feed: Feed | null; onClose: () => void }) {
  const client = useQueryClient();
  const [kind, setKind] = useState((feed && kindOf(feed.config.kind)) ?? (FEED_KINDS[0] as FeedKind));
  const [draft, setDraft] = useState(() => (feed ? draftOf(feed, kind) : newDraft(kind)));
  const save = useMutation({
    mutationFn: async () => {
      const body = { name: draft.name.trim(), config: configOf(draft, kind) };
      if (feed) await api.PATCH("/api/v1/feeds/{id}", { params: { path: { id: feed.id } }, body });
      else await api.POST("/api/v1/feeds", { params: { header: once() }, body: { ...body, enabled: true } });
    },
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["feeds"] });
      onClose();
    },
  });
  const refused = save.error ? byField(asProblem(save.error)) : {};
  const choose = (chosen: string | null) => {
    const next = FEED_KINDS.find((other) => other.kind === chosen);
    if (!next) return;
    setKind(next);
    setDraft(newDraft(next, draft.name));
  };
  const setRow = (key: number, field: string, text: string) =>
    setDraft({
      ...draft,
      rows: draft.rows.map((row) =>
        row.key === key ? { ...row, values: { ...row.values, [field]: text } } : row,
      ),
    });
  const { rows } = kind;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack>
        <Refusal error={save.error} />
        <SimpleGrid cols={2}>
          <TextInput
            label="Name"
            required
            maxLength={200}
            data-autofocus
            value={draft.name}
            onChange={(event) => setDraft({ ...draft, name: event.currentTarget.value })}
            error={refused.name}
          />
          <Select
            label="Kind"
            data={FEED_KINDS.map(({ kind, label }) => ({ value: kind, label }))}
            value={kind.kind}
            allowDeselect={false}
            disabled={feed !== null}
            onChange={choose}
          />
          {kind.fields.map((field) => (
            <Field
              key={field.key}
              field={field}
              value={draft.values[field.key] ?? ""}
              error={refused[`config.${field.key}`]}
              onChange={(text) => setDraft({ ...draft, values: { ...draft.values, [field.key]: text } })}
            />
          ))}
        </SimpleGrid>
        {rows
          ? draft.rows.map((row, at) => (
              <Fieldset key={row.key} legend={`${rows.legend} ${at + 1}`}>
                <Stack gap="xs">
                  <SimpleGrid cols={Math.max(1, rows.fields.filter(({ long }) => !long).length)}>
                    {rows.fields.map((field) => (
                      <Field
                        key={field.key}
                        field={field}
                        value={row.values[field.key] ?? ""}
                        error={refused[`config.${rows.key}[${at}].${field.key}`]}
                        onChange={(text) => setRow(row.key, field.key, text)}
                      />
                    ))}
                  </SimpleGrid>
                  {draft.rows.length > 1 ? (
                    <ActionIcon
                      variant="default"
                      size={36}
                      style={{ alignSelf: "flex-end" }}
                      aria-label={`Remove ${rows.legend.toLowerCase()} ${at + 1}`}
                      onClick={() =>
                        setDraft({ ...draft, rows: draft.rows.filter(({ key }) => key !== row.key) })
                      }
                    >
                      <IconTrash size={16} stroke={1.7} />
                    </ActionIcon>
                  ) : null}
                </Stack>
              </Fieldset>
            ))
          : null}
        <Group justify="space-between">
          {rows ? (
            <Button
              variant="default"
              onClick={() => setDraft(withRow(draft, kind))}
              leftSection={<IconPlus size={16} stroke={1.8} aria-hidden />}
            >
              {`Add ${rows.legend.toLowerCase()}`}
            </Button>
          ) : (
            <span />
          )}
          <Group gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isPending} disabled={!isComplete(draft, kind)}>
              {feed ? "Save" : "Make feed"}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}

type FieldProps = {
  field: FeedField;
  value: string;
  error: string | undefined;
  onChange: (text: string) => void;
};

function Field({ field, value, error, onChange }: FieldProps) {
  const { label, placeholder, description, required, long } = field;
  const common = { label, placeholder, description, required, value, error };
  if (long) {
    return (
      <Textarea
        {...common}
        style={{ gridColumn: "1 / -1" }}
        autosize
        minRows={1}
        maxRows={6}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  }
  return (
    <TextInput
      {...common}
      inputWrapperOrder={["label", "input", "description", "error"]}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
