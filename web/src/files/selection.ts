// Which rows of the tree are chosen, and which one the keyboard is at. Moves
// along the rows as they are shown. Owned by files.
import { folderOf } from "../model/file_tab";
import { Store } from "../store";
import type { Node, Tree } from "./tree";

export interface Chosen {
  at: string | null; // path of the row the keyboard is at
  all: ReadonlySet<string>; // paths; holds `at`
}

export class Selection {
  readonly chosen = new Store<Chosen>({ at: null, all: new Set() });
  readonly #tree: Tree;
  #anchor: string | null = null; // where a range began

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** The node the keyboard is at. */
  get node(): Node | null {
    const { at } = this.chosen.value;
    return at === null ? null : this.#tree.find(at);
  }

  /** What an action is for: all chosen, without what lies in others of them. */
  get nodes(): Node[] {
    const { all } = this.chosen.value;
    const inside = (path: string): boolean => {
      const folder = folderOf(path);
      return folder !== "" && (all.has(folder) || inside(folder));
    };
    return [...all]
      .filter((path) => !inside(path))
      .map((path) => this.#tree.find(path))
      .filter((node) => node !== null);
  }

  only(path: string | null): void {
    this.#anchor = path;
    this.chosen.set({ at: path, all: new Set(path === null ? [] : [path]) });
  }

  /** In or out of the chosen ones. */
  toggle(path: string): void {
    const all = new Set(this.chosen.value.all);
    if (!all.delete(path)) all.add(path);
    this.#anchor = path;
    this.chosen.set({ at: path, all });
  }

  /** Everything from where the range began. */
  extend(path: string): void {
    const paths = this.#paths();
    const from = paths.indexOf(this.#anchor ?? path);
    const to = paths.indexOf(path);
    const range = paths.slice(Math.min(from, to), Math.max(from, to) + 1);
    this.chosen.set({ at: path, all: new Set(range) });
  }

  /** `step` rows on; `extending` chooses those between. */
  move(step: number, extending = false): void {
    const paths = this.#paths();
    const { at } = this.chosen.value;
    const from = at === null ? -1 : paths.indexOf(at);
    const to = from < 0 ? 0 : Math.min(Math.max(0, from + step), paths.length - 1);
    const path = paths[to];
    if (path === undefined) return;
    if (extending) this.extend(path);
    else this.only(path);
  }

  /** The next row whose name begins with `text`, around the end. */
  seek(text: string): void {
    const paths = this.#paths();
    const { at } = this.chosen.value;
    const from = at === null ? -1 : paths.indexOf(at);
    const start = text.length > 1 ? from : from + 1; // it may still fit
    const wanted = text.toLowerCase();
    for (let step = 0; step < paths.length; step++) {
      const path = paths[(Math.max(0, start) + step) % paths.length] ?? "";
      const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
      if (name.startsWith(wanted)) return this.only(path);
    }
  }

  #paths(): string[] {
    return this.#tree.rows.value.flatMap((row) =>
      row.kind === "node" ? [row.node.path] : [],
    );
  }
}
