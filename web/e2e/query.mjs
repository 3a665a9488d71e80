// The steps about asking: the query box with its completion, marks and facets, the second box, searches, and why.

import { accessible, check, pictures } from "./browser.mjs";

/**
 * @typedef {object} Place
 * @property {import("./browser.mjs").Session} session
 * @property {string} base where the console is
 * @property {(path: string) => Promise<any>} ask a GET of the API
 * @property {(path: string, title: string | RegExp) => Promise<void>} open
 * @property {() => import("playwright-core").Locator} rows
 */

/** A box by its name. */
const box = (/** @type {Place} */ { session }, /** @type {string} */ name) =>
  session.page.getByRole("textbox", { name, exact: true });

/** What the address asks for, decoded. */
const asked = (/** @type {Place} */ { session }, /** @type {string} */ key) =>
  new URL(session.page.url()).searchParams.get(key);

/** The total beside the heading. */
const total = async (/** @type {Place} */ { session }) => {
  const words = (await session.page.getByRole("heading", { level: 1 }).textContent()) ?? "";
  return Number(words.replaceAll(/\D/g, ""));
};

/** Waits until the list is the one asked for. */
const settled = (/** @type {Place} */ { session }) =>
  session.page.locator("table[aria-busy=false]").first().waitFor();

/** Waits until the total beside the heading is this one. A list of none has no table to wait for. */
const totalBecomes = (/** @type {Place} */ { session }, /** @type {number} */ expected) =>
  session.page.waitForFunction(
    (wanted) => Number((document.querySelector("h1")?.textContent ?? "").replaceAll(/\D/g, "")) === wanted,
    expected,
  );

/**
 * Asks lists of assets in every way the console has.
 * @param {Place} place
 */
