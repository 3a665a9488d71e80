import { CloseButton, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { api, body } from "~/api/client";
import type { Failure, Job, Run, RunPatch } from "~/api/model";
import { Status } from "~/display/Mark";
import { Failed, Notice } from "~/display/states";
import { When } from "~/display/When";
import { assetRunStatus, patchRunStatus } from "~/display/words";
import styles from "./Run.module.css";

/** One asset of a run: each patch with its status, and for a failure what happened and what to do. */
export function AssetPanel({
  job,
  run,
  asset,
  onClose,
}: {
  job: Job;
  run: Run;
  asset: string;
  onClose: () => void;
}) {
  const panel = useRef<HTMLElement>(null);
  const { data, error, refetch } = useQuery({
    queryKey: ["run", run.id, "asset", asset],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/jobs/{job}/runs/{run}/assets/{asset}", {
          params: { path: { job: job.id, run: run.id, asset } },
          signal,
        }),
      ),
  });

  useEffect(() => {
    const close = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (
        event.key === "Escape" &&
        !event.defaultPrevented &&
        !target.closest("input, [role=dialog], [role=menu]")
      )
        onClose();
    };
    window.addEventListener("keydown", close);
    return () => window.removeEventListener("keydown", close);
  }, [onClose]);

  const shown = data?.asset.id === asset ? data : undefined;
  return (
    <aside
      ref={panel}
      className={styles.panel}
      aria-label={shown ? `Patches on ${shown.asset.name}` : "Patches"}
    >
      <header className={styles.panelHead}>
        <div>
          <h2>{shown ? shown.asset.name : <Skeleton width={180} height={16} />}</h2>
          {shown ? (
            <div className={styles.panelFacts}>
              {shown.status ? (
                <Status word={assetRunStatus(shown.status)} />
              ) : (
                <Status word={{ label: "Left out", tone: "idle" }} />
              )}
              <When at={shown.updated_at} />
              <Link to="/assets/$id" params={{ id: asset }}>
                Open asset
              </Link>
            </div>
          ) : null}
        </div>
        <CloseButton aria-label="Close" onClick={onClose} />
      </header>
      <div className={styles.panelBody}>
        {error && !shown ? <Failed error={error} retry={() => void refetch()} /> : null}
        {!shown && !error ? <Skeleton height={140} radius={8} /> : null}
        {shown?.left_out ? <Notice tone="busy">{shown.left_out.sentence}</Notice> : null}
        {shown?.failure ? <FailureView failure={shown.failure} /> : null}
        {shown?.patches.map((patch) => (
          <PatchView key={patch.id} patch={patch} />
        ))}
      </div>
    </aside>
  );
}

function PatchView({ patch }: { patch: RunPatch }) {
  const word = patchRunStatus(patch.status);
  return (
    <article className={styles.patch}>
      <header>
        <Link to="/patches/$id" params={{ id: patch.id }}>
          {patch.title}
        </Link>
        <Status word={word} live={word.tone === "busy"} />
      </header>
      {patch.failure ? <FailureView failure={patch.failure} /> : null}
      {patch.changes.length ? (
        <ul className={styles.changes}>
          {patch.changes.map(({ name, architecture, from, to }) => (
            <li key={`${name} ${architecture}`}>
              <span>{name}</span>
              <code>
                {from} → {to}
              </code>
            </li>
          ))}
        </ul>
      ) : null}
    </article>
  );
}

function FailureView({ failure }: { failure: Failure }) {
  return (
    <div className={styles.failureBox}>
      <Notice tone="bad">
        <strong>{failure.sentence}</strong> {failure.advice}
        {failure.exit_code === null ? null : (
          <span className={styles.faint}> Exit code {failure.exit_code}.</span>
        )}
      </Notice>
      {failure.log ? (
        <details open className={styles.log}>
          <summary>End of the log</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
          <pre tabIndex={0}>{failure.log}</pre>
        </details>
      ) : null}
    </div>
  );
}
