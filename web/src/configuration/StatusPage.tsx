import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Status as ServerStatus } from "~/api/model";
import { Status } from "~/display/Mark";
import { count } from "~/display/number";
import { Card, Facts, Page } from "~/display/Page";
import { Failed } from "~/display/states";
import { duration } from "~/display/time";
import { When } from "~/display/When";
import { sentence } from "~/display/words";
import { USUAL_PATCHES } from "~/patches/address";
import { both } from "~/query/terms";
import styles from "./Configuration.module.css";
import { statusQuery } from "./queries";

/** How the server is, and how what happens by itself went last. */
export function StatusPage() {
  const { data: status, error, refetch } = useQuery(statusQuery);
  return (
    <Page crumbs={[]} title="Status">
      <div className={styles.page}>
        {error && !status ? <Failed error={error} retry={() => void refetch()} /> : null}
        {!status && !error ? <Skeleton height={320} radius={8} /> : null}
        {status ? (
          <>
            <Totals status={status} />
            <Card title="Server">
              <Facts
                facts={[
                  ["Version", status.version],
                  ["Clock", <When key="time" at={status.time} both />],
                  ["Catalog generation", count(status.catalog_generation)],
                ]}
              />
            </Card>
            <Card title="What happens by itself" flush>
              <Reconcilers status={status} />
            </Card>
          </>
        ) : null}
      </div>
    </Page>
  );
}

function Totals({ status: { totals } }: { status: ServerStatus }) {
  return (
    <div className={styles.totals}>
      <Link to="/assets">
        <strong>{count(totals.assets)}</strong> assets
      </Link>
      <Link to="/assets" search={{ query: "online:yes" }}>
        <strong>{count(totals.online)}</strong> online
      </Link>
      <Link to="/assets" search={{ query: "latestMissingCount>0", sort: "-latestMissingCount" }}>
        <strong>{count(totals.assets_missing)}</strong> miss a patch
      </Link>
      <Link to="/assets" search={{ query: "rebootPending:yes" }}>
        <strong>{count(totals.pending_reboot)}</strong> await a restart
      </Link>
      <Link to="/patches" search={{ query: USUAL_PATCHES }}>
        <strong>{count(totals.patches_missing)}</strong> patches missing
      </Link>
      <Link to="/patches" search={{ query: both(USUAL_PATCHES, "category:security") }}>
        <strong>{count(totals.security_patches_missing)}</strong> of them security
      </Link>
    </div>
  );
}

function Reconcilers({ status: { reconcilers } }: { status: ServerStatus }) {
  return (
    <table className={styles.table} aria-label="What happens by itself">
      <thead>
        <tr>
          <th scope="col">Work</th>
          <th scope="col">State</th>
          <th scope="col">Last begun</th>
          <th scope="col">Took</th>
          <th scope="col">Result</th>
        </tr>
      </thead>
      <tbody>
        {reconcilers.map(({ name, started_at, ended_at, result, error }) => {
          const working =
            started_at !== null && (ended_at === null || Date.parse(ended_at) < Date.parse(started_at));
          const took =
            started_at && ended_at && !working ? Date.parse(ended_at) - Date.parse(started_at) : null;
          return (
            <tr key={name}>
              <td>{sentence(name)}</td>
              <td>
                <Status
                  live={working}
                  word={
                    working
                      ? { label: "Working", tone: "busy" }
                      : error
                        ? { label: "Failed", tone: "bad" }
                        : started_at
                          ? { label: "Fine", tone: "good" }
                          : { label: "Not yet run", tone: "idle" }
                  }
                />
              </td>
              <td>
                <When at={started_at} />
              </td>
              <td>{took === null ? "–" : took < 1000 ? `${took} ms` : duration(took)}</td>
              <td
                style={{ textAlign: "left", whiteSpace: "normal", width: "auto" }}
                className={error ? styles.bad : styles.faint}
              >
                {error ?? (result || "Nothing to do")}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
