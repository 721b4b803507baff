// Searching in all files, and opening files by their name.
import { check, equal } from "./console_page.mjs";
import { FilesPage, workspace } from "./files_page.mjs";

const tree = {
  "/src/main.c": "int main(void) {\n  return wanted();\n}\n",
  "/src/deep/other.c": "/* Wanted: a name */\nint unwanted;\n",
  "/notes.txt": "nothing here\n",
  "/.hidden/secret.txt": "wanted too\n",
};

async function search(files, text) {
  await files.at("view-search").click();
  await files.at("find-field").fill(text);
}

async function found(files, summary) {
  await files
    .at("find-sum")
    .filter({ hasText: summary })
    .waitFor();
}

/** The selected text in the editor in sight. */
function selected(files) {
  return files.page.evaluate(() => getSelection().toString());
}

export default {
  "what is found opens at its line": async ({ open, daemon }) => {
    const many = Array.from({ length: 300 }, (_, at) => `line ${at}\n`);
    many[250] = "here is the NEEDLE to find\n";
    workspace(daemon, { ...tree, "/long.txt": many.join("") });
    const files = await FilesPage.open(open);
    await search(files, "needle");
    await found(files, "1 match in 1 file");
    await files.at("found-match").click();
    await files.panel().getByText("here is the NEEDLE to find").waitFor();
    await files
      .at("status-line")
      .filter({ hasText: "Line 251, column 19 (6 selected)" })
      .waitFor();
    const place = await files.panel().locator(".cm-activeLine").boundingBox();
    check(place.y > 100 && place.y < 600, "the line is in sight");
    await files.at("found-match").dblclick();
    await files.editing();
    equal(await selected(files), "NEEDLE", "selected text");
  },

  "matches are grouped by file, and fold": async ({ open, daemon }) => {
    workspace(daemon, tree);
    const files = await FilesPage.open(open);
    await search(files, "wanted");
    await found(files, "3 matches in 2 files");
    equal(await files.at("found-file").count(), 2, "files");
    await files
      .at("found-file")
      .filter({ hasText: "other.c" })
      .click();
    await files.at("found-match").nth(1).waitFor({ state: "detached" });
    equal(await files.at("found-match").count(), 1, "lines left in sight");
  },

  "case, whole words and patterns": async ({ open, daemon }) => {
    workspace(daemon, tree);
    const files = await FilesPage.open(open);
    const toggle = (name) =>
      files.at("side-bar").getByRole("button", { name }).click();
    await search(files, "Wanted");
    await found(files, "3 matches");
    await toggle("Match case");
    await found(files, "1 match in 1 file");
    await toggle("Match case");
    await toggle("Whole words");
    await found(files, "2 matches in 2 files");
    await toggle("Whole words");
    await toggle("Regular expression");
    await files.at("find-field").fill("^int .*;$");
    await found(files, "1 match in 1 file");
    await files.at("find-field").fill("wanted(");
    await files.console.until(() => {
      const sum = document.querySelector("[data-testid=find-sum]");
      return /\w/.test(sum.textContent) && !/match|Search/.test(sum.textContent);
    });
    await toggle("Regular expression");
    await found(files, "1 match in 1 file");
  },

  "hidden files are found when they are asked for": async ({
    open,
    daemon,
  }) => {
    workspace(daemon, tree);
    const files = await FilesPage.open(open);
    await search(files, "wanted too");
    await found(files, "Nothing found. Hidden and ignored files were left out.");
    await files.page
      .getByRole("button", { name: "Hidden and ignored files too" })
      .click();
    await found(files, "1 match in 1 file");
    await search(files, "no such text");
    await found(files, /^Nothing found\.$/);
  },

  "found lines are walked with the keyboard": async ({ open, daemon }) => {
    workspace(daemon, tree);
    const files = await FilesPage.open(open);
    await search(files, "unwanted");
    await found(files, "1 match");
    await files.press("ArrowDown"); // from the field to the list
    await files.press("ArrowDown");
    await files.press("ArrowDown");
    await files.press("Enter");
    await files.content().waitFor();
    await files
      .at("status-line")
      .filter({ hasText: "Line 2, column 13 (8 selected)" })
      .waitFor();
    await files.type("needed");
    await files.dirty("/src/deep/other.c", true);
  },

  "a file is opened by a part of its name": async ({ open, daemon }) => {
    workspace(daemon, tree);
    const files = new FilesPage(await open());
    await files.press("Control+p");
    await files.at("open-field").fill("deep/oth");
    await files.at("open-found").filter({ hasText: "other.c" }).waitFor();
    await files.at("open-field").fill("main:2");
    await files.at("open-found").filter({ hasText: "main.c" }).waitFor();
    await files.press("Enter");
    await files.content().waitFor();
    await files
      .at("status-line")
      .filter({ hasText: "Line 2, column 1" })
      .waitFor();
    await files.console.until(
      () => document.activeElement.closest(".cm-editor") !== null,
    );
    await files.press("Control+p");
    await files.at("open-field").fill("nothing of that name");
    await files.page.getByText("No file has that in its path.").waitFor();
    await files.press("Escape");
    await files.at("open-dialog").waitFor({ state: "detached" });
  },

  "in a terminal Ctrl+P is the shell's": async ({ open, daemon }) => {
    workspace(daemon, tree);
    const console = await open();
    await console.create();
    await console.run("echo again-${PPID:+and}", /^again-and$/);
    await console.press("Control+p");
    await console.press("Enter");
    await console.sees(/^again-and$[^]*^again-and$/);
    equal(await console.at("open-dialog").count(), 0, "dialogs");
    await console.press("Control+Shift+O");
    await console.at("open-dialog").waitFor();
  },

  "Ctrl+Shift+F searches where no terminal is in front": async ({
    open,
    daemon,
  }) => {
    workspace(daemon, tree);
    const files = await FilesPage.open(open);
    await files.edit("/notes.txt");
    await files.press("Control+Shift+F");
    await files.console.until(
      () => document.activeElement.dataset.testid === "find-field",
    );
    await files.press("Escape");
    await files.type("x");
    await files.dirty("/notes.txt", true);
    await files.console.create();
    await files.console.focusTerminal();
    await files.press("Control+Shift+F");
    await files.at("search-field").waitFor();
  },
};
