import { ActionIcon, Button, Fieldset, Group, SimpleGrid, Stack, Textarea, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, once } from "~/api/client";
import type { Feed } from "~/api/model";
import { asProblem, byField } from "~/api/problem";
import { Refusal } from "~/display/states";
import { configOf, draftOf, type FeedDraft, isComplete } from "./feed";

/** Makes or changes a feed of one Debian or Ubuntu release. */
export function FeedForm({ feed, onClose }: { feed: Feed | null; onClose: () => void }) {
  const client = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(feed));
  const change = (patch: Partial<FeedDraft>) => setDraft((before) => ({ ...before, ...patch }));
  const save = useMutation({
    mutationFn: async () => {
      const body = { name: draft.name.trim(), config: configOf(draft) };
      if (feed) await api.PATCH("/api/v1/feeds/{id}", { params: { path: { id: feed.id } }, body });
      else await api.POST("/api/v1/feeds", { params: { header: once() }, body: { ...body, enabled: true } });
    },
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["feeds"] });
      onClose();
    },
  });
  const refused = save.error ? byField(asProblem(save.error)) : {};
  const setSource = (key: number, patch: Partial<FeedDraft["sources"][number]>) =>
    change({
      sources: draft.sources.map((source) => (source.key === key ? { ...source, ...patch } : source)),
    });
  const addSource = () => {
    const key = Math.max(0, ...draft.sources.map((source) => source.key)) + 1;
    const last = draft.sources.at(-1);
    change({
      sources: [
        ...draft.sources,
        {
          key,
          uri: last?.uri ?? "",
          suite: "",
          components: last?.components ?? "main",
          keyring: last?.keyring ?? "",
        },
      ],
    });
  };
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
            onChange={(event) => change({ name: event.currentTarget.value })}
            error={refused.name}
          />
          <TextInput
            label="Release"
            required
            placeholder="debian/bookworm"
            value={draft.release}
            onChange={(event) => change({ release: event.currentTarget.value })}
            error={refused["config.release"]}
          />
          <TextInput
            label="Architectures"
            required
            value={draft.architectures}
            onChange={(event) => change({ architectures: event.currentTarget.value })}
            error={refused["config.architectures"]}
          />
          <TextInput
            label="Advisories"
            description="Address or file of the security tracker's list"
            inputWrapperOrder={["label", "input", "description", "error"]}
            value={draft.advisories}
            onChange={(event) => change({ advisories: event.currentTarget.value })}
            error={refused["config.advisories"]}
          />
        </SimpleGrid>
        {draft.sources.map((source, at) => (
          <Fieldset key={source.key} legend={`Source ${at + 1}`}>
            <Stack gap="xs">
              <SimpleGrid cols={3}>
                <TextInput
                  label="Address"
                  required
                  placeholder="https://mirror.example/debian"
                  value={source.uri}
                  onChange={(event) => setSource(source.key, { uri: event.currentTarget.value })}
                  error={refused[`config.sources[${at}].uri`]}
                />
                <TextInput
                  label="Suite"
                  required
                  placeholder="bookworm-security"
                  value={source.suite}
                  onChange={(event) => setSource(source.key, { suite: event.currentTarget.value })}
                  error={refused[`config.sources[${at}].suite`]}
                />
                <TextInput
                  label="Components"
                  required
                  value={source.components}
                  onChange={(event) => setSource(source.key, { components: event.currentTarget.value })}
                  error={refused[`config.sources[${at}].components`]}
                />
              </SimpleGrid>
              <Group align="end" wrap="nowrap">
                <Textarea
                  style={{ flex: 1 }}
                  label="Keyring"
                  description="Path of a keyring file on the server, or an armoured public key"
                  required
                  autosize
                  minRows={1}
                  maxRows={6}
                  value={source.keyring}
                  onChange={(event) => setSource(source.key, { keyring: event.currentTarget.value })}
                  error={refused[`config.sources[${at}].keyring`]}
                />
                {draft.sources.length > 1 ? (
                  <ActionIcon
                    variant="default"
                    size={36}
                    aria-label={`Remove source ${at + 1}`}
                    onClick={() => change({ sources: draft.sources.filter(({ key }) => key !== source.key) })}
                  >
                    <IconTrash size={16} stroke={1.7} />
                  </ActionIcon>
                ) : null}
              </Group>
            </Stack>
          </Fieldset>
        ))}
        <Group justify="space-between">
          <Button
            variant="default"
            onClick={addSource}
            leftSection={<IconPlus size={16} stroke={1.8} aria-hidden />}
          >
            Add source
          </Button>
          <Group gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isPending} disabled={!isComplete(draft)}>
              {feed ? "Save" : "Make feed"}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}
