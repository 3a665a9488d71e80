import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, body } from "~/api/client";
import type { Run } from "~/api/model";

/** Shortest time between two fetches of the rows while a run goes on, in milliseconds. */
const ROWS_PACE = 1_000;
/** How often the run is asked for while its events cannot be received, in milliseconds. */
const POLL_PACE = 4_000;

/** Whether a run is followed as it happens. */
export type Following = "live" | "connecting" | "ended";

const runQuery = (job: string, run: string) =>
  queryOptions({
    queryKey: ["run", run],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/jobs/{job}/runs/{run}", { params: { path: { job, run } }, signal })),
  });

/** A run, kept up to date by the server's events; while they cannot be received it is asked for again and again. */
export function useRun(job: string, run: string) {
  const client = useQueryClient();
  const [connected, setConnected] = useState(false);
  const query = useQuery({
    ...runQuery(job, run),
    refetchInterval: (state) => (state.state.data?.ended_at === null && !connected ? POLL_PACE : false),
  });
  const known = query.data !== undefined;
  const over = query.data ? query.data.ended_at !== null : false;

  useEffect(() => {
    if (!known || over) return;
    const source = new EventSource(`/api/v1/jobs/${job}/runs/${run}/events`);
    const refreshRows = paced(ROWS_PACE, () => {
      void client.invalidateQueries({ queryKey: ["run", run, "assets"] });
      void client.invalidateQueries({ queryKey: ["run", run, "asset"] });
    });
    source.onopen = () => setConnected(true);
    source.onerror = () => setConnected(false);
    source.addEventListener("progress", (event) => {
      const progress = JSON.parse(event.data) as Run;
      client.setQueryData(["run", run], progress);
      refreshRows.ask();
      if (progress.ended_at !== null) {
        source.close();
        void client.invalidateQueries({ queryKey: ["job", job] });
        void client.invalidateQueries({ queryKey: ["jobs"] });
        void client.invalidateQueries({ queryKey: ["assets"] });
        void client.invalidateQueries({ queryKey: ["patches"] });
      }
    });
    return () => {
      source.close();
      refreshRows.flush();
      setConnected(false);
    };
  }, [client, job, run, known, over]);

  const following: Following = over ? "ended" : connected ? "live" : "connecting";
  return {
    run: query.data,
    error: query.data ? null : query.error,
    retry: () => void query.refetch(),
    following,
  };
}

/** Does something at most once in each span of time; what was asked for meanwhile is done once at its end. */
export function paced(span: number, act: () => void): { ask: () => void; flush: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wanted = false;
  const run = () => {
    wanted = false;
    act();
    timer = setTimeout(() => {
      timer = undefined;
      if (wanted) run();
    }, span);
  };
  return {
    ask() {
      if (timer) wanted = true;
      else run();
    },
    flush() {
      clearTimeout(timer);
      timer = undefined;
      if (wanted) act();
      wanted = false;
    },
  };
}
