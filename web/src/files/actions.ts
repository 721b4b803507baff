// What the user does to files from the tree: make, rename, move, duplicate,
// delete, fetch, send. Failures are told in a toast; the tree follows at once
// instead of waiting for the daemon's report.
import { folderOf, nameOf } from "../model/file_tab";
import { Store } from "../store";
import { explain, toast } from "../toasts";
import { sideBar } from "../ui/state";
import { FilesError } from "./client";
import type { FilesClient } from "./client";
import type { Dropped } from "./dropped";
import type { Files } from "./files";
import { archiveJob, folderJob, followDownload, uploadJob } from "./jobs";
import { copyName } from "./names";
import type { Node, Tree } from "./tree";
import { count } from "./wording";

export class Actions {
  /** What the user is asked to delete. */
  readonly deleting = new Store<readonly Node[] | null>(null);
  readonly #files: Files;

  constructor(files: Files) {
    this.#files = files;
  }

  get #client(): FilesClient {
    return this.#files.client;
  }

  get #tree(): Tree {
    return this.#files.tree;
  }

  /** Opens a file in a tab, a folder in the tree. */
  async activate(node: Node, preview: boolean): Promise<void> {
    const { tree, workspace } = this.#files;
    if (node.folder) {
      if (node.open) tree.close(node);
      else void tree.open(node);
      return;
    }
    if (node.type === "symlink" && (await this.#leadsToFolder(node)))
      return tree.becomeFolder(node);
    workspace.files.open(node.path, { preview, focus: !preview });
    makeRoom();
  }

  /** Shows a field for the name of something new in `folder`. */
  async askName(folder: Node, type: "file" | "directory"): Promise<void> {
    if (folder !== this.#tree.root && !folder.open)
      await this.#tree.open(folder);
    this.#tree.editing.set({ kind: "new", parent: folder.path, type });
  }

  async create(path: string, type: "file" | "directory"): Promise<void> {
    await this.#try(`“${nameOf(path)}” is not made`, async () => {
      await this.#client.create(path, type);
      await this.#tree.added(path, type);
      this.#files.selection.only(path);
      if (type === "file") this.#files.workspace.files.open(path, { focus: true });
    });
  }

  /** Gives a new name, which may lead into another folder. */
  rename(node: Node, name: string): Promise<void> {
    return this.#move(node, `${folderOf(node.path)}/${name}`);
  }

  async moveInto(nodes: readonly Node[], folder: string): Promise<void> {
    for (const node of nodes) {
      const inside = `${folder}/`.startsWith(`${node.path}/`);
      if (folderOf(node.path) === folder || inside) continue;
      await this.#move(node, `${folder}/${node.name}`);
    }
  }

  async duplicate(node: Node): Promise<void> {
    const folder = folderOf(node.path);
    const siblings = this.#tree.find(folder);
    const name = copyName(
      node.name,
      (each) => siblings?.byName.has(each) ?? false,
    );
    const path = `${folder}/${name}`;
    await this.#try(`“${node.name}” is not copied`, async () => {
      await this.#client.copy(node.path, path);
      await this.#tree.added(path, node.type);
      this.#files.selection.only(path);
    });
  }

  async remove(nodes: readonly Node[]): Promise<void> {
    this.deleting.set(null);
    const [only, more] = nodes;
    if (!only) return;
    const what = more ? count(nodes.length, "thing") : `“${only.name}”`;
    await this.#try(`${what} cannot be deleted`, async () => {
      const paths = nodes.map(({ path }) => path);
      if (more) return this.#removed(paths, await this.#client.removeAll(paths));
      await this.#client.remove(only.path).catch(unlessMissing);
      this.#removed(paths, []);
    });
  }

  /** One file as it is, anything else packed. */
  async download(nodes: readonly Node[]): Promise<void> {
    const [only] = nodes;
    const { transfers } = this.#files;
    if (nodes.length === 1 && only && !only.folder)
      return this.#try(`“${only.name}” is not fetched`, async () =>
        followDownload(
          await this.#client.downloadAddress(only.path),
          only.name,
        ),
      );
    const paths = nodes.map(({ path }) => path);
    const name = only && nodes.length === 1 ? only.name : "files";
    const path = `${name || "workspace"}.tar.gz`;
    const job = archiveJob(this.#client, paths);
    transfers.add([{ kind: "download", path, size: 0, job }]);
  }

  /** Puts files of this computer into a folder. */
  upload(folder: string, dropped: readonly Dropped[]): void {
    const { transfers } = this.#files;
    transfers.add(
      dropped.map(({ path, file }) => ({
        kind: "upload",
        path: `${folder}/${path}`,
        size: file?.size ?? 0,
        job: file
          ? uploadJob(this.#client, this.#tree, file)
          : folderJob(this.#client, this.#tree),
      })),
    );
  }

  async copyPath(nodes: readonly Node[], absolute: boolean): Promise<void> {
    const text = nodes
      .map(({ path }) =>
        absolute ? this.#client.absolute(path) : path.slice(1) || ".",
      )
      .join("\n");
    await this.#try("The path is not copied", () =>
      navigator.clipboard
        ? navigator.clipboard.writeText(text)
        : copyByHand(text),
    );
  }

  openTerminal(folder: Node): void {
    const cwd = this.#client.absolute(folder.path);
    void this.#files.workspace.create({ cwd });
  }

  // -- inside ------------------------------------------------------------------------

  #removed(
    paths: readonly string[],
    kept: readonly { path: string; reason: string }[],
  ): void {
    const left = new Set(kept.map(({ path }) => path));
    const gone = paths.filter((path) => !left.has(path));
    this.#tree.removed(gone);
    for (const path of gone) this.#files.recheck(path);
    const [first] = kept;
    if (!first) return;
    toast(`${count(kept.length, "thing")} not deleted: ${first.reason}`);
    this.#tree.refresh(); // some may have been gone before
  }

  async #move(node: Node, to: string): Promise<void> {
    if (to === node.path) return;
    await this.#try(`“${node.name}” is not moved`, async () => {
      // Onto a folder that is there, the daemon would move into it.
      if (this.#tree.find(to) ?? (await this.#exists(to)))
        throw new Error(`“${to.slice(1)}” is already there.`);
      await this.#client.move(node.path, to);
      this.#files.workspace.files.moved(node.path, to);
      const { type, open } = node;
      this.#tree.removed([node.path]);
      await this.#tree.added(to, type);
      const moved = this.#tree.find(to);
      if (open && moved) void this.#tree.open(moved);
      this.#files.selection.only(to);
      this.#files.recheck(node.path); // a tab that did not follow
      this.#files.recheck(to);
    });
  }

  async #exists(path: string): Promise<boolean> {
    return this.#client.stat(path).then(
      () => true,
      () => false,
    );
  }

  async #leadsToFolder(node: Node): Promise<boolean> {
    return this.#client.list(node.path).then(
      () => true,
      () => false,
    );
  }

  async #try(failed: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (failure) {
      toast(`${failed}: ${explain(failure)}`);
    }
  }
}

/** In a narrow window the side bar lies over what was opened. */
export function makeRoom(): void {
  if (innerWidth <= 640) sideBar.patch({ open: false });
}

function unlessMissing(failure: unknown): void {
  if (!(failure instanceof FilesError && failure.missing)) throw failure;
}

/** Where the page is not secure, there is no clipboard to write to. */
async function copyByHand(text: string): Promise<void> {
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  if (!copied) throw new Error("the browser does not allow it.");
}
