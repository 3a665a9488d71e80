import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem, byField } from "~/api/problem";
import { notify } from "~/display/notify";
import { Refusal } from "~/display/states";
import { type Entity, saveSearch } from "./api";
import type { Boxes } from "./boxes";
import { SearchText } from "./Searches";

type Props = { entity: Entity; boxes: Boxes; opened: boolean; onClose: () => void };

/** Keeps the present search by name. */
export function SaveSearch(props: Props) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title="Save this search" centered>
      {props.opened ? <Form {...props} /> : null}
    </Modal>
  );
}

function Form({ entity, boxes, onClose }: Props) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const save = useMutation({
    mutationFn: () => saveSearch(entity, name.trim(), boxes),
    onSuccess: () => {
      notify(`“${name.trim()}” is saved.`);
      void client.invalidateQueries({ queryKey: ["searches", entity] });
      onClose();
    },
  });
  const refused = save.error ? byField(asProblem(save.error)) : {};
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
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={refused.name}
        />
        <SearchText boxes={boxes} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending} disabled={!name.trim()}>
            Save search
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
