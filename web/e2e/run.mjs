// Drives the console in a real browser against a running server: log-in, assets, an asset, an install job for a
// patch it misses, and its success as it happens. Every page is judged by axe, in light and dark.
//
//   BASE_URL         where the console is, such as http://127.0.0.1:8480
//   SETUP_LINK       the one-time link, when there is no administrator yet
//   FETTLE_NAME      who logs in (with SETUP_LINK: who is made)
//   FETTLE_PASSWORD  their password
//   ASSET            name or id of the asset to patch; otherwise one is chosen that may be changed
//   SCREENSHOT_DIR   folder for pictures
//   RUN_TIMEOUT      seconds the job may take, 180 when absent

import { accessible, check, pictures, start } from "./browser.mjs";
import { catalog } from "./catalog.mjs";
import { queries, records, why } from "./query.mjs";

const base = (
  process.env.BASE_URL ?? new URL(process.env.SETUP_LINK ?? "http://127.0.0.1:8480").origin
).replace(/\/$/, "");
const name = process.env.FETTLE_NAME ?? "admin";
const password = process.env.FETTLE_PASSWORD ?? "correct horse battery staple";
const runTimeout = Number(process.env.RUN_TIMEOUT ?? 180) * 1000;

const session = await start(process.env.SCREENSHOT_DIR);
const { page, step } = session;

/** A GET of the API with the page's own session. */
const ask = (/** @type {string} */ path) =>
  page.evaluate(async (url) => {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }, `/api/v1${path}`);

const heading = (/** @type {string | RegExp} */ words) =>
  page.getByRole("heading", { level: 1, name: words }).waitFor();
const open = async (/** @type {string} */ path, /** @type {string | RegExp} */ title) => {
  await page.goto(base + path);
  await heading(title);
  await page.locator("[aria-busy=true]").waitFor({ state: "detached" });
};
const rows = () => page.locator("main tbody tr[aria-rowindex]");

/** An asset whose agent is there and may change it, with the patch to install. */
async function choose() {
  const wanted = process.env.ASSET;
  const { items } = await ask(`/assets?limit=1000&sort=-latestMissingCount`);
  for (const asset of items) {
    if (
      wanted
        ? asset.id !== wanted && asset.name !== wanted
        : asset.assess_only || !asset.online || !asset.latest_missing
    )
      continue;
    const { items: missing } = await ask(`/assets/${asset.id}/patches?limit=1000&query=isSuperseded:no`);
    const patch =
      missing.find(
        (/** @type {any} */ each) => each.download.how === "package_manager" && each.reboot === "never",
      ) ?? missing[0];
    if (patch) return { asset, patch };
  }
  throw new Error(
    wanted
      ? `${wanted} is not there or misses nothing`
      : "no asset is online, may be changed and misses a patch",
  );
}

