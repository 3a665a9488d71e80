import { ActionIcon, Drawer, Skeleton, TextInput, Tooltip } from "@mantine/core";
import { IconHelp, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Failed } from "~/display/states";
import { type Entity, type Field, type Fields, fieldsQuery } from "./api";
import styles from "./Query.module.css";

const KINDS: Record<Field["kind"], string> = {
  text: "text",
  number: "number",
  size: "size",
  moment: "date",
  version: "version",
  flag: "yes or no",
  choice: "one of a list",
  address: "address",
};

const OVER: Record<Fields["entity"], string> = {
  asset: "assets",
  patch: "patches",
  job: "jobs",
  result: "results",
  audit: "the audit log",
  software: "software",
};

/** How a query is written, in a few lines: what one reads before the fields. */
const GRAMMAR: [example: string, words: string][] = [
  ["web 01", "words, in any order; each may be the beginning of one"],
  ['"debian 12"', "words beside each other, in this order"],
  ["field:`exact value`", "the whole value"],
  ["field:web*", "* stands for anything"],
  ["field>=10   field:[1 .. 5]", "comparisons and ranges"],
  ["field:[a, b]", "any of these"],
  ["field is null   field is not null", "without or with a value"],
  ["a and b   a or b   not a   ( )", "joined; side by side means and"],
  ["field<now-7d   field>2026-01-31", "dates; s m h d w M y count back from now"],
];

/** Opens the fields that can be asked for; a click on an example puts it into the box. */
export function QueryHelp({ entity, onTake }: { entity: Entity; onTake: (example: string) => void }) {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Tooltip label="Fields and examples">
        <ActionIcon
          variant="default"
          size={34}
          aria-label="Help with queries"
          aria-haspopup="dialog"
          onClick={() => setOpened(true)}
        >
          <IconHelp size={17} stroke={1.8} />
        </ActionIcon>
      </Tooltip>
      <Drawer
        opened={opened}
        onClose={() => setOpened(false)}
        position="right"
        size={520}
        title="What can be asked"
        closeButtonProps={{ "aria-label": "Close" }}
      >
        {opened ? (
          <Help
            entity={entity}
            onTake={(example) => {
              setOpened(false);
              onTake(example);
            }}
          />
        ) : null}
      </Drawer>
    </>
  );
}

function Help({ entity, onTake }: { entity: Entity; onTake: (example: string) => void }) {
  const { data, error, refetch } = useQuery(fieldsQuery(entity));
  const [typed, setTyped] = useState("");
  const wanted = typed.trim().toLowerCase();
  const isFound = (...texts: string[]) => texts.some((text) => text.toLowerCase().includes(wanted));
  const found = data?.fields.filter(({ name, help, aliases }) => isFound(name, help, ...aliases));
  const ways = data?.relations.filter(({ name, help }) => isFound(name, help));
  return (
    <div className={styles.help}>
      <table className={styles.grammar} aria-label="How queries are written">
        <tbody>
          {GRAMMAR.map(([example, words]) => (
            <tr key={example}>
              <td>
                <code>{example}</code>
              </td>
              <td>{words}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <TextInput
        type="search"
        aria-label="Search fields"
        placeholder="Search fields"
        data-autofocus
        leftSection={<IconSearch size={16} stroke={1.8} aria-hidden />}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {error && !data ? <Failed error={error} retry={() => void refetch()} /> : null}
      {!data && !error ? <Skeleton height={300} radius={8} /> : null}
      {found?.length === 0 && ways?.length === 0 ? (
        <p className={styles.faint}>No field is called that, or is about it.</p>
      ) : null}
      <ul className={styles.fields} aria-label="Fields">
        {ways?.map(({ name, help, to }) => (
          <li key={name}>
            <div className={styles.fieldName}>
              <code>{name}:( … )</code>
              <small>a query over {OVER[to]}</small>
            </div>
            <div>{help}</div>
          </li>
        ))}
        {found?.map((field) => (
          <FieldLine key={field.name} field={field} onTake={onTake} />
        ))}
      </ul>
    </div>
  );
}

function FieldLine({ field, onTake }: { field: Field; onTake: (example: string) => void }) {
  return (
    <li>
      <div className={styles.fieldName}>
        <code>{field.name}</code>
        <small>{KINDS[field.kind]}</small>
      </div>
      <div>{field.help}</div>
      {field.members.length ? (
        <small className={styles.also}>{field.members.join(field.ordered ? " < " : ", ")}</small>
      ) : null}
      {field.aliases.length ? <small className={styles.also}>Also {field.aliases.join(", ")}</small> : null}
      <button type="button" className={styles.example} onClick={() => onTake(field.example)}>
        <span className="visually-hidden">Put into the box: </span>
        <code>{field.example}</code>
      </button>
    </li>
  );
}
