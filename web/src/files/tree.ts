// The workspace's files as far as the page has looked into them: which folders
// are open, what is in them, and the rows that makes. Kept in step by listing
// folders and by what the daemon reports (live). Owned by files.
import { recallObject, remember } from "../storage";
import { Store } from "../store";
import { explain } from "../toasts";
import { folderOf, nameOf } from "../model/file_tab";
import type { Entry, EntryType, FilesClient } from "./client";

export interface Node {
  path: string; // "" for the workspace itself
  name: string;
  type: EntryType;
  size: number;
  modified: string;
  depth: number; // of the workspace's own entries: 0
  folder: boolean; // it can be opened: a directory, or a link to one
  open: boolean;
  children: Node[] | null; // in order; null: not listed yet
  byName: Map<string, Node>;
  problem: string | null; // why the last listing failed
  listing: "no" | "running" | "again";
}

export type Row =
  | { kind: "node"; node: Node; at: number; of: number } // its place, from 1
  | { kind: "new"; parent: Node; type: "file" | "directory" }
  | { kind: "note"; parent: Node; text: string };

/** A row that is a text field now. */
export type Editing =
  | { kind: "rename"; path: string }
  | { kind: "new"; parent: string; type: "file" | "directory" };

const mostRemembered = 500; // open folders
const statsInstead = 4; // up to this many new names, a big folder is not listed
const bigFolder = 200;

const collator = new Intl.Collator(undefined, {
  numeric: true,
  sensitivity: "base",
});

export class Tree {
  readonly rows = new Store<readonly Row[]>([]);
  readonly editing = new Store<Editing | null>(null);
  readonly root = makeNode("", { name: "", type: "directory" }, -1);
  readonly #client: FilesClient;
  readonly #opened: Set<string>; // paths, of folders not seen yet too
  #redrawing = false;