try {
  if (process.env.SETUP_LINK) {
    await step("the first administrator is made with the one-time link", async () => {
      await page.goto(process.env.SETUP_LINK ?? "");
      await heading("Make the first administrator");
      await accessible(page);
      await page.getByLabel("Name").fill(name);
      await page.getByLabel("Password", { exact: true }).fill("short");
      await page.getByRole("button", { name: "Create administrator" }).click();
      await page.getByText("Too short by 7 characters.").waitFor();
      await page.getByLabel("Password", { exact: true }).fill(password);
      await page.getByLabel("Password again").fill(password);
      await page.getByRole("button", { name: "Create administrator" }).click();
      await heading(/^Assets/);
      await page.getByRole("button", { name: /^Account/ }).click();
      await page.getByRole("menuitem", { name: "Log out" }).click();
      await heading("Log in");
    });
  }

  await step("a page asked for without a session leads to the log-in", async () => {
    await page.goto(`${base}/jobs?query=status:enabled`);
    await heading("Log in");
    await accessible(page);
    await session.shot("log-in-light");
  });

  await step("a wrong password is refused in words", async () => {
    await page.getByLabel("Name").fill(name);
    await page.getByLabel("Password", { exact: true }).fill(`${password}?`);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("alert").waitFor();
  });

  await step("logging in leads to the page that was asked for", async () => {
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.keyboard.press("Enter");
    await heading(/^Jobs/);
    check(page.url().endsWith("/jobs?query=status:enabled"), `the address is ${page.url()}`);
  });

  await step("Assets: list, facets and tools", async () => {
    await page.getByRole("link", { name: "Assets", exact: true }).click();
    await heading(/^Assets/);
    await rows().first().waitFor();
    await page.getByRole("navigation", { name: "Filters" }).getByRole("button").first().waitFor();
    await accessible(page);
    await pictures(session, "assets");
  });

  const { asset, patch } = await choose();
  console.log(`      ${asset.name} misses ${asset.latest_missing}; ${patch.id} is to be installed`);

  await step("keyboard: skip link, / to search, Escape to leave", async () => {
    await page.goto(`${base}/assets`);
    await rows().first().waitFor();
    await page.keyboard.press("Tab");
    check(
      (await page.evaluate(() => document.activeElement?.textContent)) === "Skip to content",
      "Tab goes to the skip link first",
    );
    await page.keyboard.press("/");
    await page.keyboard.type(asset.name);
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.searchParams.get("query") === asset.name);
    await page.getByRole("link", { name: asset.name, exact: true }).waitFor();
    for (let at = 0; at < 2; at++) await page.keyboard.press("Escape");
    check(
      await page.evaluate(() => !document.activeElement?.closest("[contenteditable]")),
      "Escape leaves the search",
    );
  });

  /** @type {import("./query.mjs").Place} */
  const place = { session, base, ask, open, rows };
  await queries(place);
  await why(place, asset, patch);

  await step("all state is in the address", async () => {
    await open(
      `/assets?query=${encodeURIComponent(asset.name)}&sort=-latestMissingCount&cols=name,os.name,interfaces.address&density=compact`,
      /^Assets/,
    );
    await page.getByRole("columnheader", { name: "Addresses" }).waitFor();
    check(
      (await page.getByRole("columnheader", { name: "Tags" }).count()) === 0,
      "columns not chosen are not shown",
    );
  });

  await step("an asset: overview, software, jobs", async () => {
    await page.getByRole("link", { name: asset.name, exact: true }).click();
    await heading(asset.name);
    await page.getByRole("heading", { name: "Summary" }).waitFor();
    await accessible(page);
    await session.shot("asset-light");
    for (const tab of ["Software", "Jobs"]) {
      await page
        .getByRole("link", { name: new RegExp(`^${tab} ?[\\d,]*$`) })
        .last()
        .click();
      await page.locator("[aria-busy=true]").waitFor({ state: "detached" });
      await accessible(page);
    }
  });

  await step("its missing patches; one is chosen for a job", async () => {
    await page
      .getByRole("navigation", { name: "Parts of this asset" })
      .getByRole("link", { name: /^Patches/ })
      .click();
    await page.getByRole("textbox", { name: "Query over this asset's patches" }).fill(`id:\`${patch.id}\``);
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.searchParams.has("query"));
    await page.locator("table[aria-busy=true]").waitFor({ state: "detached" });
    const row = rows().filter({
      has: page.locator(`a[href*="${encodeURIComponent(patch.id)}"], a[href*="${patch.id}"]`),
    });
    await row.getByRole("checkbox").click();
    await accessible(page);
    await page.getByRole("button", { name: "New install job" }).click();
    await heading("New job");
  });

  const jobName = `Browser test ${new Date().toISOString()}`;
  await step("the job's form carries patch and asset; patches can be picked", async () => {
    await page.getByText(patch.id, { exact: true }).waitFor();
    await page.getByText(asset.name, { exact: true }).first().waitFor();
    await accessible(page);
    await session.shot("job-form-light");
    await page.getByRole("button", { name: "Add patches" }).click();
    await page.getByRole("dialog").getByRole("textbox", { name: "Patch query" }).waitFor();
    await accessible(page);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByLabel("Name", { exact: false }).first().fill(jobName);
  });

  await step("saving leads to the review: who takes part, who is left out", async () => {
    await page.getByRole("button", { name: "Save and review" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Taking part").waitFor();
    await dialog.getByText(asset.name).waitFor();
    await accessible(page);
    await session.shot("job-review-light");
  });

  await step("the job is enabled and its run is followed as it happens", async () => {
    await page.getByRole("button", { name: "Enable job" }).click();
    const progress = page.getByRole("heading", { level: 1, name: /^(Progress|Results)$/ });
    const watch = page.getByRole("link", { name: /^(Watch progress|Show results)$/ });
    await progress.or(watch).first().waitFor({ timeout: 60_000 });
    // The page follows the run by itself when it starts at once; the link is for when that takes longer.
    if (!(await progress.isVisible())) await watch.click({ timeout: 3_000 }).catch(() => {});
    await progress.waitFor();
    await rows().first().waitFor();
    await accessible(page);
    await pictures(session, "job-progress-live");
  });

  await step("it succeeds without the page being loaded again", async () => {
    await page.evaluate(() => {
      document.body.dataset.seen = "yes";
    });
    await page.getByRole("heading", { level: 1, name: "Results" }).waitFor({ timeout: runTimeout });
    check(await page.evaluate(() => document.body.dataset.seen === "yes"), "the page was loaded again");
    const status = await page.getByRole("list", { name: "Assets by status" }).textContent();
    check(status && /Succeeded/.test(status) && !/Failed|Partly/.test(status), `the run ended as: ${status}`);
    await page.getByRole("link", { name: asset.name, exact: true }).click();
    await page.getByRole("complementary").getByText("Installed").first().waitFor();
    await accessible(page);
    await pictures(session, "job-progress");
  });

  await step("the scan that proves it: the patch is no longer missing", async () => {
    const { items } = await ask(`/assets/${asset.id}/patches?limit=1000`);
    check(
      !items.some((/** @type {any} */ each) => each.id === patch.id),
      `${patch.id} is still missing on ${asset.name}`,
    );
  });

  await step("Patches: list and details", async () => {
    await open("/patches?query=", /^Patches/);
    await rows().first().waitFor();
    await accessible(page);
    await pictures(session, "patches");
    await page.goto(`${base}/patches/${encodeURIComponent(patch.id)}`);
    await heading(patch.title);
    await page.getByRole("heading", { name: "Packages" }).waitFor();
    await accessible(page);
    await session.shot("patch-light");
  });

  await step("Jobs: list and the job's page", async () => {
    await open("/jobs", /^Jobs/);
    await page.getByRole("link", { name: jobName }).waitFor();
    await accessible(page);
    await pictures(session, "jobs");
    await page.getByRole("link", { name: jobName }).click();
    await heading(jobName);
    await page.getByRole("heading", { name: "Definition" }).waitFor();
    await accessible(page);
  });

  await records(place, jobName);

  await step("Configuration: every page", async () => {
    const places = {
      keys: "Activation keys",
      tags: "Tags",
      feeds: "Feeds",
      users: "Users",
      tokens: "API tokens",
      status: "Status",
    };
    for (const [path, title] of Object.entries(places)) {
      await open(`/configuration/${path}`, title);
      await accessible(page);
      await session.shot(`configuration-${path}-light`);
    }
  });

  await step("a feed of another kind is made, refused where it is wrong, and changed", async () => {
    await open("/configuration/feeds", "Feeds");
    await page.getByRole("button", { name: "New feed" }).click();
    const form = page.getByRole("dialog");
    await form.getByLabel("Name").fill("Rocky 9");
    await form.getByLabel("Kind").click();
    await page.getByRole("option", { name: "RPM packages" }).click();
    await form.getByLabel("Release").fill("rocky/9");
    await form.getByLabel("Address").fill("http://mirror.example/rocky/9");
    await accessible(page);
    await session.shot("feed-form-light");
    await form.getByRole("button", { name: "Make feed" }).click();
    await form.getByText("give the keyring that signs it").first().waitFor();
    await form.getByLabel("Address").fill("/srv/rocky/9");
    await form.getByRole("button", { name: "Make feed" }).click();
    const card = page.getByRole("article", { name: "Rocky 9" });
    await card.getByText("/srv/rocky/9").first().waitFor();
    await card.getByRole("button", { name: "Actions for Rocky 9" }).click();
    await page.getByRole("menuitem", { name: "Change" }).click();
    check(
      (await form.getByLabel("Address").inputValue()).endsWith("/srv/rocky/9"),
      "the form shows another address",
    );
    await form.getByRole("button", { name: "Cancel" }).click();
    await card.getByRole("button", { name: "Actions for Rocky 9" }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Delete feed" }).click();
    await card.waitFor({ state: "detached" });
  });

  await catalog(place);

  await step("an address that leads nowhere says so", async () => {
    await page.goto(`${base}/nowhere`);
    await page.getByText("There is no such page").waitFor();
    await accessible(page);
  });

  await step("narrow as 1024 pixels nothing is cut off", async () => {
    await page.setViewportSize({ width: 1024, height: 768 });
    for (const [path, title] of [
      ["/assets", /^Assets/],
      ["/patches", /^Patches/],
      ["/jobs", /^Jobs/],
    ]) {
      await open(/** @type {string} */ (path), title ?? "");
      const over = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      check(over <= 0, `${path} is ${over} pixels too wide`);
    }
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  await step("the colour scheme is chosen and remembered", async () => {
    await page.getByRole("button", { name: /^Account/ }).click();
    await page.getByText("Dark", { exact: true }).click();
    await page.reload();
    await page.waitForFunction(() => document.documentElement.dataset.mantineColorScheme === "dark");
  });

  await step("logging out ends the session", async () => {
    await page.getByRole("button", { name: /^Account/ }).click();
    await page.getByRole("menuitem", { name: "Log out" }).click();
    await heading("Log in");
    await page.goto(`${base}/assets`);
    await heading("Log in");
  });
  console.log("The console works.");
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await session.close();
}
