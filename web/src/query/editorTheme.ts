import { EditorView } from "@codemirror/view";

/** The editor in the console's own colours; those of tokens.css follow the colour scheme by themselves. */
export const editorTheme = EditorView.theme({
  "&": { backgroundColor: "transparent", color: "var(--text)", fontSize: "13.5px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": {
    fontFamily: "var(--font-code)",
    lineHeight: "20px",
    maxHeight: "104px",
    overflow: "auto",
  },
  ".cm-content": { padding: "6px 0", caretColor: "var(--text)", minHeight: "20px" },
  ".cm-line": { padding: "0" },
  "&.cm-focused .cm-cursor": { borderLeftColor: "var(--text)", borderLeftWidth: "1.5px" },
  ".cm-placeholder": { fontFamily: "var(--font-text)", color: "var(--text-faint)" },
  ".cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--accent) 24%, transparent) !important",
  },
  ".fq-field": { color: "var(--accent-strong)" },
  ".fq-operator, .fq-open, .fq-close, .fq-comma": { color: "var(--text-soft)" },
  ".fq-keyword": { color: "var(--copper-text)", fontWeight: "500" },
  ".fq-value": { color: "var(--text)" },
  ".fq-wrong": {
    textDecoration: "underline wavy var(--bad-fill) 1.2px",
    textUnderlineOffset: "3px",
    textDecorationSkipInk: "none",
  },
  ".fq-gap": {
    display: "inline-block",
    width: "8px",
    textDecoration: "underline wavy var(--bad-fill) 1.2px",
    textUnderlineOffset: "3px",
  },
  ".cm-tooltip": { zIndex: "400", border: "0", backgroundColor: "transparent" },
  ".cm-tooltip.cm-tooltip-autocomplete": {
    marginTop: "7px",
    padding: "4px",
    border: "1px solid var(--line-strong)",
    borderRadius: "8px",
    backgroundColor: "var(--surface-raised)",
    boxShadow: "var(--shadow)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": {
    minWidth: "340px",
    maxWidth: "min(620px, 90vw)",
    maxHeight: "316px",
    fontFamily: "var(--font-text)",
    fontSize: "13px",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": {
    display: "flex",
    alignItems: "baseline",
    gap: "10px",
    padding: "4px 8px",
    borderRadius: "5px",
    lineHeight: "20px",
    color: "var(--text)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    color: "var(--text)",
    backgroundColor: "var(--selected)",
  },
  ".cm-completionLabel": {
    flex: "0 1 auto",
    minWidth: "0",
    fontFamily: "var(--font-code)",
    overflow: "hidden",
    textOverflow: "ellipsis",
  },
  ".cm-completionMatchedText": { textDecoration: "none" },
  ".cm-completionDetail": {
    flex: "1 20 auto",
    minWidth: "0",
    margin: "0",
    fontStyle: "normal",
    color: "var(--text-faint)",
    overflow: "hidden",
    textOverflow: "ellipsis",
    textAlign: "end",
  },
  ".fq-count": {
    flex: "none",
    marginLeft: "auto",
    fontVariantNumeric: "tabular-nums",
    color: "var(--text-faint)",
  },
  ".fq-kind-keyword .cm-completionLabel, .fq-kind-operator .cm-completionLabel": {
    color: "var(--copper-text)",
  },
  ".fq-kind-field .cm-completionLabel, .fq-kind-relation .cm-completionLabel": {
    color: "var(--accent-strong)",
  },
});
