// Files between this computer and the workspace: dropped, sent, fetched.
import { execFileSync } from "node:child_process";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { check, equal, eventually } from "./console_page.mjs";
import { FilesPage, workspace } from "./files_page.mjs";

/** Drops files with these contents on a place of the page. */
async function drop(files, target, contents) {
  const transfer = await files.page.evaluateHandle((wanted) => {
    const made = new DataTransfer();
    for (const [name, content] of Object.entries(wanted))
      made.items.add(new File([content], name));
    return made;
  }, contents);
  for (const type of ["dragenter", "dragover", "drop"])
    await target.dispatchEvent(type, { dataTransfer: transfer });
}

/** Drops files and folders of this computer, as the desktop does it. */
async function dropReal(files, target, paths) {
  const box = await target.boundingBox();
  const x = box.x + box.width / 2;
  const y = box.y + Math.min(box.height / 2, 10);
  const client = await files.page.context().newCDPSession(files.page);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"])
    await client.send("Input.dispatchDragEvent", { type, x, y, data });
}

function transfer(files, state) {
  return files.page.locator(
    `[data-testid=transfer][data-state=${JSON.stringify(state)}]`,
  );
}

async function summary(files, text) {
  await files.at("transfers-sum").filter({ hasText: text }).waitFor();
}

/** Uploads go slowly from now on; null: as fast as they can. */
async function slow(files, bytesPerSecond) {
  const client = await files.page.context().newCDPSession(files.page);
  await client.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: bytesPerSecond ?? -1,
  });
}

