import { renderHook } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { useOneVersion } from "./useOneVersion";

function together(asked: string, list: number | undefined, facets: number | undefined) {
  const fetches = { list: vi.fn(), facets: vi.fn() };
  const hook = renderHook(
    (props: { asked: string; list: number | undefined; facets: number | undefined }) =>
      useOneVersion(
        props.asked,
        { version: props.list, refetch: fetches.list },
        { version: props.facets, refetch: fetches.facets },
      ),
    { initialProps: { asked, list, facets } },
  );
  const calls = () => [fetches.list.mock.calls.length, fetches.facets.mock.calls.length];
  return { ...hook, calls };
}

it("fetches again whichever is older", () => {
  const { rerender, calls } = together("", 7, undefined);
  expect(calls()).toEqual([0, 0]);
  rerender({ asked: "", list: 7, facets: 7 });
  expect(calls()).toEqual([0, 0]);
  rerender({ asked: "", list: 8, facets: 7 });
  expect(calls()).toEqual([0, 1]);
  rerender({ asked: "", list: 8, facets: 9 });
  expect(calls()).toEqual([1, 1]);
});

it("leaves an index that never stands still alone, until something else is asked", () => {
  const { rerender, calls } = together("", 1, 2);
  rerender({ asked: "", list: 3, facets: 2 });
  rerender({ asked: "", list: 3, facets: 4 });
  rerender({ asked: "", list: 5, facets: 4 });
  expect(calls()).toEqual([1, 1]);
  rerender({ asked: "web", list: 5, facets: 6 });
  expect(calls()).toEqual([2, 1]);
});
