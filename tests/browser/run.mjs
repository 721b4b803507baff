// Browser tests: the real daemon, its real page, a real Chromium.
//
//   node tests/browser/run.mjs --outrigger PATH --holder PATH [--only TEXT]
//
// TEXT is a part of "suite: name". Everything runs in a temporary directory
// and on a free port; whatever was started is stopped again. Exit code 0: all
// passed; 1: some failed; 77: not run, for the reason printed. CHROMIUM names
// another browser.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { Daemon } from "./daemon.mjs";
import { ConsolePage } from "./console_page.mjs";

const { values: options } = parseArgs({
  options: {
    outrigger: { type: "string" },
    holder: { type: "string" },
    only: { type: "string", default: "" },
  },
});

const suites = [
  ...["typing", "tabs", "looks", "reconnect", "access", "frames"],
  ...["files_tree", "files_editor", "files_upload", "files_search"],
];

const browserPath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const browserArgs = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

function skip(reason) {
  console.log(`SKIPPED: ${reason}`);
  process.exit(77);
}

function loadPlaywright() {
  const web = new URL("../../web/package.json", import.meta.url);
  try {
    return createRequire(web)("playwright-core");
  } catch {
    return skip("web/node_modules is missing: run tools/setup");
  }
}

if (!options.outrigger || !existsSync(options.outrigger))
  skip(`no daemon at ${options.outrigger ?? "--outrigger"}`);
if (!existsSync(browserPath)) skip(`no browser at ${browserPath}`);
const { chromium } = loadPlaywright();

const cases = [];
for (const suite of suites) {
  const { default: tests } = await import(`./${suite}.test.mjs`);
  for (const [name, body] of Object.entries(tests))
    cases.push({ name, body, place: `${suite}: ${name}` });
}

const folder = mkdtempSync(join(tmpdir(), "outrigger-browser-"));
const daemon = new Daemon(options, folder);
const cspReports = [];
let passed = 0;
let failed = 0;
let browser = null;

/** One test: its own browser profile, no terminals left by the one before. */
async function runCase({ name, body }) {
  const context = await browser.newContext({
    viewport: { width: 1000, height: 640 },
    permissions: ["clipboard-read", "clipboard-write"],
    colorScheme: "dark",
  });
  context.on("console", (message) => {
    if (/content security policy/i.test(message.text()))
      cspReports.push(`${name}: ${message.text()}`);
  });
  const errors = [];
  context.on("weberror", (event) => errors.push(event.error()));
  const started = Date.now();
  try {
    await daemon.ensureRunning();
    await daemon.deleteAll();
    const open = () => ConsolePage.open(context, daemon);
    await body({ context, daemon, open });
    if (errors.length > 0) throw errors[0];
    passed++;
    console.log(`ok - ${name} (${Date.now() - started} ms)`);
  } catch (failure) {
    failed++;
    console.log(`not ok - ${name}`);
    console.log(String(failure?.stack ?? failure).replace(/^/gm, "  # "));
    await describePages(context);
  }
  await context.close();
}

/** What the pages showed when a test failed. */
async function describePages(context) {
  for (const page of context.pages()) {
    const state = await page
      .evaluate(() => ({
        toasts: document.querySelector(".toasts")?.textContent,
        link: window.__outrigger?.link(),
        terminals: window.__outrigger?.terminals(),
        text: window.__outrigger?.text().slice(-600),
      }))
      .catch((failure) => String(failure));
    console.log(`  # page: ${JSON.stringify(state)}`);
  }
}

try {
  await daemon.start();
  browser = await chromium.launch({
    executablePath: browserPath,
    headless: true,
    args: browserArgs,
  });
  for (const each of cases)
    if (each.place.includes(options.only)) await runCase(each);
  if (cspReports.length > 0) {
    failed++;
    console.log("not ok - the page keeps to its content security policy");
    for (const report of cspReports) console.log(`  # ${report}`);
  } else {
    passed++;
    console.log("ok - the page keeps to its content security policy");
  }
} catch (failure) {
  failed++;
  console.log(`not ok - the tests could not run: ${failure?.stack ?? failure}`);
} finally {
  await browser?.close();
  const left = await daemon.stop();
  if (left.length > 0) {
    failed++;
    console.log(`not ok - processes were left behind: ${left.join(", ")}`);
  }
  if (failed > 0) console.log(daemon.log().replace(/^/gm, "  # daemon: "));
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
