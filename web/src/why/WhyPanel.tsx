import { Drawer, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Judged, Why } from "~/api/model";
import { Chip, Status } from "~/display/Mark";
import { Facts } from "~/display/Page";
import { Failed, Notice } from "~/display/states";
import { When } from "~/display/When";
import { scanStatus, type Word } from "~/display/words";
import { whyQuery } from "./queries";
import styles from "./Why.module.css";

const DECIDED: Record<Why["status"], Word> = {
  missing: { label: "Missing", tone: "bad" },
  installed: { label: "Installed", tone: "good" },
  not_applicable: { label: "Not applicable", tone: "idle" },
  unknown: { label: "Unknown", tone: "warn" },
};

/** Explains, beside the page, why a patch is missing on an asset or not. */
export function WhyPanel(props: {
  /** Without one of the two the panel is closed. */
  asset: string | undefined;
  patch: string | undefined;
  onClose: () => void;
}) {
  const { asset, patch } = props;
  return (
    <Drawer
      opened={asset !== undefined && patch !== undefined}
      onClose={props.onClose}
      position="right"
      size={560}
      title="Why?"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {asset === undefined || patch === undefined ? null : <Explained asset={asset} patch={patch} />}
    </Drawer>
  );
}

function Explained({ asset, patch }: { asset: string; patch: string }) {
  const { data: why, error, refetch } = useQuery(whyQuery(asset, patch));
  if (!why) {
    if (error) return <Failed error={error} retry={() => void refetch()} />;
    return <Skeleton height={320} radius={8} />;
  }
  const [conclusion, ...more] = why.sentences;
  return (
    <div className={styles.why}>
      <div>
        <Status word={DECIDED[why.status]} />
        <h3>
          <Link to="/patches/$id" params={{ id: why.patch }}>
            {why.patch_title}
          </Link>{" "}
          on{" "}
          <Link to="/assets/$id" params={{ id: why.asset }}>
            {why.asset_name}
          </Link>
        </h3>
      </div>
      {conclusion ? <p className={styles.conclusion}>{conclusion}</p> : null}
      {why.fresh ? null : (
        <Notice tone="warn">
          <strong>The scan no longer counts.</strong> What was found missing stays missing; what was not found
          is unknown.
        </Notice>
      )}
      {why.listed !== (why.status === "missing" || why.status === "installed" ? why.status : null) ? (
        <Notice tone="busy">
          <strong>Lists do not show this yet.</strong> The asset is being assessed anew.
        </Notice>
      ) : null}
      {why.judged.length ? <Compared judged={why.judged} /> : null}
      {why.superseded_by.length ? <Successors why={why} /> : null}
      <section>
        <h4>Evidence</h4>
        <Facts
          facts={[
            ["Last good scan", <When key="scan" at={why.last_scan} none="never" both />],
            ["Last scan", <Status key="status" word={scanStatus(why.scan_status)} />],
            ["It failed with", why.scan_error],
            ["Patch", why.disabled ? "Switched off: it makes no findings" : null],
            ["Baseline", why.baseline ? "Counts only when it is missing" : null],
          ]}
        />
      </section>
      {more.length ? (
        <details className={styles.words}>
          <summary>Step by step, in words</summary>
          <ol>
            {why.sentences.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ol>
        </details>
      ) : null}
    </div>
  );
}

const OUTCOME = (below: boolean | null): Word =>
  below === null
    ? { label: "No version", tone: "warn" }
    : below
      ? { label: "Below", tone: "bad" }
      : { label: "Fixed", tone: "good" };

/** Each package with the version that is there and the one that has the fix. */
function Compared({ judged }: { judged: Judged[] }) {
  return (
    <section>
      <h4>Packages compared</h4>
      <table className={styles.table} aria-label="Packages compared">
        <thead>
          <tr>
            <th scope="col">Package</th>
            <th scope="col">Installed</th>
            <th scope="col">Fixed in</th>
            <th scope="col">Outcome</th>
          </tr>
        </thead>
        <tbody>
          {judged.map((each) => (
            <tr key={`${each.name} ${each.architecture} ${each.source ?? ""}`}>
              <td>
                {each.name} <small>{each.architecture}</small>
                {each.source ? <small className={styles.source}>source {each.source}</small> : null}
                {each.held ? <Chip tone="warn">held</Chip> : null}
              </td>
              <td>
                <code>{each.installed}</code>
              </td>
              <td>
                <code>{each.fixed}</code>
              </td>
              <td>
                <Status word={OUTCOME(each.below)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Successors({ why }: { why: Why }) {
  return (
    <section>
      <h4>Replaced by</h4>
      <ul className={styles.successors}>
        {why.superseded_by.map((each) => (
          <li key={each.id}>
            <Link to="/patches/$id" params={{ id: each.id }}>
              {each.title}
            </Link>
            {each.latest ? <Chip tone="busy">latest</Chip> : null}
            {each.enabled ? null : <Chip>switched off</Chip>}
            {each.listed ? <Status word={DECIDED[each.listed]} /> : <small>does not apply here</small>}
          </li>
        ))}
      </ul>
    </section>
  );
}
