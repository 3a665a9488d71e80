import {
  acceptCompletion,
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  closeCompletion,
  completionStatus,
  selectedCompletionIndex,
  setSelectedCompletion,
  startCompletion,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { EditorState, type Extension, Prec, StateEffect, StateField } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  drawSelection,
  EditorView,
  keymap,
  placeholder,
  tooltips,
  ViewPlugin,
  type ViewUpdate,
  WidgetType,
} from "@codemirror/view";
import { count } from "~/display/number";
import type { QueryProblem, Suggestions } from "./api";
import { editorTheme } from "./editorTheme";
import { tokens } from "./lexer";

/** What the editor asks of those around it. */
export type EditorLinks = {
  label: string;
  placeholder: string;
  suggest: (text: string, cursor: number, signal: AbortSignal) => Promise<Suggestions>;
  /** Enter. */
  run: () => void;
  /** Escape, when there is nothing to close. */
  giveBack: () => void;
  changed: (text: string) => void;
  /** Completions are shown now, or no longer. */
  completing: (on: boolean) => void;
};

const setProblems = StateEffect.define<readonly QueryProblem[]>();

/** A place after the last character, where something is missing. */
class Gap extends WidgetType {
  override toDOM() {
    const mark = document.createElement("span");
    mark.className = "fq-gap";
    mark.textContent = "\u00a0";
    mark.setAttribute("aria-hidden", "true");
    return mark;
  }
  override eq() {
    return true;
  }
}

const problems = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, change) {
    let next = marks.map(change.changes);
    for (const effect of change.effects) {
      if (effect.is(setProblems)) next = underlined(effect.value, change.state.doc.length);
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

function underlined(found: readonly QueryProblem[], length: number): DecorationSet {
  const marks = found.map(({ from, to }) => {
    const start = Math.min(from, length);
    const end = Math.min(to, length);
    return end > start
      ? Decoration.mark({ class: "fq-wrong" }).range(start, end)
      : Decoration.widget({ widget: new Gap(), side: 1 }).range(start);
  });
  return Decoration.set(marks, true);
}

/** Underlines what is wrong. */
export function showProblems(view: EditorView, found: readonly QueryProblem[]): void {
  view.dispatch({ effects: setProblems.of(found) });
}

const colours = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = coloured(view.state);
    }
    update(update: ViewUpdate) {
      if (update.docChanged) this.decorations = coloured(update.state);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

function coloured(state: EditorState): DecorationSet {
  return Decoration.set(
    tokens(state.doc.toString()).map(({ kind, from, to }) =>
      Decoration.mark({ class: `fq-${kind}` }).range(from, to),
    ),
  );
}

/** A query is one line, however it is pasted. */
const oneLine = EditorState.transactionFilter.of((change) => {
  if (!change.docChanged || change.newDoc.lines === 1) return change;
  const insert = change.newDoc.toString().replaceAll("\n", " ");
  return [{ changes: { from: 0, to: change.startState.doc.length, insert }, selection: change.newSelection }];
});

/** The list of completions is a listbox, which is never "expanded": the attribute only confuses. */
const plainListbox = EditorView.updateListener.of(() => {
  for (const list of document.querySelectorAll(".cm-tooltip-autocomplete > ul[aria-expanded]"))
    list.removeAttribute("aria-expanded");
});

function completions(links: () => EditorLinks): Extension {
  const source = async (context: CompletionContext): Promise<CompletionResult | null> => {
    if (!context.explicit && isAtRest(context)) return null;
    const stop = new AbortController();
    context.addEventListener("abort", () => stop.abort());
    try {
      const found = await links().suggest(context.state.doc.toString(), context.pos, stop.signal);
      if (context.aborted || found.items.length === 0) return null;
      return { from: found.from, to: found.to, filter: false, options: found.items.map(option) };
    } catch {
      // Without suggestions a query can still be written; what is wrong with the server shows elsewhere.
      return null;
    }
  };
  return autocompletion({
    override: [source],
    icons: false,
    selectOnOpen: false,
    activateOnTypingDelay: 120,
    interactionDelay: 0,
    maxRenderedOptions: 60,
    optionClass: (one) => `fq-kind-${one.type ?? "value"}`,
    addToOptions: [{ position: 90, render: renderCount }],
  });
}

/** After a finished term nothing is offered unasked: whoever goes on says so with the first letter. */
function isAtRest({ state, pos }: CompletionContext): boolean {
  const before = state.sliceDoc(0, pos);
  const last = tokens(before).at(-1);
  return last === undefined || (/\s$/.test(before) && ["value", "free", "close"].includes(last.kind));
}

/** A field or an operator is only the beginning of a term: what may follow is offered at once. */
const OPENS = new Set(["field", "relation", "operator", "keyword"]);

function option(item: Suggestions["items"][number]): Completion & { count?: number | null } {
  return {
    label: item.label,
    detail: item.detail || undefined,
    type: item.kind,
    count: item.count,
    apply: (view, _, from, to) => {
      view.dispatch({
        changes: { from, to, insert: item.insert },
        selection: { anchor: from + item.insert.length },
        userEvent: "input.complete",
      });
      if (OPENS.has(item.kind)) startCompletion(view);
    },
  };
}

function renderCount(one: Completion): Node | null {
  const number = (one as { count?: number | null }).count;
  if (number === undefined || number === null) return null;
  const mark = document.createElement("span");
  mark.className = "fq-count";
  mark.textContent = count(number);
  return mark;
}

/** Tab takes the completion chosen, or the first; without completions it goes on as everywhere. */
function takeCompletion(view: EditorView): boolean {
  if (completionStatus(view.state) !== "active") return false;
  if (selectedCompletionIndex(view.state) === null) view.dispatch({ effects: setSelectedCompletion(0) });
  return acceptCompletion(view);
}

/** Everything of one query editor; `links` is asked anew each time. Completions are shown within `around`. */
export function queryEditor(links: () => EditorLinks, around: HTMLElement): Extension {
  const { label, placeholder: hint } = links();
  const keys = [
    { key: "Tab", run: takeCompletion },
    {
      key: "Enter",
      run: (view: EditorView) => {
        const chosen =
          completionStatus(view.state) === "active" && selectedCompletionIndex(view.state) !== null;
        if (chosen) return acceptCompletion(view);
        closeCompletion(view);
        links().run();
        return true;
      },
    },
    {
      key: "Escape",
      run: (view: EditorView) => {
        if (!closeCompletion(view)) links().giveBack();
        return true;
      },
    },
    {
      key: "ArrowDown",
      run: (view: EditorView) => completionStatus(view.state) === null && startCompletion(view),
    },
  ];
  return [
    Prec.highest(keymap.of(keys)),
    history(),
    drawSelection(),
    completions(links),
    keymap.of([...defaultKeymap, ...historyKeymap]),
    tooltips({ parent: around, position: "fixed" }),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({
      "aria-label": label,
      "aria-multiline": "false",
      spellcheck: "false",
      autocapitalize: "off",
      autocorrect: "off",
    }),
    placeholder(hint),
    oneLine,
    problems,
    colours,
    plainListbox,
    editorTheme,
    EditorView.updateListener.of((update) => {
      if (update.docChanged) links().changed(update.state.doc.toString());
      const on = completionStatus(update.state) === "active";
      if (on !== (completionStatus(update.startState) === "active")) links().completing(on);
    }),
  ];
}

/** Puts another text into the editor. */
export function setText(view: EditorView, text: string): void {
  if (view.state.doc.toString() === text) return;
  view.dispatch({
    changes: { from: 0, to: view.state.doc.length, insert: text },
    selection: { anchor: text.length },
  });
}
