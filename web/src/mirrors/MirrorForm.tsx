import { Button, Checkbox, Group, Radio, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, once } from "~/api/client";
import type { Mirror, MirrorRule } from "~/api/model";
import { asProblem, byField } from "~/api/problem";
import { Refusal } from "~/display/states";
import { forgetMirrors } from "./queries";

/** What a form for a new mirror begins with. */
export type Beginning = { name?: string; rule?: MirrorRule };

/** Makes or changes a mirror. */
export function MirrorForm(props: { mirror: Mirror | null; begin?: Beginning; onClose: () => void }) {
  const { mirror, begin, onClose } = props;
  const client = useQueryClient();
  const before = mirror?.rule ?? begin?.rule;
  const [name, setName] = useState(mirror?.name ?? begin?.name ?? "");
  const [kind, setKind] = useState<MirrorRule["kind"]>(before?.kind ?? "prefix");
  const [from, setFrom] = useState(before?.kind === "prefix" ? before.from : "");
  const [sha256, setSha256] = useState(before?.kind === "installer" ? before.sha256 : "");
  const [to, setTo] = useState(before?.to ?? "");
  const [plain, setPlain] = useState(mirror?.plain_http ?? false);
  const save = useMutation({
    mutationFn: async () => {
      const rule: MirrorRule =
        kind === "prefix"
          ? { kind, from: from.trim(), to: to.trim() }
          : { kind, sha256: sha256.trim(), to: to.trim() };
      const body = { name: name.trim(), rule, plain_http: plain };
      if (mirror) await api.PATCH("/api/v1/mirrors/{id}", { params: { path: { id: mirror.id } }, body });
      else
        await api.POST("/api/v1/mirrors", { params: { header: once() }, body: { ...body, enabled: true } });
    },
    onSuccess: () => {
      forgetMirrors(client);
      onClose();
    },
  });
  const refused = save.error ? byField(asProblem(save.error)) : {};
  const complete = name.trim() && to.trim() && (kind === "prefix" ? from.trim() : sha256.trim());
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
          maxLength={200}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={refused.name}
        />
        <Radio.Group
          label="Replaces"
          value={kind}
          onChange={(value) => setKind(value === "installer" ? value : "prefix")}
          error={refused.rule}
        >
          <Group mt={6}>
            <Radio value="prefix" label="Every address that begins alike" />
            <Radio value="installer" label="One file" />
          </Group>
        </Radio.Group>
        {kind === "prefix" ? (
          <TextInput
            label="Addresses that begin with"
            description="With a slash at its end"
            placeholder="https://download.example/"
            required
            maxLength={2048}
            value={from}
            onChange={(event) => setFrom(event.currentTarget.value)}
            error={refused["rule.from"]}
          />
        ) : (
          <TextInput
            label="SHA-256 of the file"
            description="64 hexadecimal digits; a patch's page shows that of its files"
            required
            value={sha256}
            onChange={(event) => setSha256(event.currentTarget.value)}
            error={refused["rule.sha256"]}
          />
        )}
        <TextInput
          label={kind === "prefix" ? "Begin with this instead" : "Fetched from"}
          placeholder={
            kind === "prefix" ? "https://mirror.internal/d/" : "https://mirror.internal/d/setup.exe"
          }
          required
          maxLength={2048}
          value={to}
          onChange={(event) => setTo(event.currentTarget.value)}
          error={refused["rule.to"]}
        />
        <Checkbox
          label="Plain HTTP is allowed"
          description="Files are verified by their digest in any case, but others on the way can see them"
          checked={plain}
          onChange={(event) => setPlain(event.currentTarget.checked)}
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending} disabled={!complete}>
            {mirror ? "Save" : "Make mirror"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
