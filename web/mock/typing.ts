import { EditorView } from "@codemirror/view";
import { act, fireEvent } from "@testing-library/react";

/** Writes into a query box as a person does: what stands there is replaced. */
export function write(box: HTMLElement, text: string): void {
  const view = EditorView.findFromDOM(box);
  if (!view) throw new Error("this is no query box");
  act(() => {
    view.focus();
    view.dispatch({
      changes: { from: 0, to: view.state.doc.length, insert: text },
      selection: { anchor: text.length },
      userEvent: "input.type",
    });
  });
}

/** Presses a key in a query box. */
export function press(box: HTMLElement, key: string): void {
  fireEvent.keyDown(box, { key, code: key });
}

export const enter = (box: HTMLElement) => press(box, "Enter");
