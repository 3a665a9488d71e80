import { CloseButton, Kbd, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";

/** How long the reader must pause before the list is asked again, in milliseconds. */
const PAUSE = 220;

/** The search of a list page. `/` comes here from anywhere, Escape empties it and then leaves it. */
export function SearchBox(props: {
  value: string;
  label: string;
  onChange: (value: string) => void;
  global?: boolean;
  width?: number;
}) {
  const { value, onChange, global = true } = props;
  const [typed, setTyped] = useState(value);
  const field = useRef<HTMLInputElement>(null);
  const sent = useRef(value);

  // The address may change without typing: a link, the back button.
  useEffect(() => {
    if (value !== sent.current) {
      sent.current = value;
      setTyped(value);
    }
  }, [value]);

  useEffect(() => {
    if (typed === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = typed;
      onChange(typed);
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [typed, onChange]);

  useEffect(() => {
    if (!global) return;
    const focus = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      const typing =
        target.closest("input, textarea, select, [contenteditable]") && !target.closest("[type=checkbox]");
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        field.current?.focus();
        field.current?.select();
      }
    };
    window.addEventListener("keydown", focus);
    return () => window.removeEventListener("keydown", focus);
  }, [global]);

  const right = typed ? (
    <CloseButton size="sm" aria-label="Clear search" onClick={() => setTyped("")} />
  ) : global ? (
    <Kbd size="xs" aria-hidden>
      /
    </Kbd>
  ) : null;

  return (
    <TextInput
      ref={field}
      type="search"
      size="sm"
      style={{ flex: `0 1 ${props.width ?? 300}px`, minWidth: 120 }}
      aria-label={props.label}
      placeholder={props.label}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        if (typed) setTyped("");
        else field.current?.blur();
      }}
      leftSection={<IconSearch size={16} stroke={1.8} aria-hidden />}
      rightSection={right}
    />
  );
}
