/** One complaint about one field, as the server words it. */
export type FieldProblem = {
  field: string;
  message: string;
  /** Where in a query it is, in UTF-16 units, with what would be right there. */
  place?: { from: number; to: number; expected: string; suggestion: string | null };
};

/** A refusal of the API (RFC 9457), or a failure to reach it. */
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    /** HTTP status; 0 when no answer came. */
    readonly status: number,
    /** Short machine-readable reason, such as `not-found`. */
    readonly code: string,
    /** What happened, for people. */
    readonly title: string,
    /** What exactly, and what to do. */
    readonly detail: string,
    /** Complaints about single fields. */
    readonly fields: FieldProblem[] = [],
  ) {
    super(detail || title);
  }
}

/** Reads a refusal; what is not problem+json (a proxy's page, say) becomes one all the same. */
export async function problemOf(response: Response): Promise<Problem> {
  const kind = response.headers.get("content-type") ?? "";
  const fallback = `The server answered ${response.status}${response.statusText ? ` ${response.statusText}` : ""}.`;
  if (!kind.includes("json")) return new Problem(response.status, "unexpected", fallback, "");
  const body: unknown = await response.json().catch(() => null);
  if (typeof body !== "object" || body === null)
    return new Problem(response.status, "unexpected", fallback, "");
  const { code, title, detail, errors } = body as Record<string, unknown>;
  return new Problem(
    response.status,
    typeof code === "string" ? code : "unexpected",
    typeof title === "string" ? title : fallback,
    typeof detail === "string" ? detail : "",
    Array.isArray(errors) ? errors.flatMap(fieldProblem) : [],
  );
}

function fieldProblem(entry: unknown): FieldProblem[] {
  if (typeof entry !== "object" || entry === null) return [];
  const { field, message, from, to, expected, suggestion } = entry as Record<string, unknown>;
  if (typeof message !== "string") return [];
  const place =
    typeof from === "number" && typeof to === "number"
      ? {
          from,
          to,
          expected: typeof expected === "string" ? expected : "",
          suggestion: typeof suggestion === "string" ? suggestion : null,
        }
      : undefined;
  return [{ field: typeof field === "string" ? field : "", message, ...(place ? { place } : {}) }];
}

/** What is shown when a request got no answer at all. */
export function unreachable(): Problem {
  return new Problem(
    0,
    "unreachable",
    "The server does not answer",
    "Check that it is running and that this machine reaches it, then try again.",
  );
}

/** Anything thrown, as a problem that can be shown. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(
    0,
    "unexpected",
    "Something went wrong",
    error instanceof Error ? error.message : String(error),
  );
}

/** Whether the server does not have the version of its index any more that was asked for. */
export function isVersionGone(error: unknown): boolean {
  return error instanceof Problem && error.code === "version-gone";
}

/** Complaints by field name; what belongs to none is under the empty name. */
export function byField(problem: Problem | null): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { field, message } of problem?.fields ?? []) {
    found[field] = found[field] ? `${found[field]} ${message}` : message;
  }
  return found;
}
