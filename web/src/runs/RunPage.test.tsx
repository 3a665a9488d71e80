import { act, screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Run } from "~/api/model";
import { server, show, withInstallation } from "../../mock/console";
import { type LiveRun, runs } from "../../mock/work";

withInstallation();

/** Stands in for the browser's own: the test sends the events. */
class Events {
  static open: Events[] = [];
  readonly target = new EventTarget();
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  closed = false;

  constructor(readonly url: string) {
    Events.open.push(this);
  }

  addEventListener(name: string, listener: EventListener): void {
    this.target.addEventListener(name, listener);
  }

  send(run: Run): void {
    this.target.dispatchEvent(new MessageEvent("progress", { data: JSON.stringify(run) }));
  }

  close(): void {
    this.closed = true;
  }
}

beforeEach(() => {
  Events.open = [];
  vi.stubGlobal("EventSource", Events);
});

const find = (ended: boolean): LiveRun => {
  const live = [...runs.values()].find(({ run }) => (run.ended_at !== null) === ended);
  if (!live) throw new Error("the invented installation has such a run");
  return live;
};
const at = ({ run }: LiveRun) => `/jobs/${run.job}/runs/${run.id}`;
const stream = () => {
  const source = Events.open.at(-1);
  if (!source) throw new Error("nothing listens");
  return source;
};

describe("a run that goes on", () => {
  it("moves with the server's events and is over when they say so", async () => {
    const live = find(false);
    show(at(live));
    const legend = await screen.findByRole("list", { name: "Assets by status" });
    await waitFor(() => expect(Events.open).toHaveLength(1));
    expect(stream().url).toBe(`/api/v1${at(live)}/events`);
    act(() => stream().onopen?.());
    expect(await screen.findByText(/^Live, for/)).toBeInTheDocument();

    const half: Run = {
      ...live.run,
      asset_status: [
        { status: "succeeded", count: 3 },
        { status: "running", count: 1 },
      ],
    };
    act(() => stream().send(half));
    await waitFor(() => expect(legend).toHaveTextContent(/Succeeded375 %Running125 %/));

    const ended: Run = {
      ...half,
      ended_at: new Date().toISOString(),
      asset_status: [{ status: "succeeded", count: 4 }],
    };
    act(() => stream().send(ended));
    expect(await screen.findByRole("heading", { level: 1, name: "Results" })).toBeInTheDocument();
    expect(stream().closed).toBe(true);
  });

  it("says that it is connecting while events do not arrive", async () => {
    show(at(find(false)));
    await waitFor(() => expect(Events.open).toHaveLength(1));
    act(() => stream().onopen?.());
    act(() => stream().onerror?.());
    expect(await screen.findByText("Connecting…")).toBeInTheDocument();
  });

  it("can be cancelled after a question", async () => {
    const live = find(false);
    const cancelled = vi.fn();
    server.use(
      http.post(`*/api/v1${at(live)}/cancel`, () => {
        cancelled();
        return HttpResponse.json(live.run);
      }),
    );
    const { user } = show(at(live));
    await user.click(await screen.findByRole("button", { name: "Cancel run" }));
    expect(cancelled).not.toHaveBeenCalled();
    await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Cancel run" }));
    await waitFor(() => expect(cancelled).toHaveBeenCalledTimes(1));
  });
});

describe("a failed patch", () => {
  it("shows what happened, what to do, the exit code and the end of the log; Escape closes", async () => {
    const live = [...runs.values()].find(({ rows }) =>
      rows.some((row) => row.patches.some((patch) => patch.failure)),
    );
    const row = live?.rows.find(({ patches }) => patches.some((patch) => patch.failure));
    if (!live || !row) throw new Error("the invented installation has a failure");
    const { user, router } = show(`${at(live)}?asset=${row.asset.id}`);
    const panel = await screen.findByRole("complementary", { name: `Patches on ${row.asset.name}` });
    expect(panel).toHaveTextContent("The installer reported an error.");
    expect(panel).toHaveTextContent("Read the end of the installer's log below.");
    expect(panel).toHaveTextContent("Exit code 100.");
    expect(panel).toHaveTextContent("dpkg: error processing package openssl");
    await user.keyboard("{Escape}");
    await waitFor(() => expect(router.state.location.searchStr).toBe(""));
    expect(panel).not.toBeInTheDocument();
  });
});

describe("the breakdown", () => {
  it("narrows the rows, and shows who was left out and why", async () => {
    const live = find(true);
    const { user, router } = show(at(live));
    await user.click(await screen.findByRole("button", { name: /left out$/ }));
    await waitFor(() => expect(router.state.location.searchStr).toBe("?left_out=true"));
    expect((await screen.findAllByText("It misses none of the job's patches.")).length).toBeGreaterThan(0);
    const legend = screen.getByRole("list", { name: "Assets by status" });
    await user.click(within(legend).getByRole("button", { name: /^Succeeded/ }));
    await waitFor(() => expect(router.state.location.searchStr).toBe("?status=succeeded"));
  });
});
