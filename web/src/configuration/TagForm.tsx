import { Button, Group, SegmentedControl, Select, Stack, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { api, once } from "~/api/client";
import type { Tag } from "~/api/model";
import { asProblem, byField } from "~/api/problem";
import { assetsPage } from "~/assets/queries";
import { plural } from "~/display/number";
import { Refusal } from "~/display/states";
import { explainQuery, queryProblems } from "~/query/api";
import { QueryBox } from "~/query/QueryBox";
import { inTreeOrder, withBelow } from "~/tags/tree";
import styles from "./Configuration.module.css";
import type { Editing } from "./TagsPage";

/** Makes or changes a tag. */
export function TagForm({ editing, all, onClose }: { editing: Editing; all: Tag[]; onClose: () => void }) {
  const { tag } = editing;
  const client = useQueryClient();
  const [name, setName] = useState(tag?.name ?? "");
  const [parent, setParent] = useState<string | null>(tag ? tag.parent : (editing.parent ?? null));
  const [dynamic, setDynamic] = useState(Boolean(tag?.query));
  const [query, setQuery] = useState(tag?.query ?? "");
  const save = useMutation({
    mutationFn: async () => {
      const body = { name: name.trim(), parent, query: dynamic ? query.trim() : null };
      if (tag) await api.PATCH("/api/v1/tags/{id}", { params: { path: { id: tag.id } }, body });
      else await api.POST("/api/v1/tags", { params: { header: once() }, body });
    },
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["tags"] });
      void client.invalidateQueries({ queryKey: ["assets"] });
      onClose();
    },
  });
  const refused = save.error ? byField(asProblem(save.error)) : {};
  const forbidden = tag ? withBelow(all, tag.id) : new Set<string>();
  const parents = inTreeOrder(all).filter(({ id }) => !forbidden.has(id));
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
        <Select
          label="Below"
          placeholder="At the top"
          clearable
          clearButtonProps={{ "aria-label": "Clear" }}
          searchable
          data={parents.map(({ id, path }) => ({ value: id, label: path }))}
          value={parent}
          onChange={setParent}
          error={refused.parent}
        />
        <Giving
          dynamic={dynamic}
          was={tag?.query ?? ""}
          query={query}
          refused={save.error}
          onDynamic={setDynamic}
          onQuery={setQuery}
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={save.isPending}
            disabled={!name.trim() || (dynamic && !query.trim())}
            title={dynamic && !query.trim() ? "A dynamic tag needs a query" : undefined}
          >
            {tag ? "Save" : "Make tag"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Whether assets get the tag by hand or by a query, and which would get it now. */
function Giving(props: {
  dynamic: boolean;
  was: string;
  query: string;
  refused: unknown;
  onDynamic: (dynamic: boolean) => void;
  onQuery: (query: string) => void;
}) {
  const title = useId();
  return (
    <div className={styles.giving}>
      <span id={title}>Assets get it</span>
      <SegmentedControl
        size="xs"
        aria-labelledby={title}
        value={props.dynamic ? "query" : "hand"}
        data={[
          { value: "hand", label: "By hand" },
          { value: "query", label: "By a query" },
        ]}
        onChange={(value) => props.onDynamic(value === "query")}
      />
      {props.dynamic ? (
        <>
          <QueryBox
            entity="asset"
            label="Query of the tag"
            placeholder="os.name:debian and interfaces.address:10.1.0.0/16"
            value={props.was}
            onRun={props.onQuery}
            onDraft={props.onQuery}
            refused={queryProblems(props.refused)}
            autoFocus={props.was === ""}
          />
          <Preview query={props.query} />
        </>
      ) : null}
    </div>
  );
}

/** How many assets a query fits now. */
function Preview({ query }: { query: string }) {
  const [asked] = useDebouncedValue(query.trim(), 400);
  const { data: meaning } = useQuery({ ...explainQuery("asset", asked), enabled: asked !== "" });
  const { data } = useQuery({
    queryKey: ["assets", "count", asked],
    queryFn: ({ signal }) => assetsPage({ query: asked }, {}, 1, signal),
    enabled: asked !== "" && meaning?.ok === true,
    placeholderData: keepPreviousData,
  });
  const words =
    asked === ""
      ? "Every asset that fits gets the tag, and loses it when it fits no longer."
      : meaning?.ok === false
        ? "The query cannot be understood yet."
        : data
          ? `Fits ${plural(data.total, "asset")} now${data.unknown ? `; of ${plural(data.unknown, "asset")} it is unknown` : ""}.`
          : "…";
  return (
    <p className={styles.faint} role="status">
      {words}
    </p>
  );
}
