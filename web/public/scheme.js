// Runs before the first paint, so that a page never flashes in the wrong colours.
// A file of its own, because the content security policy allows no inline scripts.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("fettle-scheme");
  } catch {
    // Storage may be forbidden; the system's preference is used then.
  }
  const dark =
    chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
})();
