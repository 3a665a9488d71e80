import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, it, vi } from "vitest";
import { Problem } from "~/api/problem";
import { type At, everyRow, useCursorList } from "./useCursorList";

const gone = () => new Problem(410, "version-gone", "Gone.", "");

/** A list of two pages in a version that the server keeps as long as it is told to. */
function twoPages() {
  const state = { version: "a" };
  const fetch = vi.fn(async ({ cursor, version }: At) => {
    if (version && version !== state.version) throw gone();
    const rows = cursor ? ["3", "4"] : ["1", "2"];
    const items = rows.map((row) => `${state.version}${row}`);
    return { items, total: 4, version: state.version, next: cursor ? null : "on" };
  });
  return { state, fetch };
}

function shown(fetch: (at: At) => ReturnType<ReturnType<typeof twoPages>["fetch"]>) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  return renderHook(() => useCursorList(["list"], fetch), { wrapper });
}

it("asks for further pages of the version of the first", async () => {
  const { fetch } = twoPages();
  const { result } = shown(fetch);
  await waitFor(() => expect(result.current.rows).toEqual(["a1", "a2"]));
  act(() => result.current.more());
  await waitFor(() => expect(result.current.rows).toEqual(["a1", "a2", "a3", "a4"]));
  expect(fetch.mock.calls.map(([at]) => at)).toEqual([{}, { cursor: "on", version: "a" }]);
});

it("begins anew when that version is gone", async () => {
  const { state, fetch } = twoPages();
  const { result } = shown(fetch);
  await waitFor(() => expect(result.current.rows).toEqual(["a1", "a2"]));
  state.version = "b";
  act(() => result.current.more());
  await waitFor(() => expect(result.current.rows).toEqual(["b1", "b2"]));
  expect(result.current.error).toBeNull();
  act(() => result.current.more());
  await waitFor(() => expect(result.current.rows).toEqual(["b1", "b2", "b3", "b4"]));
});

it("gathers every row of one version, and goes on in the newest when it is gone", async () => {
  const { state, fetch } = twoPages();
  expect(await everyRow(fetch)).toEqual(["a1", "a2", "a3", "a4"]);
  const once = async (at: At) => {
    const page = await fetch(at);
    state.version = "b";
    return page;
  };
  expect(await everyRow(once)).toEqual(["a1", "a2", "b3", "b4"]);
});
