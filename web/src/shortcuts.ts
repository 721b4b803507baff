// Keyboard shortcuts of the page. They are taken before the terminal sees
// the key; everything not listed here belongs to the program. The help
// overlay is made from the same table.
import { FileTab } from "./model/file_tab";
import type { Session } from "./model/session";
import type { Workspace } from "./model/workspace";
import { stepFont } from "./settings";
import {
  dialog,
  renaming,
  searching,
  showSideBar,
  toggleDialog,
} from "./ui/state";

export interface Shortcut {
  keys: readonly string[]; // alternatives, as shown in the help
  does: string;
  matches: (event: KeyboardEvent) => boolean;
  run: (workspace: Workspace, active: Session | null) => void;
  /** Otherwise the key is not taken. */
  when?: (event: KeyboardEvent, workspace: Workspace) => boolean;
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
    does: "Close terminal or file",
    matches: (e) => ctrlShift(e) && (letter(e, "w") || e.key === "Backspace"),
    run: (workspace) => {
      const front = workspace.tabs.front.value;
      if (front) workspace.requestClose(front);
    },
  },
  {
    keys: ["Ctrl+PageUp", "Ctrl+Shift+["],
    does: "Previous tab",
    matches: (e) =>
      (ctrl(e) && e.key === "PageUp") ||
      (ctrlShift(e) && e.code === "BracketLeft"),
    run: (workspace) => workspace.tabs.step(-1),
  },
  {
    keys: ["Ctrl+PageDown", "Ctrl+Shift+]"],
    does: "Next tab",
    matches: (e) =>
      (ctrl(e) && e.key === "PageDown") ||
      (ctrlShift(e) && e.code === "BracketRight"),
    run: (workspace) => workspace.tabs.step(1),
  },
  {
    keys: ["F2"],
    does: "Rename terminal",
    matches: (e) => bare(e) && e.key === "F2",
    when: (e, { active }) => active.value !== null && !inside(e, ".side-bar"),
    run: (_workspace, active) => active && renaming.set(active),
    yields: true,
  },
  {
    keys: ["Ctrl+Shift+F", "⌘F"],
    does: "Find in terminal",
    matches: (e) => (ctrlShift(e) || command(e)) && letter(e, "f"),
    when: (e, { active }) => active.value !== null && !inside(e, ".side-bar"),
    run: (_workspace, active) => openSearch(active),
  },
  {
    keys: ["Ctrl+Shift+F", "⌘⇧F"],
    does: "Search all files, when no terminal is in front",
    matches: (e) => (ctrlShift(e) || commandShift(e)) && letter(e, "f"),
    run: () => showSideBar("search"),
  },
  {
    keys: ["Ctrl+Shift+E"],
    does: "Files: show them, go to them",
    matches: (e) => (ctrlShift(e) || commandShift(e)) && letter(e, "e"),
    run: () => showSideBar("tree"),
  },
  {
    keys: ["Ctrl+P", "Ctrl+Shift+O"],
    does: "Open a file by its name; in terminals only the latter",
    matches: (e) =>
      ((ctrl(e) || command(e)) && letter(e, "p")) ||
      (ctrlShift(e) && letter(e, "o")),
    when: (e) => !ctrl(e) || !inside(e, ".xterm"),
    run: () => dialog.set("open"),
  },
  {
    keys: ["Ctrl+S", "⌘S"],
    does: "Save the file",
    matches: (e) => (ctrl(e) || command(e)) && letter(e, "s"),
    when: (e, { tabs }) =>
      tabs.front.value instanceof FileTab && !inside(e, ".xterm"),
    run: ({ tabs }) => {
      const { value } = tabs.front;
      if (value instanceof FileTab) void value.shown?.save();
    },
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
    run: ({ tabs }) =>
      document.getElementById(`tab-${tabs.front.value?.key}`)?.focus(),
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
    const shortcut = shortcuts.find(
      ({ matches, when }) => matches(event) && when?.(event, workspace) !== false,
    );
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

function inside(event: KeyboardEvent, place: string): boolean {
  return event.target instanceof Element && event.target.closest(place) !== null;
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

function commandShift(e: KeyboardEvent): boolean {
  return e.metaKey && e.shiftKey && !e.ctrlKey && !e.altKey;
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
