/**
 * The words of a query, as far as the console needs them: for colours, and to put terms in and take them out.
 * What a query means, and whether it is right, only the server says.
 */
export type TokenKind = "field" | "operator" | "value" | "free" | "keyword" | "open" | "close" | "comma";

/** One word with its place in the text, in UTF-16 units. */
export type Token = { kind: TokenKind; from: number; to: number; text: string };

const SPACE = /\s/;
/** What ends a word that stands alone. */
const ENDS_WORD = /[\s()[\],"`:=<>]/;
/** What ends a value: it may hold colons, as patch ids and times of day do. */
const ENDS_VALUE = /[\s()[\],"`]/;
const KEYWORD = /^(and|or|not|is|null)$/i;

/** Position after a quoted text that begins at `from`; the end of the text when it is not closed. */
function afterQuote(text: string, from: number): number {
  const quote = text[from];
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === "\\" && quote === '"') at += 1;
    else if (text[at] === quote) return at + 1;
  }
  return text.length;
}

function afterRun(text: string, from: number, ends: RegExp): number {
  let at = from;
  while (at < text.length && !ends.test(text[at] ?? "")) at += 1;
  return Math.max(at, from + 1);
}

function afterOperator(text: string, from: number): number {
  return from + (/^[<>]=/.test(text.slice(from, from + 2)) ? 2 : 1);
}

/** Whether an operator comes next, spaces aside. */
function operatorFollows(text: string, from: number): boolean {
  return /^\s*[:=<>]/.test(text.slice(from));
}

/** Cuts a text into its words. Never fails: what is not closed goes to the end of the text. */
export function tokens(text: string): Token[] {
  const found: Token[] = [];
  let expectsValue = false;
  const add = (kind: TokenKind, from: number, to: number) => {
    found.push({ kind, from, to, text: text.slice(from, to) });
    return to;
  };
  for (let at = 0; at < text.length; ) {
    const letter = text[at] ?? "";
    if (SPACE.test(letter)) {
      at += 1;
      continue;
    }
    const wanted = expectsValue;
    expectsValue = false;
    if (letter === "(" || letter === "[") at = add("open", at, at + 1);
    else if (letter === ")" || letter === "]") at = add("close", at, at + 1);
    else if (letter === ",") at = add("comma", at, at + 1);
    else if (letter === '"' || letter === "`") at = add(wanted ? "value" : "free", at, afterQuote(text, at));
    else if (!wanted && /[:=<>]/.test(letter)) {
      at = add("operator", at, afterOperator(text, at));
      expectsValue = true;
    } else if (wanted) at = add("value", at, afterRun(text, at, ENDS_VALUE));
    else {
      const to = afterRun(text, at, ENDS_WORD);
      const word = text.slice(at, to);
      const kind = operatorFollows(text, to) ? "field" : KEYWORD.test(word) ? "keyword" : "free";
      at = add(kind, at, to);
    }
  }
  return named(found);
}

/** In `field is null` the name is known only by what follows. */
function named(found: Token[]): Token[] {
  return found.map((token, at) =>
    token.kind === "free" &&
    /^is$/i.test(found[at + 1]?.text ?? "") &&
    /^(not|null)$/i.test(found[at + 2]?.text ?? "")
      ? { ...token, kind: "field" }
      : token,
  );
}