export async function queries(place) {
  const { session, open, rows } = place;
  const { page, step } = session;

  await step("a query is completed: field, then values with counts", async () => {
    await open("/assets", /^Assets/);
    await rows().first().waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("scanSt");
    const list = page.getByRole("listbox", { name: "Completions" });
    await list.getByRole("option", { name: /^scanStatus/ }).waitFor();
    await page.keyboard.press("Tab");
    await list.getByRole("option", { name: /^scanned/ }).waitFor();
    await accessible(page);
    await pictures(session, "query-completion");
    await page.keyboard.type("scanned");
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.searchParams.get("query") === "scanStatus:scanned");
    await settled(place);
    const { total: expected } = await place.ask("/assets?limit=1&query=scanStatus:scanned");
    check((await total(place)) === expected, `the page says ${await total(place)}, the API ${expected}`);
  });

  await step("what is wrong is underlined and said; a click mends it", async () => {
    await box(place, "Asset query").click();
    await page.keyboard.press("ControlOrMeta+A");
    await page.keyboard.type("scanStats:scanned ");
    const problems = page.getByRole("status", { name: "What is wrong with the query" });
    await problems.waitFor();
    check((await page.locator(".fq-wrong").textContent()) === "scanStats", "the wrong word is underlined");
    await accessible(page);
    await pictures(session, "query-error");
    await problems.getByRole("button", { name: /^Did you mean scanStatus/ }).click();
    await problems.waitFor({ state: "detached" });
    check(((await box(place, "Asset query").textContent()) ?? "").startsWith("scanStatus:scanned"), "mended");
  });

  await step("Escape gives back what was asked, and then leaves", async () => {
    for (let at = 0; at < 3; at++) await page.keyboard.press("Escape");
    const text = await box(place, "Asset query").textContent();
    check(text === "scanStatus:scanned", `the box says ${text}`);
    check(
      await page.evaluate(() => !document.activeElement?.closest("[contenteditable]")),
      "Escape leaves the box",
    );
  });

  await step("the query in words, and help with fields and examples", async () => {
    await page.getByRole("button", { name: "The query in words" }).first().click();
    await page.getByRole("dialog").getByText(/scan/i).first().waitFor();
    await accessible(page);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Help with queries" }).click();
    await page.getByRole("searchbox", { name: "Search fields" }).fill("restart");
    await page.getByRole("list", { name: "Fields" }).getByRole("button").first().waitFor();
    await accessible(page);
    await pictures(session, "query-help");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  });

  await step("the number of unknown assets leads to exactly these, and back", async () => {
    const query = "not missing.vendorSeverity:critical";
    await page.goto(`${place.base}/assets?query=${encodeURIComponent(query)}`);
    const certain = await place.ask(`/assets?limit=1&query=${encodeURIComponent(query)}`);
    await totalBecomes(place, certain.total);
    const number = page.getByRole("button", { name: /^[\d,]+ unknown$/ });
    check(
      (await number.count()) === (certain.unknown ? 1 : 0),
      `${certain.unknown} unknown: the page says so`,
    );
    if (certain.unknown) {
      await number.click();
      await page.getByRole("link", { name: /^Show (this|these) / }).click();
    } else {
      // Where every asset was scanned the list is there all the same, and empty.
      await page.goto(`${place.base}/assets?query=${encodeURIComponent(query)}&truth=unknown`);
    }
    await page.waitForURL((url) => url.searchParams.get("truth") === "unknown");
    await page.getByRole("button", { name: "Remove filter Only unknown" }).waitFor();
    await totalBecomes(place, certain.unknown);
    await accessible(page);
    await pictures(session, "assets-unknown");
    await page.getByRole("button", { name: "Remove filter Only unknown" }).click();
    await totalBecomes(place, certain.total);
  });

  await step("a facet is written into the query, and its count is the list's", async () => {
    await page.goto(`${place.base}/assets`);
    const filters = page.getByRole("navigation", { name: "Filters" });
    const option = filters.getByRole("button", { pressed: false }).first();
    const words = (await option.textContent()) ?? "";
    const counted = Number((/([\d,]+)$/.exec(words)?.[1] ?? "").replaceAll(",", ""));
    await option.click();
    await page.waitForURL((url) => url.searchParams.has("query"));
    await filters.getByRole("button", { pressed: true }).first().waitFor();
    await settled(place);
    // Names may end in digits, which stand right before the count.
    check(String(counted).endsWith(String(await total(place))), `${words} led to ${await total(place)}`);
    check((await box(place, "Asset query").textContent()) === asked(place, "query"), "the box says the same");
    await pictures(session, "query-facet");
    await filters.getByRole("button", { pressed: true }).first().click();
    await page.waitForURL((url) => !url.searchParams.has("query"));
  });

  await step("the second box asks what assets miss, or have", async () => {
    await page.getByRole("button", { name: "Add a patch query" }).click();
    await box(place, "Patch query").click();
    await page.keyboard.type("category:security ");
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.searchParams.get("patches") === "category:security");
    const { total: missing } = await place.ask("/assets?limit=1&patches=category:security");
    await totalBecomes(place, missing);
    await accessible(page);
    await pictures(session, "query-second-box");
    await page.getByText("Installed", { exact: true }).first().click();
    await page.waitForURL((url) => url.searchParams.get("status") === "installed");
    const { total: installed } = await place.ask(
      "/assets?limit=1&patches=category:security&status=installed",
    );
    await totalBecomes(place, installed);
    await page.getByRole("button", { name: "Remove Patch query" }).click();
    await page.waitForURL((url) => !url.searchParams.has("patches"));
  });

  await step("a search is kept by name, run again and removed", async () => {
    await page.goto(`${place.base}/assets?query=online:yes`);
    await rows().first().waitFor();
    const menu = () => page.getByRole("button", { name: "Recent and saved searches" }).click();
    await menu();
    await page.getByRole("menuitem", { name: "Save this search…" }).click();
    const name = `Browser test ${Date.now()}`;
    await page.getByRole("dialog").getByLabel("Name").fill(name);
    await page.getByRole("button", { name: "Save search" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.goto(`${place.base}/assets`);
    await rows().first().waitFor();
    await menu();
    await accessible(page);
    await pictures(session, "query-searches");
    await page.getByRole("menuitem", { name }).click();
    await page.waitForURL((url) => url.searchParams.get("query") === "online:yes");
    await menu();
    await page.getByRole("menuitem", { name: "Manage saved searches…" }).click();
    await page.getByRole("button", { name: `Remove ${name}` }).click();
    await page.getByRole("button", { name: `Remove ${name}` }).waitFor({ state: "detached" });
    await accessible(page);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  });
}

/**
 * Why an asset misses a patch, asked from both sides.
 * @param {Place} place
 * @param {{ id: string, name: string }} asset
 * @param {{ id: string, title: string }} patch
 */
export async function why(place, asset, patch) {
  const { session, rows } = place;
  const { page, step } = session;
  const explained = async () => {
    const panel = page.getByRole("dialog", { name: "Why?" });
    await panel.getByRole("table", { name: "Packages compared" }).waitFor();
    return panel;
  };

  await step("why an asset misses a patch, from its patches", async () => {
    const query = encodeURIComponent(`id:\`${patch.id}\``);
    await page.goto(`${place.base}/assets/${asset.id}?tab=patches&query=${query}`);
    await rows().first().waitFor();
    await page.getByRole("link", { name: `Why? ${patch.title}` }).click();
    const panel = await explained();
    check(asked(place, "why") === patch.id, "the explanation stands in the address");
    await accessible(page);
    await pictures(session, "why");
    await panel.getByRole("button", { name: "Close" }).click();
    await panel.waitFor({ state: "detached" });
  });

  await step("and from the patch's assets", async () => {
    await page.goto(
      `${place.base}/patches/${encodeURIComponent(patch.id)}?q=${encodeURIComponent(asset.name)}`,
    );
    await page.getByRole("link", { name: `Why? ${asset.name}` }).click();
    await explained();
    await page.keyboard.press("Escape");
  });
}

/**
 * What became of patches, and who changed what.
 * @param {Place} place
 * @param {string} job name of a job that has run
 */
export async function records(place, job) {
  const { session, open, rows } = place;
  const { page, step } = session;

  await step("Results: what became of the job's patches", async () => {
    await open(`/jobs/results?query=${encodeURIComponent(`job:"${job}"`)}`, /^Results/);
    await rows().first().waitFor();
    await page.getByRole("link", { name: job }).first().waitFor();
    await accessible(page);
    await pictures(session, "results");
  });

  await step("Audit log: who changed what, in a chain that holds", async () => {
    await open("/configuration/audit", /^Audit log/);
    await page.getByText(/^Chain verified/).waitFor();
    await rows().first().waitFor();
    await accessible(page);
    await pictures(session, "audit");
    await rows().first().click();
    await page.getByRole("dialog", { name: /^Entry/ }).waitFor();
    await accessible(page);
    await page.keyboard.press("Escape");
  });
}
