// One open file as the row of tabs knows it: its path, whether it has unsaved
// changes. What it shows is made by files/, which is loaded with the first of
// them and takes its place behind `shown`. Owned by open_files.
import { Store } from "../store";
import type { Tab } from "./tabs";

export interface FileTabState {
  path: string; // in the workspace, "/src/main.ts"
  dirty: boolean;
  preview: boolean; // the next file looked at takes its place
  gone: boolean; // no longer on the disk
}

/** Where to go in a file; both count from 1. */
export interface Spot {
  line: number;
  column: number;
  length?: number; // characters to select
}

/** What files/ does with the tab. */
export interface ShownFile {
  focus(): void;
  go(spot: Spot): void;
  /** Lets the user look for something in it. */
  find(): void;
  /** False: it could not be saved, and the user knows. */
  save(): Promise<boolean>;
  /** `forget`: unsaved changes are not wanted any more. */
  dispose(forget: boolean): void;
}

let lastKey = 0;

export class FileTab implements Tab {
  readonly key = `f${++lastKey}`;
  readonly view: Store<FileTabState>;
  /** Null until the file is first looked at. */
  shown: ShownFile | null = null;
  /** Where to go once it is shown. */
  spot: Spot | null = null;
  /** The keyboard is wanted in it once it is shown. */
  wantsFocus = false;

  constructor(path: string, preview: boolean) {
    this.view = new Store<FileTabState>({
      path,
      dirty: false,
      preview,
      gone: false,
    });
  }

  get path(): string {
    return this.view.value.path;
  }

  get ident(): string {
    return `file:${this.path}`;
  }

  focus(): void {
    if (this.shown) this.shown.focus();
    else this.wantsFocus = true;
  }

  look(): void {}

  go(spot: Spot): void {
    if (this.shown) this.shown.go(spot);
    else this.spot = spot;
  }

  /** It stays when the next file is looked at. */
  pin(): void {
    this.view.patch({ preview: false });
  }
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** "" for what lies in the workspace folder itself. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
