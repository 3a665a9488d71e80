import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";
import type { PatchChain } from "~/api/model";
import { count, plural } from "~/display/number";
import { Card } from "~/display/Page";
import { Failed } from "~/display/states";
import { shortDate } from "~/display/time";
import { useNow } from "~/display/When";
import styles from "./Chain.module.css";
import { type Lane, lanes } from "./lanes";
import { chainQuery } from "./queries";

/** Pixels: a row of two lines, and the distance of lanes. The style sheet has the same height. */
const ROW = 46;
const LANE = 16;

/** What replaces a patch and what it replaces, over others, drawn newest first. */
export function ChainCard({ id }: { id: string }) {
  const { data: chain, error, refetch } = useQuery(chainQuery(id));
  if (!chain) {
    return (
      <Card title="Supersedence">
        {error ? <Failed error={error} retry={() => void refetch()} /> : <Skeleton height={ROW} />}
      </Card>
    );
  }
  const alone = chain.patches.length === 1;
  return (
    <Card
      title="Supersedence"
      aside={
        alone ? null : (
          <small className={styles.faint}>{plural(chain.patches.length, "patch", "patches")}</small>
        )
      }
      flush={!alone}
    >
      {alone ? (
        <span className={styles.faint}>Nothing replaces it, and it replaces nothing.</span>
      ) : (
        <Drawn chain={chain} />
      )}
      {chain.cut ? (
        <p className={styles.cut}>There are more; these are the nearest {count(chain.patches.length - 1)}.</p>
      ) : null}
    </Card>
  );
}

function Drawn({ chain }: { chain: PatchChain }) {
  const list = useRef<HTMLOListElement>(null);
  // A chain is looked at from the patch itself: that one is scrolled to, once, and the page stays where it is.
  useEffect(() => {
    const own = chain.patches.findIndex(({ distance }) => distance === 0);
    if (list.current) list.current.scrollTop = y(own) - list.current.clientHeight / 2;
  }, [chain]);
  const rows = lanes(
    chain.patches.map(({ id }) => id),
    chain.links,
  );
  const widest = Math.max(...rows.flatMap(({ at, lines }) => [at, ...lines.map(({ to }) => to)]));
  const gutter = (widest + 1) * LANE + 12;
  return (
    <ol
      className={styles.chain}
      aria-label="Patches that replace each other, newest first"
      style={{ paddingLeft: gutter }}
      ref={list}
    >
      <svg className={styles.lines} width={gutter} height={rows.length * ROW} aria-hidden>
        {rows.map((row, at) => lines(row, at))}
        {rows.map((row, at) => (
          <circle
            key={chain.patches[at]?.id}
            cx={x(row.at)}
            cy={y(at)}
            r={chain.patches[at]?.distance === 0 ? 6 : 4.5}
            data-own={chain.patches[at]?.distance === 0 || undefined}
            data-superseded={chain.patches[at]?.superseded || undefined}
          />
        ))}
      </svg>
      {chain.patches.map((patch) => (
        <Row key={patch.id} patch={patch} />
      ))}
    </ol>
  );
}

const x = (lane: number) => 16 + lane * LANE;
const y = (row: number) => row * ROW + ROW / 2;

function lines({ lines }: Lane, at: number): ReactNode[] {
  return lines.map(({ from, to }) => {
    const middle = y(at) + ROW / 2;
    const path = `M${x(from)} ${y(at)}C${x(from)} ${middle} ${x(to)} ${middle} ${x(to)} ${y(at + 1)}`;
    return <path key={`${at} ${from} ${to}`} d={path} />;
  });
}

function Row({ patch }: { patch: PatchChain["patches"][number] }) {
  const now = useNow();
  const own = patch.distance === 0;
  const said = [
    patch.published_at ? shortDate(new Date(patch.published_at), now) : null,
    own ? "this patch" : null,
    patch.enabled ? null : "switched off",
    patch.missing ? `missing on ${count(patch.missing)}` : null,
  ].filter((word) => word !== null);
  return (
    <li
      className={styles.row}
      aria-current={own || undefined}
      data-superseded={patch.superseded || undefined}
    >
      {own ? (
        <strong title={patch.title}>{patch.title}</strong>
      ) : (
        <Link to="/patches/$id" params={{ id: patch.id }} title={patch.title}>
          {patch.title}
        </Link>
      )}
      <small>{said.join(" · ") || patch.id}</small>
    </li>
  );
}
