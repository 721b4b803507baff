// The keys of the tree.
import type { Files } from "../files";
import type { Node } from "../tree";
import { openTreeMenu } from "./tree_menu";
import { rowHeight } from "./virtual_list";

let typed = ""; // the beginning of a name
let typedAt = 0;
const typingPause = 800; // ms

export function onTreeKey(
  event: KeyboardEvent,
  files: Files,
  list: HTMLElement,
): void {
  if (event.target instanceof HTMLInputElement || event.altKey) return;
  const done =
    walk(event, files, list) ||
    act(event, files, list) ||
    seek(event, files);
  if (!done) return;
  event.preventDefault();
  event.stopPropagation();
}

function walk(event: KeyboardEvent, files: Files, list: HTMLElement): boolean {
  const { selection } = files;
  const page = Math.max(1, Math.floor(list.clientHeight / rowHeight) - 1);
  const steps: Record<string, number> = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: page,
    PageUp: -page,
    Home: -Infinity,
    End: Infinity,
  };
  const step = steps[event.key];
  if (step !== undefined && !event.ctrlKey && !event.metaKey) {
    selection.move(step, event.shiftKey);
    return true;
  }
  const { node } = selection;
  if (event.key === "ArrowRight" && node) return goIn(node, files);
  if (event.key === "ArrowLeft" && node) return goOut(node, files);
  return false;
}

function goIn(node: Node, { tree, selection }: Files): boolean {
  if (!node.folder) return true;
  if (!node.open) void tree.open(node);
  else if (node.children?.length) selection.move(1);
  return true;
}

function goOut(node: Node, { tree, selection }: Files): boolean {
  const parent = node.path.slice(0, node.path.lastIndexOf("/"));
  if (node.folder && node.open) tree.close(node);
  else if (parent) selection.only(parent);
  return true;
}

function act(event: KeyboardEvent, files: Files, list: HTMLElement): boolean {
  const { actions, selection, tree } = files;
  const { node, nodes } = selection;
  const command = event.ctrlKey || event.metaKey;
  const menu =
    event.key === "ContextMenu" || (event.shiftKey && event.key === "F10");
  if (menu) {
    const row = list.querySelector(".at")?.getBoundingClientRect();
    const { left, top } = row ?? list.getBoundingClientRect();
    openTreeMenu(files, left + 40, top + rowHeight, list);
    return true;
  }
  if (command && event.key === "c" && node) {
    void actions.copyPath(nodes, false);
    return true;
  }
  if (event.key === "Escape") {
    files.workspace.tabs.front.value?.focus();
    return true;
  }
  if (!node || command) return false;
  switch (event.key) {
    case "Enter":
      void actions.activate(node, false);
      return true;
    case " ":
      if (typed) return false; // part of a name
      void actions.activate(node, true);
      return true;
    case "F2":
      tree.editing.set({ kind: "rename", path: node.path });
      return true;
    case "Delete":
      actions.deleting.set(nodes);
      return true;
    default:
      return false;
  }
}

/** Typing the beginning of a name goes there. */
function seek(event: KeyboardEvent, { selection }: Files): boolean {
  if (event.key.length !== 1 || event.ctrlKey || event.metaKey) return false;
  const late = event.timeStamp - typedAt > typingPause;
  typedAt = event.timeStamp;
  typed = late ? event.key : typed + event.key;
  selection.seek(typed);
  return true;
}
