import type { EditorView } from "@codemirror/view";
import { type RefObject, useEffect } from "react";

/** `/` leads into the box from anywhere on the page where nobody types. */
export function useSlash(view: RefObject<EditorView | null>, wanted: boolean): void {
  useEffect(() => {
    if (!wanted) return;
    const focus = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      const typing =
        target.closest("input, textarea, select, [contenteditable=true], [role=dialog]") &&
        !target.closest("[type=checkbox]");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const editor = view.current;
      editor?.focus();
      editor?.dispatch({ selection: { anchor: 0, head: editor.state.doc.length } });
    };
    window.addEventListener("keydown", focus);
    return () => window.removeEventListener("keydown", focus);
  }, [view, wanted]);
}
