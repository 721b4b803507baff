// The menu of the tree: for the chosen files, or for the workspace when it is
// opened beside them.
import type { Files } from "../files";
import { chosenFiles } from "../dropped";
import type { Node } from "../tree";
import { openMenu } from "./menu";
import type { MenuItem } from "./menu";

export function openTreeMenu(
  files: Files,
  x: number,
  y: number,
  from: HTMLElement,
): void {
  const { nodes } = files.selection;
  const [only] = nodes;
  const items =
    nodes.length === 0
      ? folderItems(files, files.tree.root)
      : nodes.length === 1 && only
        ? [
            ...(only.folder ? folderItems(files, only) : openItems(files, only)),
            ...oneItems(files, only),
            ...sharedItems(files, nodes),
          ]
        : sharedItems(files, nodes);
  openMenu({ x, y, label: "Actions", items, from });
}

function folderItems(files: Files, folder: Node): MenuItem[] {
  const { actions } = files;
  const items: MenuItem[] = [
    { label: "New file…", run: () => void actions.askName(folder, "file") },
    {
      label: "New folder…",
      run: () => void actions.askName(folder, "directory"),
    },
    {
      label: "Upload files…",
      apart: true,
      run: () => chooseFiles(files, folder.path, false),
    },
    {
      label: "Upload a folder…",
      run: () => chooseFiles(files, folder.path, true),
    },
    {
      label: "Open terminal here",
      apart: true,
      run: () => actions.openTerminal(folder),
    },
  ];
  if (folder === files.tree.root)
    items.push({
      label: "Download everything",
      run: () => void actions.download([folder]),
    });
  return items;
}

function openItems({ actions }: Files, node: Node): MenuItem[] {
  return [
    { label: "Open", keys: "Enter", run: () => void actions.activate(node, false) },
  ];
}

function oneItems({ actions, tree }: Files, node: Node): MenuItem[] {
  return [
    {
      label: "Rename…",
      keys: "F2",
      apart: true,
      run: () => tree.editing.set({ kind: "rename", path: node.path }),
    },
    { label: "Duplicate", run: () => void actions.duplicate(node) },
  ];
}

function sharedItems({ actions }: Files, nodes: readonly Node[]): MenuItem[] {
  return [
    { label: "Download", run: () => void actions.download(nodes) },
    {
      label: "Copy path",
      keys: "Ctrl+C",
      apart: true,
      run: () => void actions.copyPath(nodes, false),
    },
    {
      label: "Copy absolute path",
      run: () => void actions.copyPath(nodes, true),
    },
    {
      label: "Delete…",
      keys: "Del",
      danger: true,
      apart: true,
      run: () => actions.deleting.set(nodes),
    },
  ];
}

/** The browser's own dialog. */
export function chooseFiles(
  files: Files,
  folder: string,
  wholeFolder: boolean,
): void {
  const input = document.createElement("input");
  input.type = "file";
  input.multiple = true;
  input.webkitdirectory = wholeFolder;
  input.onchange = () => {
    if (input.files) files.actions.upload(folder, chosenFiles(input.files));
  };
  input.click();
}
