import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, vi } from "vitest";

// The console is rendered whole; on a busy machine that takes more than the usual second.
configure({ asyncUtilTimeout: 8_000 });

// What a browser has and jsdom lacks. Elements get a size, so that virtual lists have rows to show.

vi.stubGlobal("matchMedia", (query: string) => ({
  matches: false,
  media: query,
  addEventListener: () => {},
  removeEventListener: () => {},
  addListener: () => {},
  removeListener: () => {},
}));

vi.stubGlobal(
  "ResizeObserver",
  class {
    observe() {}
    unobserve() {}
    disconnect() {}
  },
);

Object.defineProperties(Element.prototype, {
  clientHeight: { configurable: true, get: () => 800 },
  clientWidth: { configurable: true, get: () => 1400 },
});
Object.defineProperty(document, "fonts", {
  configurable: true,
  value: { addEventListener: () => {}, removeEventListener: () => {} },
});
// The editor of queries measures its text.
const nowhere = () => new DOMRect(0, 0, 0, 0);
Range.prototype.getBoundingClientRect = nowhere;
Range.prototype.getClientRects = () => [nowhere()] as unknown as DOMRectList;
Element.prototype.scrollTo = () => {};
Element.prototype.scrollIntoView = () => {};
window.scrollTo = () => {};

afterEach(() => {
  cleanup();
  sessionStorage.clear();
  localStorage.clear();
});
