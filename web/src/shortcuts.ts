// Keyboard shortcuts of the page. They are taken before the terminal sees
// the key; everything not listed here belongs to the program. The help
// overlay is made from the same table.
import type { Session } from "./model/session";
import type { Workspace } from "./model/workspace";
import { stepFont } from "./settings";
import { renaming, searching, toggleDialog } from "./ui/state";

export interface Shortcut {
  keys: readonly string[]; // alternatives, as shown in the help
  does: string;
  matches: (event: KeyboardEvent) => boolean;
  run: (workspace: Workspace, active: Session | null) => void;
  /** Left to full-screen programs, which have their own use for it. */
  yields?: boolean;
  /** Hidden from the terminal, but the browser still acts on it. */
  browser?: boolean;
}

export const shortcuts: readonly Shortcut[] = [
  {
    keys: ["Ctrl+Shift+T", "Ctrl+Shift+Enter"],
    does: "New terminal",
    matches: (e) => ctrlShift(e) && (letter(e, "t") || e.key === "Enter"),
    run: (workspace) => void workspace.create(),
  },
  {
    keys: ["Ctrl+Shift+W", "Ctrl+Shift+Backspace"],
    does: "Close terminal",
    matches: (e) => ctrlShift(e) && (letter(e, "w") || e.key === "Backspace"),
    run: (workspace, active) => active && workspace.requestClose(active),
  },
  {
    keys: ["Ctrl+PageUp", "Ctrl+Shift+["],
    does: "Previous terminal",
    matches: (e) =>
      (ctrl(e) && e.key === "PageUp") ||
      (ctrlShift(e) && e.code === "BracketLeft"),
    run: (workspace) => workspace.step(-1),
  },
  {
    keys: ["Ctrl+PageDown", "Ctrl+Shift+]"],
    does: "Next terminal",
    matches: (e) =>
      (ctrl(e) && e.key === "PageDown") ||
      (ctrlShift(e) && e.code === "BracketRight"),
    run: (workspace) => workspace.step(1),
  },
  {
    keys: ["F2"],
    does: "Rename terminal",
    matches: (e) => bare(e) && e.key === "F2",
    run: (_workspace, active) => active && renaming.set(active),
    yields: true,
  },
  {
    keys: ["Ctrl+Shift+F", "⌘F"],
    does: "Find in terminal",
    matches: (e) => (ctrlShift(e) || command(e)) && letter(e, "f"),
    run: (_workspace, active) => openSearch(active),
  },
  {
    keys: ["Ctrl+Shift+C", "⌘C"],
    does: "Copy the selection",
    matches: (e) => ctrlShift(e) && letter(e, "c"),
    run: (_workspace, active) => active && copySelection(active),
  },
  {
    keys: ["Ctrl+Shift+V", "⌘V"],
    does: "Paste",
    matches: (e) => ctrlShift(e) && letter(e, "v"),
    run: () => {}, // the browser's own paste reaches the terminal
    browser: true,
  },
  {
    keys: ["Ctrl++"],
    does: "Larger text",
    matches: (e) => zoom(e) && (e.key === "+" || e.key === "="),
    run: () => stepFont(1),
  },
  {
    keys: ["Ctrl+-"],
    does: "Smaller text",
    matches: (e) => zoom(e) && e.key === "-",
    run: () => stepFont(-1),
  },
  {
    keys: ["Ctrl+0"],
    does: "Normal text size",
    matches: (e) => zoom(e) && e.key === "0",
    run: () => stepFont(0),
  },
  {
    keys: ["Ctrl+Shift+Home"],
    does: "Go to the tabs; Escape returns",
    matches: (e) => ctrlShift(e) && e.key === "Home",
    run: (_workspace, active) =>
      active && document.getElementById(`tab-${active.key}`)?.focus(),
  },
  {
    keys: ["F1"],
    does: "This help",
    matches: (e) => bare(e) && e.key === "F1",
    run: () => toggleDialog("help"),
    yields: true,
  },
];

/** Returns the function that ends the shortcuts. */
export function listenForShortcuts(workspace: Workspace): () => void {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing || document.querySelector("dialog[open]")) return;
    const shortcut = shortcuts.find((each) => each.matches(event));
    if (!shortcut) return;
    const active = workspace.active.value;
    if (shortcut.yields && active && fullScreen(active, event)) return;
    event.stopImmediatePropagation();
    if (!shortcut.browser) event.preventDefault();
    if (!event.repeat || zoom(event)) shortcut.run(workspace, active);
  };
  addEventListener("keydown", onKeyDown, true);
  return () => removeEventListener("keydown", onKeyDown, true);
}

export function openSearch(active: Session | null): void {
  if (!active) return;
  searching.set(true);
  const field = document.querySelector<HTMLInputElement>(".search-bar input");
  field?.select(); // it may be open already
}

/** Through the clipboard API, or without it (plain http) by the copy event
 * that xterm answers. */
function copySelection(session: Session): void {
  const text = session.term.getSelection();
  if (!text) return;
  const byEvent = () => void document.execCommand("copy");
  if (navigator.clipboard) navigator.clipboard.writeText(text).catch(byEvent);
  else byEvent();
}

/** The key was pressed in a program that draws the whole screen. */
function fullScreen(session: Session, event: KeyboardEvent): boolean {
  const inside = event.target === session.term.textarea;
  return inside && session.term.buffer.active.type === "alternate";
}

function bare(e: KeyboardEvent): boolean {
  return !e.ctrlKey && !e.shiftKey && !e.altKey && !e.metaKey;
}

function ctrl(e: KeyboardEvent): boolean {
  return e.ctrlKey && !e.shiftKey && !e.altKey && !e.metaKey;
}

function ctrlShift(e: KeyboardEvent): boolean {
  return e.ctrlKey && e.shiftKey && !e.altKey && !e.metaKey;
}

function command(e: KeyboardEvent): boolean {
  return e.metaKey && !e.ctrlKey && !e.shiftKey && !e.altKey;
}

/** Ctrl or ⌘; "+" needs Shift on many keyboards, Ctrl+Shift+"-" is undo. */
function zoom(e: KeyboardEvent): boolean {
  if (e.altKey || e.ctrlKey === e.metaKey) return false;
  return !e.shiftKey || e.key === "+";
}

/** By what the key types, or by its place on keyboards without Latin letters. */
function letter(e: KeyboardEvent, wanted: string): boolean {
  const typed = e.key.toLowerCase();
  if (/^[a-z]$/.test(typed)) return typed === wanted;
  return e.code === `Key${wanted.toUpperCase()}`;
}
