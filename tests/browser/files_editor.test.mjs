// The editor: typing and saving, what happens when others write the same
// file, what is shown of files that are not text.
import { readFileSync } from "node:fs";
import { deflateSync } from "node:zlib";

import { check, ConsolePage, equal } from "./console_page.mjs";
import { FilesPage, narrowToken, workspace } from "./files_page.mjs";

/** Opens a file, types into it, lets somebody else write it and saves. */
async function conflict(open, daemon) {
  const disk = workspace(daemon, { "/a.txt": "one\ntwo\nthree\n" });
  const files = await FilesPage.open(open);
  await files.edit("/a.txt");
  await files.type("mine ");
  await files.dirty("/a.txt", true);
  disk.write("/a.txt", "one\ntwo\ntheirs\n");
  await files.at("outdated-notice").waitFor();
  await files.save();
  await files.at("comparison").locator(".cm-line").first().waitFor();
  equal(disk.text("/a.txt"), "one\ntwo\ntheirs\n", "not overwritten unasked");
  return { disk, files };
}

export default {
  "a file is edited and saved": async ({ open, daemon }) => {
    const disk = workspace(daemon, { "/hello.txt": "world\n" });
    const files = await FilesPage.open(open);
    await files.edit("/hello.txt");
    await files.shows("world\n");
    await files.type("hello ");
    await files.dirty("/hello.txt", true);
    equal(disk.text("/hello.txt"), "world\n", "on the disk before saving");
    await files.save();
    await files.dirty("/hello.txt", false);
    equal(disk.text("/hello.txt"), "hello world\n", "on the disk");
    await files.type("oh, ");
    await files.at("save").click();
    await disk.becomes("/hello.txt", "hello oh, world\n");
    equal(await files.page.title(), "hello.txt – outrigger", "window title");
    await files.press("Control+z");
    await files.press("Control+z");
    await files.dirty("/hello.txt", true);
  },

  "closing with unsaved changes asks": async ({ open, daemon }) => {
    const disk = workspace(daemon, { "/a.txt": "A", "/b.txt": "B" });
    const files = await FilesPage.open(open);
    await files.edit("/a.txt");
    await files.type("1");
    await files.press("Control+Shift+W");
    await files.at("unsaved-dialog").waitFor();
    await files.press("Escape");
    await files.at("unsaved-dialog").waitFor({ state: "detached" });
    await files.shows("1A");

    await files.press("Control+Shift+W");
    await files.at("unsaved-save").click();
    await files.tab("/a.txt").waitFor({ state: "detached" });
    equal(disk.text("/a.txt"), "1A", "saved on closing");

    await files.edit("/b.txt");
    await files.type("2");
    await files.tab("/b.txt").getByTestId("file-tab-close").click();
    await files.at("unsaved-drop").click();
    await files.tab("/b.txt").waitFor({ state: "detached" });
    equal(disk.text("/b.txt"), "B", "dropped on closing");
  },

  "a look at a file takes the place of the one before": async ({
    open,
    daemon,
  }) => {
    workspace(daemon, { "/a.txt": "A", "/b.txt": "B", "/c.txt": "C" });
    const files = await FilesPage.open(open);
    await files.row("/a.txt").click();
    await files.shows("A");
    await files.row("/b.txt").click();
    await files.shows("B");
    equal(await files.at("file-tab").count(), 1, "tabs after two looks");
    await files.edit("/b.txt");
    await files.row("/c.txt").click();
    await files.shows("C");
    equal(await files.at("file-tab").count(), 2, "tabs: one is kept");
  },

  "a file written by others is shown as it is now": async ({
    open,
    daemon,
  }) => {
    const disk = workspace(daemon, { "/log.txt": "first\n" });
    const files = await FilesPage.open(open);
    await files.edit("/log.txt");
    await files.shows("first\n");
    disk.write("/log.txt", "first\nsecond\n");
    await files.shows("first\nsecond\n");
    await files.dirty("/log.txt", false);
    await files.type("zero ");
    await files.save();
    await disk.becomes("/log.txt", "zero first\nsecond\n");
  },

  "a conflict is shown, and mine can win": async ({ open, daemon }) => {
    const { disk, files } = await conflict(open, daemon);
    await files.at("conflict-mine").click();
    await disk.becomes("/a.txt", "mine one\ntwo\nthree\n");
    await files.dirty("/a.txt", false);
    await files.shows("mine one\ntwo\nthree\n");
  },

  "a conflict is shown, and theirs can win": async ({ open, daemon }) => {
    const { disk, files } = await conflict(open, daemon);
    await files.at("conflict-theirs").click();
    await files.shows("one\ntwo\ntheirs\n");
    await files.dirty("/a.txt", false);
    equal(disk.text("/a.txt"), "one\ntwo\ntheirs\n", "on the disk");
    await files.editing();
    await files.type("then ");
    await files.save();
    await disk.becomes("/a.txt", "then one\ntwo\ntheirs\n");
  },

  "a conflict can wait, and comes again": async ({ open, daemon }) => {
    const { disk, files } = await conflict(open, daemon);
    await files.at("conflict-cancel").click();
    await files.shows("mine one\ntwo\nthree\n");
    await files.dirty("/a.txt", true);
    await files.editing();
    await files.save();
    await files.at("comparison").locator(".cm-line").first().waitFor();
    // Theirs is taken over for the one part that they changed.
    await files.at("comparison").locator(".take-over").last().click();
    await files.at("conflict-mine").click();
    await disk.becomes("/a.txt", "mine one\ntwo\ntheirs\n");
  },

  "what is changed while choosing is not lost by saving": async ({
    open,
    daemon,
  }) => {
    const { disk, files } = await conflict(open, daemon);
    await files.at("comparison").locator(".take-over").last().click();
    await files.save();
    await files.at("conflict-mine").click();
    await disk.becomes("/a.txt", "mine one\ntwo\ntheirs\n");
  },

  "a save whose answer is lost is no conflict": async ({ open, daemon }) => {
    const disk = workspace(daemon, { "/a.txt": "A" });
    const files = await FilesPage.open(open);
    const place = "**/api/v1/files/content?path=%2Fa.txt";
    await files.page.route(place, async (route) => {
      await route.fetch();
      await route.abort();
    });
    await files.edit("/a.txt");
    await files.type("x");
    await files.save();
    await disk.becomes("/a.txt", "xA");
    await files.at("toast").filter({ hasText: "is not saved" }).waitFor();
    await files.page.unroute(place);
    await files.save();
    await files.dirty("/a.txt", false);
    equal(await files.at("conflict").count(), 0, "conflicts");
  },

  "a file that is written all the time is followed": async ({
    open,
    daemon,
  }) => {
    const disk = workspace(daemon, { "/log.txt": "" });
    const files = await FilesPage.open(open);
    await files.edit("/log.txt");
    let lines = 0;
    const writer = setInterval(
      () => disk.write("/log.txt", `line ${++lines}\n`),
      20,
    );
    try {
      await files.content().getByText(/^line \d/).waitFor();
    } finally {
      clearInterval(writer);
    }
    await files.shows(`line ${lines}\n`);
  },

  "a tab follows its file, not a copy put aside": async ({ open, daemon }) => {
    const disk = workspace(daemon, { "/a.txt": "A" });
    const files = await FilesPage.open(open);
    await files.edit("/a.txt");
    disk.move("/a.txt", "/b.txt");
    await files.tab("/b.txt").waitFor();
    disk.move("/b.txt", "/b.bak");
    disk.write("/b.txt", "new");
    await files.shows("new");
    await files.tab("/b.txt").waitFor();
    await files.type("x");
    await files.save();
    await disk.becomes("/b.txt", "xnew");
    equal(disk.text("/b.bak"), "A", "put aside");
  },

  "in a narrow window the versions are one below the other": async ({
    open,
    daemon,
  }) => {
    const disk = workspace(daemon, { "/a.txt": "one\n" });
    const files = await FilesPage.open(open);
    await files.page.setViewportSize({ width: 420, height: 700 });
    await files.row("/a.txt").click();
    await files.editing();
    await files.type("mine ");
    disk.write("/a.txt", "theirs\n");
    await files.at("outdated-compare").click();
    const place = files.at("comparison");
    await place.locator(".cm-deletedChunk").waitFor();
    equal(await place.locator(".cm-editor").count(), 1, "editors");
    await files.at("conflict-theirs").click();
    await files.shows("theirs\n");
  },

  "line ends and the byte order mark stay as they were": async ({
    open,
    daemon,
  }) => {
    const texts = {
      "/dos.txt": "\ufeffone\r\ntwo\r\n",
      "/mixed.txt": "one\r\ntwo\nthree\rfour\n",
      "/unix.txt": "one\ntwo",
    };
    const disk = workspace(daemon, texts);
    const files = await FilesPage.open(open);
    for (const [path, text] of Object.entries(texts)) {
      await files.edit(path);
      await files.content().locator(".cm-line").nth(1).waitFor();
      await files.type("x");
      await files.save();
      await disk.becomes(path, text.replace("one", "xone"));
    }
    await files.tab("/dos.txt").getByRole("tab").click();
    await files.at("status-line").filter({ hasText: "CRLF" }).waitFor();
  },

  "a deleted file keeps its text and can be saved again": async ({
    open,
    daemon,
  }) => {
    const disk = workspace(daemon, { "/a.txt": "precious", "/b.txt": "" });
    const files = await FilesPage.open(open);
    await files.edit("/a.txt");
    disk.remove("/a.txt");
    await files.at("gone-notice").waitFor();
    await files.shows("precious");
    await files.at("gone-save").click();
    await disk.becomes("/a.txt", "precious");
    await files.at("gone-notice").waitFor({ state: "detached" });
  },

  "unsaved changes survive a reload": async ({ open, daemon }) => {
    const disk = workspace(daemon, { "/a.txt": "A", "/b.txt": "B" });
    const files = await FilesPage.open(open);
    files.page.on("dialog", (dialog) => dialog.accept());
    for (const path of ["/b.txt", "/a.txt"]) {
      await files.edit(path);
      await files.type("x");
      await files.dirty(path, true);
    }
    disk.write("/b.txt", "changed");
    await files.page.reload();
    await files.shows("xA");
    await files.dirty("/a.txt", true);
    await files.dirty("/b.txt", true); // not looked at yet
    await files.at("save").click();
    await disk.becomes("/a.txt", "xA");
    await files.tab("/b.txt").getByRole("tab").click();
    await files.shows("xB");
    await files.at("outdated-notice").waitFor();
    equal(disk.text("/b.txt"), "changed", "on the disk");

    await files.at("settings").click();
    await files.at("sign-out").click();
    await files.at("toast").filter({ hasText: "b.txt” first" }).waitFor();
    await files.press("Escape");
    await files.at("outdated-theirs").click();
    await files.shows("changed");
    await files.dirty("/b.txt", false);
    await files.page.reload();
    await files.shows("changed");
    await files.dirty("/b.txt", false);
  },

  "what is not text is offered for download": async ({ open, daemon }) => {
    const large = Buffer.alloc(6_000_000, "large text\n");
    const disk = workspace(daemon, {
      "/data.bin": Buffer.from([0, 1, 2, 255]),
      "/latin.txt": Buffer.from("gr\xfc\xdfe\n", "latin1"),
      "/large.txt": large,
    });
    const files = await FilesPage.open(open);
    for (const path of ["/data.bin", "/latin.txt", "/large.txt"]) {
      await files.row(path).click();
      await files.row(path).and(files.page.locator(".chosen")).waitFor();
      const message = files.panel().getByTestId("file-message");
      await message.waitFor();
      const [download] = await Promise.all([
        files.page.waitForEvent("download"),
        files.panel().getByTestId("file-download").click(),
      ]);
      equal(`/${download.suggestedFilename()}`, path, "name of the download");
      const got = readFileSync(await download.path());
      check(got.equals(disk.bytes(path)), `${path} is downloaded whole`);
    }
  },

  "a picture is shown, with its size and larger": async ({ open, daemon }) => {
    const disk = workspace(daemon, { "/dot.png": picture(40, 30) });
    const files = await FilesPage.open(open);
    await files.row("/dot.png").click();
    await files.at("image-line").filter({ hasText: "40 × 30" }).waitFor();
    const width = () =>
      files.at("image").evaluate((image) => image.getBoundingClientRect().width);
    equal(await width(), 40, "width at first");
    await files.page.getByRole("button", { name: "Larger" }).click();
    equal(await width(), 50, "width after one step");
    await files.at("image-full").click();
    equal(await width(), 40, "own width");
    disk.write("/dot.png", picture(20, 20));
    await files.at("image-line").filter({ hasText: "20 × 20" }).waitFor();
  },

  "a drawing can be edited as text": async ({ open, daemon }) => {
    const drawing =
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">' +
      "<script>window.drawn = 1</script></svg>";
    const disk = workspace(daemon, { "/a.svg": drawing });
    const files = await FilesPage.open(open);
    await files.row("/a.svg").click();
    await files.at("image").waitFor();
    await files.at("image-as-text").click();
    await files.editing();
    await files.press("Control+End");
    await files.type("\n");
    await files.save();
    await disk.becomes("/a.svg", `${drawing}\n`);
    const drawn = await files.page.evaluate(() => window.drawn);
    equal(drawn, undefined, "scripts of the drawing");
  },

  "code is coloured by its language": async ({ open, daemon }) => {
    const code = { "/a.ts": "const x = 1;", "/b.py": "def f(): pass" };
    const plain = { "/c.txt": "const x", "/CMakeLists.txt": "project(x)" };
    workspace(daemon, { ...code, ...plain });
    const files = await FilesPage.open(open);
    for (const path of ["/a.ts", "/b.py", "/CMakeLists.txt"]) {
      await files.edit(path);
      await files.content().locator(".cm-line span").first().waitFor();
    }
    await files.at("status-line").filter({ hasText: "CMake" }).waitFor();
    await files.edit("/c.txt");
    await files.at("status-line").filter({ hasText: "Plain text" }).waitFor();
    equal(await files.content().locator(".cm-line span").count(), 0, "spans");
  },

  "the editor is loaded with the first file that is opened": async ({
    open,
    daemon,
  }) => {
    workspace(daemon, { "/a.ts": "let x;" });
    const files = new FilesPage(await open());
    const scripts = () =>
      files.page.evaluate(() =>
        performance
          .getEntriesByType("resource")
          .filter(({ name }) => name.endsWith(".js"))
          .map(({ encodedBodySize }) => encodedBodySize),
      );
    const first = await scripts();
    equal(first.length, 1, "scripts at first");
    check(first[0] < 130_000, `under 130 kB, not ${first[0]}`);
    await files.showTree();
    const tree = await scripts();
    equal(tree.length, 2, "scripts with the tree");
    check(tree[1] < 30_000, `under 30 kB, not ${tree[1]}`);
    await files.edit("/a.ts");
    check((await scripts()).length > 3, "scripts with the editor");
  },

  "text is found in the file, and only there": async ({ open, daemon }) => {
    workspace(daemon, { "/a.txt": "needle and hay\n" });
    const files = await FilesPage.open(open);
    await files.edit("/a.txt");
    await files.at("search").click();
    await files.type("needle");
    await files.panel().locator(".cm-searchMatch").waitFor();
  },

  "a token that only reads cannot save, and says so": async ({
    context,
    daemon,
  }) => {
    // Large, so that the refusal comes before all of it is sent.
    const text = `${"A line of text.\n".repeat(200_000)}`;
    const disk = workspace(daemon, { "/a.txt": text });
    const page = await context.newPage();
    await page.goto(`${daemon.origin}/#token=${narrowToken(daemon, "read")}`);
    const console = new ConsolePage(page, daemon);
    await console.connected();
    const files = new FilesPage(console);
    await files.showTree();
    await files.edit("/a.txt");
    await files.type("x");
    await files.save();
    await files
      .at("refused-notice")
      .filter({ hasText: "only good for reading" })
      .waitFor();
    await files.dirty("/a.txt", true);
    check(disk.text("/a.txt") === text, "nothing is changed on the disk");
  },

  "a disk error while saving loses nothing": async ({ open, daemon }) => {
    const disk = workspace(daemon, { "/a.txt": "A" });
    const files = await FilesPage.open(open);
    await files.edit("/a.txt");
    await files.type("x");
    await files.page.route("**/api/v1/files/content?path=%2Fa.txt", (route) =>
      route.fulfill({ status: 507, json: { error: "no space" } }),
    );
    await files.save();
    await files.at("toast").filter({ hasText: "disk is full" }).waitFor();
    await files.dirty("/a.txt", true);
    await files.page.unroute("**/api/v1/files/content?path=%2Fa.txt");
    await files.editing();
    await files.save();
    await disk.becomes("/a.txt", "xA");
  },
};

/** A black picture as PNG. */
function picture(width, height) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const whole = Buffer.alloc(body.length + 8);
    whole.writeUInt32BE(data.length);
    body.copy(whole, 4);
    whole.writeUInt32BE(crc(body), body.length + 4);
    return whole;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  head.set([8, 0, 0, 0, 0], 8); // eight bits of grey
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(Buffer.alloc((width + 1) * height))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function crc(bytes) {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++)
      sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}
