// What people bring into the catalog: files of their own, other places to fetch from; and what it says of vulnerabilities.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accessible, check, pictures } from "./browser.mjs";

/** @typedef {import("./query.mjs").Place} Place */

/** Makes a package with Debian's own tool. */
function packageFile(/** @type {string} */ folder) {
  const root = join(folder, "root");
  mkdirSync(join(root, "DEBIAN"), { recursive: true });
  const control = {
    Package: "acme-tool",
    Version: "2.1-1",
    Architecture: "all",
    Maintainer: "Acme <acme@example.org>",
    Description: "a tool of our own",
  };
  const text = Object.entries(control).map(([field, value]) => `${field}: ${value}\n`);
  writeFileSync(join(root, "DEBIAN/control"), text.join(""));
  const file = join(folder, "acme-tool.deb");
  execFileSync("dpkg-deb", ["--build", "--root-owner-group", root, file], { stdio: "ignore" });
  return file;
}

/**
 * Custom patches, mirrors, download locations, vulnerabilities.
 * @param {Place} place
 */
export async function catalog(place) {
  const { session, open } = place;
  const { page, step } = session;
  const folder = mkdtempSync(join(tmpdir(), "fettle-console-"));

  await step("a package of one's own is uploaded, and is a patch", async () => {
    await open("/configuration/custom-patches", /^Custom patches/);
    await accessible(page);
    await page.getByRole("link", { name: "Upload a patch" }).first().click();
    await page.getByLabel("File", { exact: true }).setInputFiles(packageFile(folder));
    await page.getByText("acme-tool", { exact: false }).first().waitFor();
    const release = page.getByRole("combobox", { name: "Release" });
    await release.waitFor();
    await release.fill("debian/bookworm");
    await page.keyboard.press("Escape");
    await accessible(page);
    await pictures(session, "custom-patch-new");
    await page.getByRole("button", { name: "Make patch" }).click();
    await page.getByRole("button", { name: /^Delete/ }).waitFor();
    await accessible(page);
    await pictures(session, "custom-patch");
    await open("/patches?query=acme&applicable=all", /^Patches/);
    await page
      .getByRole("link", { name: /acme-tool/ })
      .first()
      .waitFor();
    await open("/configuration/custom-patches", /^Custom patches/);
    await page
      .getByRole("link", { name: /acme-tool/ })
      .first()
      .waitFor();
    await pictures(session, "custom-patches");
  });

  await step("what is no package is refused, and says why", async () => {
    const file = join(folder, "letter.deb");
    writeFileSync(file, "not a package");
    await open("/configuration/custom-patches/new", "New custom patch");
    await page.getByLabel("File", { exact: true }).setInputFiles(file);
    await page.getByRole("alert").waitFor();
    await page.getByRole("button", { name: "Choose another file" }).waitFor();
    await pictures(session, "custom-patch-refused");
  });
  rmSync(folder, { recursive: true });

  await step("a mirror is made", async () => {
    await open("/configuration/mirrors", "Mirrors");
    await page.getByRole("button", { name: "New mirror" }).first().click();
    const form = page.getByRole("dialog");
    await form.getByLabel("Name").fill("Inner mirror");
    await form.getByLabel("Addresses that begin with").fill("https://vendor.example/");
    await form.getByLabel("Begin with this instead").fill("https://mirror.example/vendor/");
    await accessible(page);
    await pictures(session, "mirror-form");
    await form.getByRole("button", { name: "Make mirror" }).click();
    await form.waitFor({ state: "detached" });
    await page.getByText("Inner mirror").first().waitFor();
    await accessible(page);
    await pictures(session, "mirrors");
  });

  await step("Download locations: the hosts that agents must reach", async () => {
    await open("/configuration/download-locations", /^Download locations/);
    await page.getByText("This server").first().waitFor();
    await accessible(page);
    await pictures(session, "download-locations");
  });

  await step("Vulnerabilities: which assets are exposed, and what fixes them", async () => {
    await open("/vulnerabilities", /^Vulnerabilities/);
    await place.rows().first().waitFor();
    await accessible(page);
    await pictures(session, "vulnerabilities");
    const first = page.getByRole("link", { name: /^CVE-/ }).first();
    const cve = await first.textContent();
    await first.click();
    await page.getByRole("heading", { level: 1, name: cve ?? "" }).waitFor();
    await page.getByText("Patches that fix it").waitFor();
    check((await page.getByRole("link", { name: /a patch for it$/ }).count()) === 1, "nobody is counted");
    await accessible(page);
    await pictures(session, "vulnerability");
  });

  await step("a feed tells what its synchronisations changed", async () => {
    await open("/configuration/feeds", "Feeds");
    await page.getByRole("button", { name: "What changed" }).first().click();
    const drawer = page.getByRole("dialog", { name: /^What changed/ });
    await drawer.getByText("Which patches").first().click();
    await drawer.getByRole("region", { name: "Added" }).first().waitFor();
    await accessible(page);
    await pictures(session, "feed-history");
    await page.keyboard.press("Escape");
  });
}
