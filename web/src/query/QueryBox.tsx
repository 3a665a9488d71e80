import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconCornerDownLeft, IconSearch, IconX } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import {
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { type Entity, explainQuery, type QueryProblem, suggest } from "./api";
import { type EditorLinks, queryEditor, setText, showProblems } from "./editor";
import { InWords } from "./InWords";
import { Problems } from "./Problems";
import styles from "./Query.module.css";
import { useSlash } from "./useSlash";

/** How long the reader must pause before a query is looked at, in milliseconds. */
const PAUSE = 350;

type Props = {
  entity: Entity;
  /** What the box is, for those who cannot see it. */
  label: string;
  placeholder: string;
  /** The query in force. */
  value: string;
  onRun: (query: string) => void;
  /** What is wrong with the query in force, when the server refused it. */
  refused?: QueryProblem[];
  /** `/` comes here from anywhere on the page. */
  global?: boolean;
  autoFocus?: boolean;
  /** Always holds what stands in the box, also before it is in force. */
  draft?: RefObject<string>;
  /** Told of every change, for forms that have no Enter. */
  onDraft?: (query: string) => void;
  /** Further buttons at the end of the box. */
  children?: ReactNode;
};

/**
 * The box a query is written in: completion while typing, what is wrong is underlined and said, Enter runs,
 * Escape gives back what was there.
 */
export function QueryBox(props: Props) {
  const { entity, value, onRun } = props;
  const [text, setDraft] = useState(value);
  const [asked] = useDebouncedValue(text, PAUSE);
  // The text somebody pressed Enter on: then everything is said.
  const [insisted, setInsisted] = useState<string | null>(null);
  const [focused, setFocused] = useState(false);
  const [completing, setCompleting] = useState(false);
  const client = useQueryClient();
  const panel = useId();

  const looksAt = insisted === text ? text : asked;
  const { data, isPlaceholderData } = useQuery({
    ...explainQuery(entity, looksAt),
    enabled: looksAt.trim() !== "",
  });
  const explanation = looksAt === text && text.trim() && !isPlaceholderData ? data : undefined;
  const refused = text === value ? props.refused : undefined;
  const wrong = explanation ? explanation.errors : (refused ?? []);
  // What touches the end may only be unfinished: while completions are offered, and until the reader pauses.
  const mayBeUnfinished = insisted !== text && (completing || (focused && asked !== text));
  const settled = mayBeUnfinished ? wrong.filter((each) => each.to < text.length) : wrong;

  const run = useCallback(
    async (query: string) => {
      setInsisted(query);
      const meaning = query.trim()
        ? await client.fetchQuery(explainQuery(entity, query)).catch(() => null)
        : null;
      // When nobody can say what is wrong, the list will.
      if (meaning === null || meaning.ok) onRun(query.trim());
    },
    [client, entity, onRun],
  );

  const { place, view } = useEditor({
    label: props.label,
    placeholder: props.placeholder,
    suggest: (query, cursor, signal) => suggest(entity, query, cursor, signal),
    run: () => void run(view.current?.state.doc.toString() ?? ""),
    giveBack: () => {
      const editor = view.current;
      if (!editor) return;
      if (editor.state.doc.toString() === value) editor.contentDOM.blur();
      else setText(editor, value);
    },
    changed: (query) => {
      setDraft(query);
      if (props.draft) props.draft.current = query;
      props.onDraft?.(query);
    },
    completing: setCompleting,
  });
  useSlash(view, props.global ?? false);

  // The query in force may change without typing: a facet, a link, the back button.
  useEffect(() => {
    if (view.current) setText(view.current, value);
    setDraft(value);
  }, [value, view]);
  useEffect(() => {
    if (props.autoFocus) view.current?.focus();
  }, [props.autoFocus, view]);
  const marks = JSON.stringify(settled.map(({ from, to }) => [from, to]));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the marks are those of the problems.
  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    showProblems(editor, settled);
    editor.contentDOM.setAttribute("aria-invalid", String(settled.length > 0));
    if (settled.length) editor.contentDOM.setAttribute("aria-describedby", panel);
    else editor.contentDOM.removeAttribute("aria-describedby");
  }, [marks, panel]);

  // In a dialog Escape closes first what is open here, and gives back what was written over.
  const keepsEscape = completing || text !== value;
  useEffect(() => {
    view.current?.contentDOM.setAttribute("data-mantine-stop-propagation", String(keepsEscape));
  }, [keepsEscape, view]);

  const mend = ({ from, to, suggestion }: QueryProblem) => {
    const editor = view.current;
    if (!editor || !suggestion) return;
    editor.dispatch({ changes: { from, to, insert: suggestion }, userEvent: "input.mend" });
    editor.focus();
  };
  const dirty = text.trim() !== value.trim();
  return (
    <search
      className={styles.box}
      aria-label={props.label}
      data-wrong={settled.length > 0 || undefined}
      onFocus={() => setFocused(true)}
      onBlur={(event) => setFocused(event.currentTarget.contains(event.relatedTarget))}
    >
      <IconSearch className={styles.glass} size={16} stroke={1.8} aria-hidden />
      <div className={styles.editor} ref={place} />
      <div className={styles.inside}>
        {dirty && !props.onDraft ? (
          <Button
            variant="light"
            size="compact-xs"
            onClick={() => void run(text)}
            rightSection={<IconCornerDownLeft size={13} stroke={2} aria-hidden />}
          >
            Run
          </Button>
        ) : null}
        {text ? (
          <Tooltip label="Clear">
            <ActionIcon
              variant="subtle"
              color="gray"
              size={24}
              aria-label={`Clear ${props.label}`}
              onClick={() => {
                if (view.current) setText(view.current, "");
                view.current?.focus();
                onRun("");
              }}
            >
              <IconX size={15} stroke={1.8} />
            </ActionIcon>
          </Tooltip>
        ) : props.global ? (
          <kbd className={styles.slash} aria-hidden>
            /
          </kbd>
        ) : null}
        <InWords entity={entity} explanation={explanation} empty={!text.trim()} />
        {props.children}
      </div>
      <Problems
        id={panel}
        problems={settled}
        shown={!completing && (focused || insisted === text)}
        inFlow={props.onDraft !== undefined}
        onMend={mend}
      />
    </search>
  );
}

/** Makes the editor once, and keeps it in touch with the latest `links`. */
function useEditor(links: EditorLinks) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(links);
  useLayoutEffect(() => {
    latest.current = links;
  });
  useLayoutEffect(() => {
    if (!place.current) return;
    // What is outside of every landmark is hard to find for those who cannot see it.
    const around = place.current.closest<HTMLElement>("main, [role=dialog]") ?? document.body;
    const editor = new EditorView({
      parent: place.current,
      state: EditorState.create({ extensions: queryEditor(() => latest.current, around) }),
    });
    view.current = editor;
    return () => {
      view.current = null;
      editor.destroy();
    };
  }, []);
  return { place, view };
}