export default {
  "files that are dropped are uploaded": async ({ open, daemon }) => {
    const disk = workspace(daemon, { "/in/keep.txt": "" });
    const files = await FilesPage.open(open);
    await drop(files, files.row("/in"), { "a b.txt": "A", "c.txt": "C" });
    await summary(files, "2 transfers done");
    equal(disk.text("/in/a b.txt"), "A", "first");
    equal(disk.text("/in/c.txt"), "C", "second");
    await drop(files, files.at("tree"), { "top.txt": "T" });
    await disk.becomes("/top.txt", "T");
    await files.sees("/top.txt");
    await files.at("transfers-clear").click();
    await files.at("transfers").waitFor({ state: "detached" });
  },

  "folders that are dropped keep their form": async ({ open, daemon }) => {
    const disk = workspace(daemon, { "/to/": "" });
    const here = mkdtempSync(join(tmpdir(), "outrigger-dropped-"));
    mkdirSync(join(here, "album", "empty"), { recursive: true });
    mkdirSync(join(here, "album", "2024"));
    writeFileSync(join(here, "album", "2024", "a.txt"), "in it");
    for (let at = 0; at < 150; at++)
      writeFileSync(join(here, "album", `f${at}`), `${at}`);
    const files = await FilesPage.open(open);
    await dropReal(files, files.row("/to"), [join(here, "album")]);
    await summary(files, "152 transfers done");
    equal(disk.text("/to/album/2024/a.txt"), "in it", "a file in a folder");
    equal(disk.names("/to/album/empty"), [], "the empty folder");
    equal(disk.names("/to/album").length, 152, "entries");
    await files.openFolder("/to");
    await files.sees("/to/album");
    rmSync(here, { recursive: true });
  },

  "the bar opens for files that are dragged in": async ({ open, daemon }) => {
    const disk = workspace(daemon, { "/a.txt": "" });
    const console = await open();
    const files = new FilesPage(console);
    const here = mkdtempSync(join(tmpdir(), "outrigger-dropped-"));
    writeFileSync(join(here, "dragged.txt"), "D");
    const stage = files.page.locator(".stage");
    await dropReal(files, stage, [join(here, "dragged.txt")]);
    await files.showTree(); // and the page is still here
    equal(disk.names().includes("dragged.txt"), false, "dropped beside it");
    await dropReal(files, files.at("tree"), [join(here, "dragged.txt")]);
    await disk.becomes("/dragged.txt", "D");
    rmSync(here, { recursive: true });
  },

  "an upload shows how far it is and can be cancelled": async ({
    open,
    daemon,
  }) => {
    const disk = workspace(daemon, { "/a.txt": "" });
    const here = mkdtempSync(join(tmpdir(), "outrigger-dropped-"));
    writeFileSync(join(here, "large.bin"), Buffer.alloc(30_000_000));
    const files = await FilesPage.open(open);
    await slow(files, 2_000_000);
    await dropReal(files, files.at("tree"), [join(here, "large.bin")]);
    await transfer(files, "running").getByText(/^[1-9]\d* % of 30 MB$/).waitFor();
    await files.at("transfer-cancel").click();
    await transfer(files, "cancelled").waitFor();
    await eventually(() => disk.names().length === 1, "nothing is left of it");
    await slow(files, null);
    await dropReal(files, files.at("tree"), [join(here, "large.bin")]);
    await transfer(files, "done").waitFor();
    equal(disk.bytes("/large.bin").length, 30_000_000, "size when it is done");
    rmSync(here, { recursive: true });
  },

  "a name that is taken is asked about": async ({ open, daemon }) => {
    const disk = workspace(daemon, {
      "/a.txt": "old",
      "/b.txt": "old",
      "/c.txt": "old",
    });
    const files = await FilesPage.open(open);
    const one = async (name, choice) => {
      await drop(files, files.at("tree"), { [name]: "new" });
      await summary(files, "1 name taken");
      await files.at(`choose-${choice}`).click();
      await transfer(files, "conflict").waitFor({ state: "detached" });
      await files.at("transfers-clear").click();
    };
    await one("a.txt", "overwrite");
    await disk.becomes("/a.txt", "new");
    await one("b.txt", "keep-both");
    await disk.becomes("/b (1).txt", "new");
    await one("c.txt", "skip");
    equal(disk.text("/b.txt"), "old", "kept beside the new one");
    equal(disk.text("/c.txt"), "old", "skipped");
  },

  "many names that are taken are decided at once": async ({
    open,
    daemon,
  }) => {
    const names = ["a", "b", "c", "d", "e", "f"];
    const all = (text) => names.map((name) => [`${name}.txt`, text]);
    const disk = workspace(daemon, Object.fromEntries(all("old")));
    const files = await FilesPage.open(open);
    const contents = Object.fromEntries([...all("new"), ["g.txt", "new"]]);
    await drop(files, files.at("tree"), contents);
    await summary(files, "6 names taken");
    equal(disk.text("/g.txt"), "new", "what was free");
    await files.at("choose-all-overwrite").click();
    await summary(files, "7 transfers done");
    for (const name of names) equal(disk.text(`/${name}.txt`), "new", name);
  },

  "a failed upload says why and can be tried again": async ({
    open,
    daemon,
  }) => {
    const disk = workspace(daemon, { "/a.txt": "" });
    const files = await FilesPage.open(open);
    const place = "**/api/v1/files/content?path=%2Fb.txt";
    await files.page.route(place, (route) =>
      route.fulfill({ status: 507, json: { error: "no space" } }),
    );
    await drop(files, files.at("tree"), { "b.txt": "B" });
    await transfer(files, "failed").getByText("The disk is full.").waitFor();
    await files.page.unroute(place);
    await files.page.getByRole("button", { name: "Try b.txt again" }).click();
    await transfer(files, "done").waitFor();
    equal(disk.text("/b.txt"), "B", "on the disk");
  },

  "a file is downloaded as it is, a folder packed": async ({
    open,
    daemon,
  }) => {
    workspace(daemon, { "/src/a.txt": "A", "/src/b.txt": "B", "/c.txt": "C" });
    const files = await FilesPage.open(open);
    const download = async (act) => {
      const [got] = await Promise.all([
        files.page.waitForEvent("download"),
        act(),
      ]);
      return { name: got.suggestedFilename(), path: await got.path() };
    };
    const plain = await download(() => files.menu("/c.txt", "Download"));
    equal(plain.name, "c.txt", "name of the file");
    const packed = await download(() => files.menu("/src", "Download"));
    equal(packed.name, "src.tar.gz", "name of the archive");
    const listed = execFileSync("tar", ["tzf", packed.path], {
      encoding: "utf8",
    });
    check(listed.includes("src/a.txt"), `src/a.txt is in it: ${listed}`);
    check(listed.includes("src/b.txt"), `src/b.txt is in it: ${listed}`);
  },
};
