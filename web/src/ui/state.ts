// Which parts of the page are open. Set by shortcuts and buttons, read by the
// components they open. Only the side bar is remembered.
import type { Session } from "../model/session";
import { recallObject, remember } from "../storage";
import { Store } from "../store";

export type DialogName = "help" | "settings" | "new" | "open";

export const dialog = new Store<DialogName | null>(null);
export const searching = new Store(false);
/** The session whose tab shows an input field. */
export const renaming = new Store<Session | null>(null);

export function toggleDialog(name: DialogName): void {
  dialog.set(dialog.value === name ? null : name);
}

// -- the side bar with the files ----------------------------------------------

export interface SideBarState {
  open: boolean;
  view: "tree" | "search";
  width: number; // CSS pixels
  /** Counts the wishes for the keyboard to be in it. */
  calls: number;
}

const saved = recallObject("side-bar");

export const sideBar = new Store<SideBarState>({
  open: saved.open === true,
  view: saved.view === "search" ? "search" : "tree",
  width: typeof saved.width === "number" ? clampWidth(saved.width) : 260,
  calls: 0,
});

sideBar.subscribe(() => {
  const { open, view, width } = sideBar.value;
  remember("side-bar", JSON.stringify({ open, view, width }));
});

/** Opens it and moves the keyboard there. */
export function showSideBar(view: SideBarState["view"]): void {
  sideBar.patch({ open: true, view, calls: sideBar.value.calls + 1 });
}

export function clampWidth(width: number): number {
  return Math.min(640, Math.max(180, Math.round(width)));
}
