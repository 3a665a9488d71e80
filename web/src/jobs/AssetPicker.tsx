import { MultiSelect } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { AssetRef } from "~/api/model";
import { assetsPage } from "~/assets/queries";
import { words } from "~/query/terms";
import { MOST_NAMED_ASSETS } from "./draft";

/** Chooses single assets by typing a part of their name. */
export function AssetPicker(props: {
  label: string;
  description?: string;
  value: AssetRef[];
  onChange: (assets: AssetRef[]) => void;
}) {
  const { value, onChange } = props;
  const [typed, setTyped] = useState("");
  const [q] = useDebouncedValue(typed.trim(), 200);
  const { data, isFetching } = useQuery({
    queryKey: ["assets", "completion", q],
    queryFn: ({ signal }) => assetsPage({ query: words(q) || undefined, sort: "name" }, {}, 20, signal),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
  const found = data?.items.map(({ id, name }) => ({ id, name })) ?? [];
  const known = new Map([...value, ...found].map((asset) => [asset.id, asset]));
  return (
    <MultiSelect
      label={props.label}
      description={props.description}
      placeholder={value.length ? undefined : "Type a name"}
      data={[...known.values()].map(({ id, name }) => ({ value: id, label: name }))}
      value={value.map((asset) => asset.id)}
      onChange={(ids) => {
        onChange(ids.flatMap((id) => known.get(id) ?? []));
        setTyped("");
      }}
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      // The server has searched already, also in what is not part of the name, such as addresses.
      filter={({ options }) => options}
      hidePickedOptions
      clearable
      clearButtonProps={{ "aria-label": `Clear ${props.label}` }}
      maxValues={MOST_NAMED_ASSETS}
      nothingFoundMessage={isFetching ? "Searching…" : "No asset found"}
      comboboxProps={{ shadow: "md" }}
    />
  );
}
