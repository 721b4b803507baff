// The files open in tabs: opened by the tree, the search and the quick open,
// moved and closed with what happens to them, remembered between visits.
// Small on purpose: the page has it before anything of files/ is loaded.
import { Store } from "../store";
import { draftOf, keepDraft } from "./drafts";
import { FileTab } from "./file_tab";
import type { Spot } from "./file_tab";
import { recalledTwice, rememberTwice } from "./tabs";
import type { Tabs } from "./tabs";

export interface OpenOptions {
  preview?: boolean;
  spot?: Spot;
  focus?: boolean; // go on typing there
}

const mostRemembered = 30;

export class OpenFiles {
  /** The file whose closing the user is asked about: it has changes. */
  readonly asking = new Store<FileTab | null>(null);
  readonly #tabs: Tabs;

  constructor(tabs: Tabs) {
    this.#tabs = tabs;
    const { paths } = recalledTwice("files");
    if (!Array.isArray(paths)) return;
    for (const path of paths.slice(-mostRemembered))
      if (typeof path === "string" && path.startsWith("/"))
        tabs.add(restored(path));
  }

  get all(): FileTab[] {
    return this.#tabs.all.value.filter((each) => each instanceof FileTab);
  }

  /** Shows the file, in a tab of its own or in the one it has. */
  open(path: string, options: OpenOptions = {}): FileTab {
    const tab = this.find(path) ?? this.#add(path, options.preview === true);
    if (!options.preview) tab.pin();
    this.#tabs.activate(tab);
    if (options.spot) tab.go(options.spot);
    if (options.focus) tab.focus();
    this.#remember();
    return tab;
  }

  /** The first with unsaved changes. */
  get unsaved(): FileTab | undefined {
    return this.all.find((tab) => tab.view.value.dirty);
  }

  find(path: string): FileTab | undefined {
    return this.all.find((each) => each.path === path);
  }

  /** Closes the tab; asks first while it has unsaved changes. */
  requestClose(tab: FileTab): void {
    if (tab.view.value.dirty) this.asking.set(tab);
    else this.close(tab);
  }

  close(tab: FileTab): void {
    if (this.asking.value === tab) this.asking.set(null);
    this.#tabs.remove(tab);
    this.#drop(tab);
    this.#remember();
  }

  /** A file or folder was renamed or moved: its tabs go with it, but not to
   * where another tab is already. */
  moved(from: string, to: string): void {
    for (const tab of this.all) {
      if (tab.path !== from && !tab.path.startsWith(`${from}/`)) continue;
      const path = to + tab.path.slice(from.length);
      if (!this.find(path)) tab.view.patch({ path });
    }
    this.#remember();
    this.#tabs.refresh();
  }

  dispose(): void {
    this.asking.set(null);
    for (const tab of this.all) tab.shown?.dispose(false);
  }

  #add(path: string, preview: boolean): FileTab {
    const tab = new FileTab(path, preview);
    const old = this.all.find((each) => each.view.value.preview);
    if (!preview || !old) {
      this.#tabs.add(tab, this.#tabs.front.value);
      return tab;
    }
    this.#tabs.replace(old, tab);
    this.#drop(old);
    return tab;
  }

  /** Nothing of it is kept. */
  #drop(tab: FileTab): void {
    if (tab.shown) tab.shown.dispose(true);
    else keepDraft(tab.path, null);
    tab.shown = null;
  }

  #remember(): void {
    const paths = this.all.map(({ path }) => path);
    rememberTwice("files", JSON.stringify({ paths }));
  }
}

/** As it was before the page was loaded anew. */
function restored(path: string): FileTab {
  const tab = new FileTab(path, false);
  tab.view.patch({ dirty: draftOf(path) !== null });
  return tab;
}
