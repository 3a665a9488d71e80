import { IconAlertTriangle } from "@tabler/icons-react";
import type { QueryProblem } from "./api";
import styles from "./Query.module.css";

/** What is wrong with a query, below its box; over a list, so that nothing moves. */
export function Problems(props: {
  id: string;
  problems: QueryProblem[];
  shown: boolean;
  /** In forms nothing may be covered: they make room instead. */
  inFlow: boolean;
  onMend: (problem: QueryProblem) => void;
}) {
  const { problems } = props;
  if (problems.length === 0) return null;
  return (
    <div
      id={props.id}
      className={styles.problems}
      data-in-flow={props.inFlow || undefined}
      hidden={!props.shown}
      role="status"
      aria-label="What is wrong with the query"
    >
      {problems.map((problem) => (
        <div key={`${problem.from} ${problem.message}`} className={styles.problem}>
          <IconAlertTriangle size={15} stroke={1.8} aria-hidden />
          <div>
            <strong>
              <Words text={problem.message} />
            </strong>
            {problem.expected ? (
              <div className={styles.expected}>
                <Words text={problem.expected} />
              </div>
            ) : null}
            {problem.suggestion ? (
              <button
                type="button"
                className={styles.mend}
                // The editor keeps the keyboard: a click is no reason to close what is being read.
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => props.onMend(problem)}
              >
                Did you mean <code>{problem.suggestion}</code>?
              </button>
            ) : null}
          </div>
        </div>
      ))}
    </div>
  );
}

/** The server's words as a sentence; what stands in backticks is text of a query. */
function Words({ text }: { text: string }) {
  const pieces = text.split("`");
  return pieces.map((piece, at) =>
    at % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other identity, and never move.
      <code key={at}>{piece}</code>
    ) : at === 0 ? (
      piece.charAt(0).toUpperCase() + piece.slice(1)
    ) : (
      piece
    ),
  );
}