  constructor(client: FilesClient) {
    this.#client = client;
    const { folders } = recallObject("folders");
    this.#opened = new Set(Array.isArray(folders) ? folders.map(String) : []);
    this.root.open = true;
    this.editing.subscribe(() => this.#redraw());
  }

  /** The node if the page knows of it. */
  find(path: string): Node | null {
    let node: Node | undefined = this.root;
    for (const name of path.split("/").slice(1)) node = node?.byName.get(name);
    return node ?? null;
  }

  /** Lists the workspace; the folders that were open follow by themselves. */
  start(): Promise<void> {
    return this.list(this.root);
  }

  /** Lists everything that is listed again. */
  refresh(node: Node = this.root): void {
    void this.list(node);
    for (const child of node.children ?? [])
      if (child.open) this.refresh(child);
      else if (child.children) forget(child);
  }

  async open(node: Node): Promise<void> {
    node.open = true;
    this.#opened.add(node.path);
    this.#remember();
    this.#redraw();
    await this.list(node);
  }

  close(node: Node): void {
    node.open = false;
    this.#opened.delete(node.path);
    this.#remember();
    this.#redraw();
  }

  closeAll(): void {
    for (const path of [...this.#opened]) {
      const node = this.find(path);
      if (node) this.close(node);
    }
    this.#opened.clear();
    this.#remember();
  }

  /** Opens the folders above, so that `path` has a row. */
  async reveal(path: string): Promise<void> {
    let node: Node | undefined = this.root;
    for (const name of path.split("/").slice(1)) {
      if (node.children === null) await this.list(node);
      if (node !== this.root && !node.open) await this.open(node);
      node = node.byName.get(name);
      if (!node) return;
    }
  }

  /** Brings a folder up to date; at most one listing of it runs. */
  async list(node: Node): Promise<void> {
    if (node.listing !== "no") {
      node.listing = "again";
      return;
    }
    node.listing = "running";
    const started = performance.now();
    try {
      this.#merge(node, await this.#client.list(node.path));
      node.problem = null;
    } catch (failure) {
      node.problem = explain(failure);
      node.children ??= [];
    }
    const took = performance.now() - started;
    const again = (node.listing as Node["listing"]) === "again";
    node.listing = "no";
    this.#redraw();
    // A folder in which much happens is not listed all the time.
    if (again) setTimeout(() => void this.list(node), 50 + 3 * took);
    await Promise.all(
      (node.children ?? [])
        .filter((child) => child.folder && this.#opened.has(child.path))
        .filter((child) => !child.open || child.children === null)
        .map((child) => this.open(child)),
    );
  }

  /** Reported changes, the last of each path. */
  apply(changes: ReadonlyMap<string, string>): void {
    const fresh = new Map<Node, string[]>();
    const gone: string[] = [];
    for (const [path, operation] of changes) {
      const parent = this.find(folderOf(path));
      if (!parent?.children || path === "") continue;
      const node = parent.byName.get(nameOf(path));
      if (operation === "remove" || operation === "rename") {
        gone.push(path);
      } else if (!node || operation !== "write") {
        fresh.set(parent, [...(fresh.get(parent) ?? []), path]);
      }
    }
    this.removed(gone);
    for (const [parent, paths] of fresh) void this.#meet(parent, paths);
  }

  /** Lists what is open once more, but for large folders: there are names of
   * which the daemon never reports anything. */
  lookAgain(node: Node = this.root): void {
    const { children } = node;
    if (!children || children.length > bigFolder) return;
    void this.list(node);
    for (const child of children) if (child.open) this.lookAgain(child);
  }

  /** The page itself made it: shown without waiting for a report. */
  noticed(path: string): void {
    let seen = path; // the folders it came with are new too
    while (!this.find(folderOf(seen))) seen = folderOf(seen);
    if (!this.find(seen)) this.apply(new Map([[seen, "create"]]));
  }

  /** As noticed; its folder is opened, so that it can be seen at once. */
  async added(path: string, type: EntryType): Promise<void> {
    const parent = this.find(folderOf(path));
    if (!parent) return this.reveal(path);
    if (!parent.open) return this.open(parent);
    this.#insert(parent, { name: nameOf(path), type, size: 0, modified: "" });
  }

  /** What the page itself removed. */
  removed(paths: readonly string[]): void {
    const gone = new Map<Node, Set<Node>>();
    for (const path of paths) {
      const parent = this.find(folderOf(path));
      const node = this.find(path);
      if (!parent || !node) continue;
      gone.set(parent, (gone.get(parent) ?? new Set()).add(node));
    }
    for (const [parent, nodes] of gone) this.#drop(parent, nodes);
  }

  /** A link turned out to lead to a folder. */
  becomeFolder(node: Node): void {
    node.folder = true;
    void this.open(node);
  }

  /** The rows have to be made anew. */
  #redraw(): void {
    if (this.#redrawing) return;
    this.#redrawing = true;
    queueMicrotask(() => {
      this.#redrawing = false;
      const rows: Row[] = [];
      this.#rowsBelow(this.root, rows);
      this.rows.set(rows);
    });
  }

  #rowsBelow(parent: Node, rows: Row[]): void {
    const editing = this.editing.value;
    if (editing?.kind === "new" && editing.parent === parent.path)
      rows.push({ kind: "new", parent, type: editing.type });
    const children = parent.children ?? [];
    let at = 0;
    for (const node of children) {
      rows.push({ kind: "node", node, at: ++at, of: children.length });
      if (node.open) this.#rowsBelow(node, rows);
    }
    if (parent.problem) rows.push({ kind: "note", parent, text: parent.problem });
    else if (parent.children?.length === 0 && editing?.kind !== "new")
      rows.push({ kind: "note", parent, text: "empty" });
  }

  async #meet(parent: Node, paths: readonly string[]): Promise<void> {
    const size = parent.children?.length ?? 0;
    if (size < bigFolder || paths.length > statsInstead)
      return this.list(parent);
    for (const path of paths) {
      try {
        const found = await this.#client.stat(path);
        const entry = { name: nameOf(path), modified: "", ...found };
        this.#insert(parent, entry);
      } catch {
        // Gone again, or the daemon is: the next listing will tell.
      }
    }
  }

  /** Takes over a listing, keeping what is open below. */
  #merge(parent: Node, entries: readonly Entry[]): void {
    const children = entries.map((entry) => this.#update(parent, entry));
    children.sort(inOrder);
    parent.children = children;
    parent.byName = new Map(children.map((node) => [node.name, node]));
  }

  #update(parent: Node, entry: Entry): Node {
    const old = parent.byName.get(entry.name);
    if (old?.type === entry.type) {
      old.size = entry.size;
      old.modified = entry.modified;
      return old;
    }
    return makeNode(`${parent.path}/${entry.name}`, entry, parent.depth + 1);
  }

  #insert(parent: Node, entry: Entry): void {
    const node = this.#update(parent, entry);
    const children = (parent.children ?? []).filter(
      ({ name }) => name !== node.name,
    );
    const at = children.findIndex((each) => inOrder(node, each) < 0);
    children.splice(at < 0 ? children.length : at, 0, node);
    parent.children = children;
    parent.byName.set(node.name, node);
    this.#redraw();
  }

  #drop(parent: Node, nodes: ReadonlySet<Node>): void {
    const left = (parent.children ?? []).filter((each) => !nodes.has(each));
    parent.children = left;
    for (const { name } of nodes) parent.byName.delete(name);
    this.#redraw();
  }

  #remember(): void {
    const folders = [...this.#opened].slice(-mostRemembered);
    remember("folders", JSON.stringify({ folders }));
  }
}

function makeNode(
  path: string,
  { name, type, size = 0, modified = "" }: Partial<Entry>,
  depth: number,
): Node {
  return {
    path,
    name: name ?? "",
    type: type ?? "file",
    size,
    modified,
    depth,
    folder: type === "directory",
    open: false,
    children: null,
    byName: new Map(),
    problem: null,
    listing: "no",
  };
}

/** It is listed again when it is opened the next time. */
function forget(node: Node): void {
  node.children = null;
  node.byName = new Map();
}

/** Folders first, then by name as people count: file2 before file10. */
function inOrder(left: Node, right: Node): number {
  if (left.folder !== right.folder) return left.folder ? -1 : 1;
  const byName = collator.compare(left.name, right.name);
  if (byName !== 0) return byName;
  return left.name < right.name ? -1 : 1;
}
