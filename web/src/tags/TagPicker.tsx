import { MultiSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { tagsQuery } from "./queries";
import { inTreeOrder } from "./tree";

/** Chooses tags; each is shown with the tags above it. */
export function TagPicker(props: {
  label: string;
  description?: string;
  value: string[];
  onChange: (tags: string[]) => void;
  error?: string;
  autoFocus?: boolean;
  /** Only tags that are given by hand. */
  byHand?: boolean;
}) {
  const { byHand = false } = props;
  const { data: tags, isPending } = useQuery(tagsQuery);
  const options = useMemo(
    () =>
      inTreeOrder(tags ?? [])
        .filter((tag) => !byHand || !tag.query)
        .map(({ id, path }) => ({ value: id, label: path })),
    [tags, byHand],
  );
  return (
    <MultiSelect
      label={props.label}
      description={props.description}
      placeholder={
        props.value.length
          ? undefined
          : isPending
            ? "Loading…"
            : options.length
              ? "Choose tags"
              : "There are no tags yet"
      }
      data={options}
      value={props.value}
      onChange={props.onChange}
      searchable
      clearable
      clearButtonProps={{ "aria-label": `Clear ${props.label}` }}
      hidePickedOptions
      nothingFoundMessage="No such tag"
      error={props.error}
      data-autofocus={props.autoFocus || undefined}
      comboboxProps={{ shadow: "md" }}
    />
  );
}
