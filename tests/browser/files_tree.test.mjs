// The tree of files in the side bar: what it shows, what is done in it.
import { symlinkSync } from "node:fs";

import { check, ConsolePage, equal } from "./console_page.mjs";
import { FilesPage, narrowToken, workspace } from "./files_page.mjs";

export default {
  "the tree lists folders first and opens them": async ({ open, daemon }) => {
    workspace(daemon, {
      "/b.txt": "",
      "/a10.txt": "",
      "/a9.txt": "",
      "/src/lib/deep.c": "",
      "/src/main.c": "",
      "/empty/": "",
    });
    const files = await FilesPage.open(open);
    const top = ["/empty", "/src", "/a9.txt", "/a10.txt", "/b.txt"];
    equal(await files.paths(), top, "rows at first");
    await files.openFolder("/src");
    await files.openFolder("/src/lib");
    await files.sees("/src/lib/deep.c");
    equal(
      (await files.paths()).slice(1, 5),
      ["/src", "/src/lib", "/src/lib/deep.c", "/src/main.c"],
      "rows of the open folder",
    );
    const deep = files.row("/src/lib/deep.c");
    equal(await deep.getAttribute("aria-level"), "3", "level");
    const folder = files.page.getByRole("treeitem", { name: "src" });
    equal(await folder.getAttribute("aria-expanded"), "true", "expanded");
    await files.row("/src").click();
    await files.seesNot("/src/main.c");
    await files.row("/empty").click();
    await files.at("tree").getByText("empty", { exact: true }).nth(1).waitFor();
  },

  "what others do to files is seen without asking": async ({
    open,
    daemon,
  }) => {
    const disk = workspace(daemon, { "/src/old.c": "", "/gone/": "" });
    const files = await FilesPage.open(open);
    await files.openFolder("/src");
    await files.sees("/src/old.c");
    disk.write("/src/new.c", "int x;\n");
    await files.sees("/src/new.c");
    disk.write("/src/sub/below.c", "");
    await files.openFolder("/src/sub");
    await files.sees("/src/sub/below.c");
    disk.remove("/src/old.c");
    await files.seesNot("/src/old.c");
    disk.remove("/gone");
    await files.seesNot("/gone");
  },

  "a folder of 20,000 files is a few rows in the page": async ({
    open,
    daemon,
  }) => {
    const many = Array.from({ length: 20_000 }, (_, at) => [`/big/f${at}`, ""]);
    const disk = workspace(daemon, Object.fromEntries(many));
    const files = await FilesPage.open(open);
    await files.openFolder("/big");
    await files.sees("/big/f0");
    check((await files.at("tree-row").count()) < 100, "few rows are made");
    await files.at("tree").focus();
    await files.press("End");
    await files.sees("/big/f19999");
    equal(
      await files.row("/big/f19999").getAttribute("aria-setsize"),
      "20000",
      "size of the set",
    );
    disk.write("/big/f19999b", "");
    await files.press("End");
    await files.sees("/big/f19999b");
  },

  "files are made, renamed, copied and deleted": async ({ open, daemon }) => {
    const disk = workspace(daemon, { "/docs/a.md": "# A\n" });
    const files = await FilesPage.open(open);
    await files.menu("/docs", "New file…");
    await files.at("name-field").fill("b c.md");
    await files.press("Enter");
    await files.sees("/docs/b c.md");
    await disk.appears("/docs/b c.md");
    await files.tab("/docs/b c.md").waitFor();

    await files.menu("/docs", "New folder…");
    await files.at("name-field").fill("sub");
    await files.press("Enter");
    await files.sees("/docs/sub");

    await files.menu("/docs/a.md", "Rename…");
    const selection = await files.page.evaluate(() =>
      getSelection().toString(),
    );
    equal(selection, "a", "selected for renaming: all but the ending");
    await files.type("readme");
    await files.press("Enter");
    await files.sees("/docs/readme.md");
    equal(disk.text("/docs/readme.md"), "# A\n", "content after renaming");

    await files.menu("/docs/readme.md", "Duplicate");
    await files.sees("/docs/readme copy.md");
    equal(disk.text("/docs/readme copy.md"), "# A\n", "content of the copy");

    await files.menu("/docs/sub", "Delete…");
    await files.at("delete-confirm").click();
    await disk.vanishes("/docs/sub");
    await files.seesNot("/docs/sub");
  },

  "a name that is taken is refused while it is typed": async ({
    open,
    daemon,
  }) => {
    const disk = workspace(daemon, { "/a.txt": "A", "/b.txt": "B" });
    const files = await FilesPage.open(open);
    await files.menu("/a.txt", "Rename…");
    await files.at("name-field").fill("b.txt");
    await files.page.getByText("That name is taken.").waitFor();
    await files.press("Enter");
    await files.press("Escape");
    await files.at("name-field").waitFor({ state: "detached" });
    equal(disk.names(), ["a.txt", "b.txt"], "names");
    equal(disk.text("/b.txt"), "B", "content");
  },

  "the keyboard alone walks, opens, renames and deletes": async ({
    open,
    daemon,
  }) => {
    const disk = workspace(daemon, {
      "/lib/one.txt": "1",
      "/lib/two.txt": "2",
      "/zebra.txt": "z",
    });
    const files = await FilesPage.open(open);
    await files.press("Control+Shift+E");
    await files.press("Home");
    await files.press("ArrowRight"); // opens the folder
    await files.sees("/lib/one.txt");
    await files.press("ArrowRight"); // goes into it
    await files.press("ArrowDown");
    await files.press("F2");
    await files.at("name-field").fill("three.txt");
    await files.press("Enter");
    await files.sees("/lib/three.txt");
    await files.press("z"); // by its name
    await files.press("Enter");
    await files.shows("z");
    await files.press("Control+Shift+E");
    await files.press("Delete");
    await files.at("delete-dialog").waitFor();
    await files.press("Enter");
    await disk.vanishes("/zebra.txt");
    await files.press("Home");
    await files.press("ArrowLeft");
    await files.seesNot("/lib/three.txt");
    equal(disk.names("/lib"), ["one.txt", "three.txt"], "names in lib");
  },

  "files are moved by dragging, and their tabs go with them": async ({
    open,
    daemon,
  }) => {
    const disk = workspace(daemon, { "/a.txt": "A", "/to/": "", "/keep": "" });
    const files = await FilesPage.open(open);
    await files.edit("/a.txt");
    await files.row("/a.txt").dragTo(files.row("/to"));
    await disk.appears("/to/a.txt");
    await files.sees("/to/a.txt");
    await files.tab("/to/a.txt").waitFor();
    await files.content().focus();
    await files.type("!");
    await files.save();
    await disk.becomes("/to/a.txt", "!A");
    check(!disk.has("/a.txt"), "nothing is left behind");
  },

  "several files are chosen and deleted at once": async ({ open, daemon }) => {
    const names = ["/a", "/b", "/c", "/d", "/e"];
    const disk = workspace(
      daemon,
      Object.fromEntries(names.map((name) => [name, ""])),
    );
    const files = await FilesPage.open(open);
    await files.row("/a").click();
    await files.row("/c").click({ modifiers: ["Shift"] });
    await files.row("/e").click({ modifiers: ["Control"] });
    await files.press("Delete");
    await files.at("delete-dialog").getByText("a, b, c, e").waitFor();
    await files.at("delete-confirm").click();
    await disk.vanishes("/e");
    equal(disk.names(), ["d"], "what is left");
  },

  "open folders, files and the side bar survive a reload": async ({
    open,
    daemon,
  }) => {
    workspace(daemon, { "/src/lib/a.c": "int a;", "/b.txt": "B" });
    const files = await FilesPage.open(open);
    await files.openFolder("/src");
    await files.openFolder("/src/lib");
    await files.edit("/src/lib/a.c");
    await files.edit("/b.txt");
    await files.tab("/src/lib/a.c").getByRole("tab").click();
    await files.page.reload();
    await files.sees("/src/lib/a.c");
    await files.shows("int a;");
    equal(await files.at("file-tab").count(), 2, "open files");
    await files.tab("/b.txt").getByRole("tab").click();
    await files.shows("B");
  },

  "a terminal opens in a folder": async ({ open, daemon }) => {
    workspace(daemon, { "/some where/x": "" });
    const files = await FilesPage.open(open);
    await files.menu("/some where", "Open terminal here");
    await files.console.created();
    await files.console.run("pwd", /root\/some where$/);
  },

  "a reconnect shows what has changed meanwhile": async ({ open, daemon }) => {
    const disk = workspace(daemon, { "/a.txt": "A", "/b.txt": "B" });
    const files = await FilesPage.open(open);
    await files.edit("/a.txt");
    await daemon.kill();
    disk.write("/new.txt", "");
    disk.remove("/b.txt");
    disk.write("/a.txt", "changed");
    await daemon.start();
    await files.sees("/new.txt");
    await files.seesNot("/b.txt");
    await files.shows("changed");
    disk.write("/later.txt", "");
    await files.sees("/later.txt");
  },

  "names may have any characters": async ({ open, daemon }) => {
    const names = [
      ...["/a b#c?%41.txt", "/-rf.txt", "/ümläut ✓.txt", '/"quoted".txt'],
      ...["/two\nlines.txt", "/back\\slash", "/שלום.txt", "/\u202egnp.exe"],
      ...["/👩‍👩‍👧.txt", "/ends with blank ", "/'; a & b <i>.txt"],
    ];
    const contents = names.map((name, at) => [name, `text ${at}`]);
    const disk = workspace(daemon, Object.fromEntries(contents));
    const files = await FilesPage.open(open);
    for (const [name, content] of contents) {
      await files.edit(name);
      await files.shows(content);
      await files.type("x");
      await files.save();
      await disk.becomes(name, `x${content}`);
    }
  },

  "what the daemon never reports is seen a little later": async ({
    open,
    daemon,
  }) => {
    const disk = workspace(daemon, { "/a.txt": "" });
    const files = await FilesPage.open(open);
    disk.write("/build/out.txt", "first");
    await files.openFolder("/build");
    await files.edit("/build/out.txt");
    disk.write("/build/out.txt", "second");
    await files.shows("second");
    disk.write("/build/more.txt", "");
    await files.sees("/build/more.txt");
  },

  "a link to a folder opens like one": async ({ open, daemon }) => {
    const disk = workspace(daemon, { "/real/inside.txt": "I" });
    symlinkSync("real", disk.at("/link"));
    const files = await FilesPage.open(open);
    await files.row("/link").click();
    await files.edit("/link/inside.txt");
    await files.shows("I");
  },

  "paths are copied": async ({ open, daemon }) => {
    const disk = workspace(daemon, { "/src/a.c": "" });
    const files = await FilesPage.open(open);
    await files.openFolder("/src");
    const clipboard = () =>
      files.page.evaluate(() => navigator.clipboard.readText());
    await files.menu("/src/a.c", "Copy path");
    await files.console.until(
      async () => (await navigator.clipboard.readText()) === "src/a.c",
    );
    await files.menu("/src/a.c", "Copy absolute path");
    await files.console.until(async () =>
      (await navigator.clipboard.readText()).startsWith("/"),
    );
    equal(await clipboard(), disk.at("/src/a.c"), "absolute path");
  },

  "a daemon that reports nothing leaves a button to look again": async ({
    context,
    daemon,
  }) => {
    const disk = workspace(daemon, { "/a.txt": "" });
    const page = await context.newPage();
    await page.routeWebSocket(/\/ws\?/, (socket) => {
      const server = socket.connectToServer();
      socket.onMessage((message) => {
        if (typeof message === "string" && message.includes('"watcher"'))
          socket.send(
            '{"channel":"terminal","type":"error","code":"malformed",' +
              '"error":"unknown channel"}',
          );
        else server.send(message);
      });
    });
    await page.goto(daemon.consoleUrl);
    const files = new FilesPage(new ConsolePage(page, daemon));
    await files.showTree();
    await files.at("live-note").waitFor();
    equal(await files.at("toast").count(), 0, "messages");
    disk.write("/b.txt", "");
    await files.at("live-note").getByRole("button").click();
    await files.sees("/b.txt");
  },

  "a token without the right to see files is told so": async ({
    context,
    daemon,
  }) => {
    workspace(daemon, { "/a.txt": "" });
    const page = await context.newPage();
    await page.goto(`${daemon.origin}/#token=${narrowToken(daemon, "terminal")}`);
    const console = new ConsolePage(page, daemon);
    await console.connected();
    await console.at("files").click();
    await page.getByText("This token may not do that").waitFor();
  },

  "a narrow window shows the tree over the rest": async ({ open, daemon }) => {
    workspace(daemon, { "/a.txt": "narrow" });
    const files = await FilesPage.open(open);
    await files.page.setViewportSize({ width: 400, height: 700 });
    await files.row("/a.txt").click();
    await files.shows("narrow");
    await files.at("side-bar").waitFor({ state: "detached" });
    const width = await files.page.evaluate(() => document.body.scrollWidth);
    check(width <= 400, `nothing beyond 400 pixels, not ${width}`);
    for (const name of ["files", "new", "settings", "status-line"])
      check(await files.at(name).isVisible(), `${name} in sight`);
  },
};
