// A real browser and the steps of a test in it: each is printed, and a failing one leaves a picture.

import { mkdir } from "node:fs/promises";
import path from "node:path";
import axe from "axe-core";
import { chromium } from "playwright-core";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const SIZE = { width: 1440, height: 900 };
/** Longest wait for anything a page does by itself, in milliseconds. */
const PATIENCE = 20_000;

/** What the console may say without being at fault: nobody is logged in at first, and a wrong password is tried. */
const EXPECTED = /status of 401|status of 422/;

/** @typedef {{ page: import("playwright-core").Page, step: Step, shot: (name: string) => Promise<void>, close: () => Promise<void> }} Session */
/** @typedef {(words: string, act: () => Promise<unknown>) => Promise<void>} Step */

/**
 * Starts a browser.
 * @param {string | undefined} pictures folder for pictures
 * @returns {Promise<Session>}
 */
export async function start(pictures) {
  if (pictures) await mkdir(pictures, { recursive: true });
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
  const context = await browser.newContext({
    viewport: SIZE,
    colorScheme: "light",
    ignoreHTTPSErrors: true,
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  /** @type {string[]} */
  const faults = [];
  page.on("pageerror", (error) => faults.push(`uncaught: ${error.message}`));
  page.on("console", (message) => {
    // Whether a file is there already is asked before it is sent.
    const isAsked =
      message.text().includes("status of 404") && message.location().url.includes("/custom-patches/content/");
    if (message.type() === "error" && !isAsked && !EXPECTED.test(message.text())) faults.push(message.text());
  });

  const shot = async (/** @type {string} */ name) => {
    if (pictures) await page.screenshot({ path: path.join(pictures, `${name}.png`) });
  };
  const step = async (/** @type {string} */ words, /** @type {() => Promise<unknown>} */ act) => {
    const began = Date.now();
    try {
      await act();
      if (faults.length) throw new Error(`the console reports: ${faults.join("; ")}`);
      console.log(`ok    ${words} (${Date.now() - began} ms)`);
    } catch (error) {
      console.error(`FAIL  ${words} at ${page.url()}`);
      await shot("failure").catch(() => {});
      throw error;
    }
  };
  return { page, step, shot, close: () => browser.close() };
}

/**
 * Fails when axe finds anything wrong with the page, in light and in dark.
 * @param {import("playwright-core").Page} page
 */
export async function accessible(page) {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    await page.emulateMedia({ colorScheme });
    await page.waitForFunction(
      (wanted) => document.documentElement.dataset.mantineColorScheme === wanted,
      colorScheme,
    );
    await page.evaluate(`if (!window.axe) { ${axe.source} }`);
    const found = await page.evaluate(async () => {
      const { axe: judge } = /** @type {typeof globalThis & { axe: typeof import("axe-core") }} */ (
        globalThis
      );
      const { violations } = await judge.run(document, { resultTypes: ["violations"] });
      return violations.map(({ id, help, nodes }) => ({
        id,
        help,
        where: nodes
          .slice(0, 4)
          .map((node) => `${node.target.join(" ")}: ${node.any[0]?.message ?? node.all[0]?.message ?? ""}`),
      }));
    });
    if (found.length) {
      const words = found
        .map(({ id, help, where }) => `${id}: ${help}\n    ${where.join("\n    ")}`)
        .join("\n  ");
      throw new Error(`axe, ${colorScheme}:\n  ${words}`);
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
}

/**
 * Takes a picture of the page in light and one in dark.
 * @param {Session} session
 * @param {string} name
 */
export async function pictures({ page, shot }, name) {
  for (const colorScheme of /** @type {const} */ (["dark", "light"])) {
    await page.emulateMedia({ colorScheme });
    await page.waitForFunction(
      (wanted) => document.documentElement.dataset.mantineColorScheme === wanted,
      colorScheme,
    );
    await shot(`${name}-${colorScheme}`);
  }
}

/**
 * Fails with these words when something is not so.
 * @param {unknown} condition
 * @param {string} words
 * @returns {asserts condition}
 */
export function check(condition, words) {
  if (!condition) throw new Error(words);
}
