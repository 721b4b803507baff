// The workspace's files on this page: the tree, the open documents, what is
// being transferred, and the reports that keep them in step. Made with the
// first view that needs it, ends with the workspace.
import { FileTab } from "../model/file_tab";
import type { Workspace } from "../model/workspace";
import { Store } from "../store";
import { sideBar } from "../ui/state";
import { Actions } from "./actions";
import { FilesClient } from "./client";
import type { FilesError } from "./client";
import { Document } from "./document";
import { Live } from "./live";
import { Search } from "./search";
import { Selection } from "./selection";
import { Transfers } from "./transfers";
import { Tree } from "./tree";

const lookPause = 5000; // ms

const known = new WeakMap<Workspace, Files>();

/** The files of a workspace, made when first asked for. */
export function filesOf(workspace: Workspace): Files {
  const files = known.get(workspace) ?? new Files(workspace);
  known.set(workspace, files);
  return files;
}

export class Files {
  readonly workspace: Workspace;
  readonly client: FilesClient;
  readonly tree: Tree;
  readonly selection: Selection;
  readonly live: Live;
  readonly transfers: Transfers;
  readonly search: Search;
  readonly actions: Actions;
  /** The workspace folder's name; empty until it is known. */
  readonly title = new Store("");
  readonly #documents = new Map<FileTab, Document>();
  readonly #stops: (() => void)[] = [];
  readonly #looking = window.setInterval(() => this.#lookAgain(), lookPause);

  constructor(workspace: Workspace) {
    this.workspace = workspace;
    this.client = new FilesClient(workspace.api.token, () =>
      workspace.refused(),
    );
    this.tree = new Tree(this.client);
    this.selection = new Selection(this.tree);
    this.transfers = new Transfers();
    this.search = new Search(this.client);
    this.actions = new Actions(this);
    this.live = new Live(workspace, this.client, {
      changed: (changes) => this.#changed(changes),
      moved: (from, to) => void this.#moved(from, to),
      resync: () => this.#resync(),
    });
    workspace.endings.push(() => this.#end());
    addEventListener("beforeunload", this.#leaving);
    const { state } = workspace.connection;
    this.#stops.push(
      this.tree.rows.subscribe(() => this.#begin()),
      state.subscribe(() => {
        if (!this.client.root && state.value.kind === "open")
          void this.tree.start();
      }),
    );
    void this.tree.start();
  }

  /** The document behind a tab, made when it is first shown. */
  document(tab: FileTab): Document {
    let document = this.#documents.get(tab);
    if (document && tab.shown === document) return document;
    document = new Document(tab, this.client);
    tab.shown = document;
    this.#documents.set(tab, document);
    return document;
  }

  /** Looks again at what lies at `path` or below it. */
  recheck(path: string): void {
    for (const document of this.#shown)
      if (`${document.tab.path}/`.startsWith(`${path}/`)) document.checkSoon();
  }

  /** With the first listing the page knows where the workspace is. */
  #begin(): void {
    const { root } = this.client;
    if (!root || this.title.value) return;
    this.title.set(root.slice(root.lastIndexOf("/") + 1) || "/");
    this.live.start();
  }

  get #shown(): Document[] {
    for (const [tab, document] of this.#documents)
      if (tab.shown !== document) this.#documents.delete(tab);
    return [...this.#documents.values()];
  }

  #changed(changes: ReadonlyMap<string, string>): void {
    this.tree.apply(changes);
    for (const document of this.#shown) {
      // The file itself, or a folder it is in.
      let { path } = document.tab;
      while (path && !changes.has(path))
        path = path.slice(0, path.lastIndexOf("/"));
      if (path) document.checkSoon();
    }
  }

  /** Tabs follow, unless something is in the old place again: programs that
   * save put the old file aside and a new one there. */
  async #moved(from: string, to: string): Promise<void> {
    const { files } = this.workspace;
    if (!files.all.some(({ path }) => `${path}/`.startsWith(`${from}/`))) return;
    const { missing } = await this.client.stat(from).then(
      () => ({ missing: false }),
      (failure) => failure as FilesError,
    );
    if (!missing) return;
    files.moved(from, to);
    this.recheck(to);
  }

  #resync(): void {
    this.tree.refresh();
    for (const document of this.#shown) document.checkSoon();
  }

  /** Of folders like node_modules, and of what happens in them, the daemon
   * reports nothing. */
  #lookAgain(): void {
    const { value: state } = this.live.state;
    if (document.hidden || state === "off" || state === "starting") return;
    const { open, view } = sideBar.value;
    if (open && view === "tree") this.tree.lookAgain();
    const { value } = this.workspace.tabs.front;
    if (value instanceof FileTab) this.#documents.get(value)?.checkSoon();
  }

  readonly #leaving = (event: BeforeUnloadEvent): void => {
    if (this.workspace.files.unsaved || this.transfers.busy) event.preventDefault();
  };

  #end(): void {
    for (const stop of this.#stops) stop();
    removeEventListener("beforeunload", this.#leaving);
    clearInterval(this.#looking);
    this.live.stop();
    this.transfers.cancelAll();
  }
}
