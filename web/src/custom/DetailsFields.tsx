import { Autocomplete, Fieldset, Select, SimpleGrid, Stack, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { feedsQuery } from "~/configuration/queries";
import { type DetailField, type Draft, groupsOf } from "./details";

type Props = {
  /** Kind of the file, which says what can be said. */
  kind: string;
  draft: Draft;
  errors: Partial<Draft>;
  onChange: (draft: Draft) => void;
};

/** Everything that may be said of a patch, to be changed. */
export function DetailsFields({ kind, draft, errors, onChange }: Props) {
  return (
    <Stack>
      {groupsOf(kind).map(({ legend, fields }) => (
        <Fieldset key={legend} legend={legend}>
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            {fields.map((field) => (
              <Field
                key={field.key}
                field={field}
                value={draft[field.key]}
                error={errors[field.key]}
                onChange={(text) => onChange({ ...draft, [field.key]: text })}
              />
            ))}
          </SimpleGrid>
        </Fieldset>
      ))}
    </Stack>
  );
}

type FieldProps = {
  field: DetailField;
  value: string;
  error: string | undefined;
  onChange: (text: string) => void;
};

function Field({ field, value, error, onChange }: FieldProps) {
  const { key, label, description, placeholder, required, long, options } = field;
  const common = {
    label,
    description,
    placeholder,
    required,
    value,
    error,
    inputWrapperOrder: ["label", "input", "description", "error"] as (
      | "label"
      | "input"
      | "description"
      | "error"
    )[],
  };
  if (key === "release") return <Release {...common} onChange={onChange} />;
  if (options)
    return (
      <Select
        {...common}
        data={options}
        allowDeselect={false}
        onChange={(chosen) => chosen !== null && onChange(chosen)}
      />
    );
  if (long)
    return (
      <Textarea
        {...common}
        autosize
        minRows={1}
        maxRows={8}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  return <TextInput {...common} onChange={(event) => onChange(event.currentTarget.value)} />;
}

/** A release, proposed from those that feeds are for; others may be typed. */
function Release(props: React.ComponentProps<typeof Autocomplete>) {
  const { data: feeds } = useQuery({ ...feedsQuery, refetchInterval: false });
  const releases = (feeds ?? []).flatMap(({ config }) => ("release" in config ? (config.release ?? []) : []));
  return <Autocomplete {...props} data={[...new Set(releases)].toSorted()} />;
}
