// The files' part of the console page as a test sees it: the workspace on the
// disk, the tree, the open files. Every wait is for a condition.
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

import { eventually } from "./console_page.mjs";

/** The workspace folder, with exactly these files; a path that ends in a
 * slash is a folder. */
export function workspace(daemon, files) {
  for (const name of readdirSync(daemon.root))
    rmSync(join(daemon.root, name), { recursive: true, force: true });
  const disk = new Disk(daemon.root);
  for (const [path, content] of Object.entries(files))
    if (path.endsWith("/")) disk.mkdir(path);
    else disk.write(path, content);
  return disk;
}

/** What lies in the workspace, by paths that begin there. */
class Disk {
  constructor(root) {
    this.root = root;
  }

  at(path) {
    return join(this.root, path);
  }

  write(path, content) {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), content);
  }

  mkdir(path) {
    mkdirSync(this.at(path), { recursive: true });
  }

  move(from, to) {
    renameSync(this.at(from), this.at(to));
  }

  remove(path) {
    rmSync(this.at(path), { recursive: true });
  }

  text(path) {
    return readFileSync(this.at(path), "utf8");
  }

  bytes(path) {
    return readFileSync(this.at(path));
  }

  has(path) {
    return existsSync(this.at(path));
  }

  names(path = "/") {
    return readdirSync(this.at(path)).sort();
  }

  async becomes(path, content) {
    await eventually(
      () => this.has(path) && this.text(path) === content,
      `${path} is ${JSON.stringify(content)}`,
    );
  }

  async appears(path) {
    await eventually(() => this.has(path), `${path} is there`);
  }

  async vanishes(path) {
    await eventually(() => !this.has(path), `${path} is gone`);
  }
}

export class FilesPage {
  constructor(console) {
    this.console = console;
    this.page = console.page;
  }

  /** A new window with the tree in sight. */
  static async open(open) {
    const files = new FilesPage(await open());
    await files.showTree();
    return files;
  }

  async showTree() {
    if ((await this.at("side-bar").count()) === 0) await this.at("files").click();
    await this.at("tree").waitFor();
    await this.at("tree-row").first().waitFor();
  }

  at(testid) {
    return this.console.at(testid);
  }

  async press(keys) {
    await this.page.keyboard.press(keys);
  }

  async type(text) {
    await this.page.keyboard.type(text);
  }

  // -- the tree ----------------------------------------------------------------

  row(path) {
    return this.page.locator(
      `[data-testid=tree-row][data-path=${quoted(path)}]`,
    );
  }

  /** Waits until it is there. */
  async sees(path) {
    await this.row(path).waitFor();
  }

  async seesNot(path) {
    await this.row(path).waitFor({ state: "detached" });
  }

  /** Paths of the rows in the page, from the top. */
  async paths() {
    const rows = await this.at("tree-row").all();
    const found = await Promise.all(
      rows.map(async (row) => ({
        path: await row.getAttribute("data-path"),
        index: Number(await row.getAttribute("data-index")),
      })),
    );
    return found.sort((a, b) => a.index - b.index).map(({ path }) => path);
  }

  async openFolder(path) {
    await this.sees(path);
    if ((await this.row(path).getAttribute("aria-expanded")) !== "true")
      await this.row(path).click();
  }

  /** Chooses an item of the menu of a row. */
  async menu(path, label) {
    await this.row(path).click({ button: "right" });
    await this.at("menu")
      .getByRole("menuitem", { name: label, exact: true })
      .click();
  }

  // -- open files ----------------------------------------------------------------

  /** The panel in sight. */
  panel() {
    return this.page.locator("[data-testid=file-panel]:not([hidden])");
  }

  content() {
    return this.panel().locator(".editor-place .cm-content");
  }

  /** By the tree; the keyboard is in the editor then. */
  async edit(path) {
    await this.row(path).dblclick();
    await this.tab(path).and(this.page.locator(".selected")).waitFor();
    await this.editing();
  }

  /** Waits until what is typed goes into the editor in sight. */
  async editing() {
    await this.console.until(() =>
      document.activeElement?.closest(
        "[data-testid=file-panel]:not([hidden]) .cm-editor",
      ),
    );
  }

  tab(path) {
    return this.page.locator(
      `[data-testid=file-tab][data-path=${quoted(path)}]`,
    );
  }

  async text() {
    const lines = await this.content().locator(".cm-line").allTextContents();
    return lines.join("\n");
  }

  async shows(text) {
    await this.console.until((wanted) => {
      const place = "[data-testid=file-panel]:not([hidden]) .editor-place";
      const lines = document.querySelectorAll(`${place} .cm-line`);
      return [...lines].map((each) => each.textContent).join("\n") === wanted;
    }, text);
  }

  async dirty(path, wanted) {
    const marked = this.page.locator(wanted ? ".dirty" : ":not(.dirty)");
    await this.tab(path).and(marked).waitFor();
  }

  async save() {
    await this.press("Control+s");
  }
}

/** As CSS writes a text. */
function quoted(text) {
  return JSON.stringify(text).replaceAll("\\n", "\\a ");
}

/** A token of the daemon with fewer rights. */
export function narrowToken(daemon, scope) {
  const { outrigger, state } = daemon.command;
  const args = ["token", "create", "--state-dir", state, "--scope", scope];
  return execFileSync(outrigger, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
}
