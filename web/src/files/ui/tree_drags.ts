// Dragging in the tree: rows to other folders, and files of this computer
// into the workspace. A folder that is hovered over for a moment opens.
import { useRef, useState } from "preact/hooks";

import { explain, toast } from "../../toasts";
import { droppedFiles } from "../dropped";
import type { Files } from "../files";
import { pathAt } from "./tree_view";

const kind = "application/x-outrigger-paths";
const hoverTime = 700; // ms

export interface TreeDrags {
  /** The folder the thing would be dropped into; "" is the workspace. */
  target: string | null;
  handlers: {
    onDragStart: (event: DragEvent) => void;
    onDragOver: (event: DragEvent) => void;
    onDragLeave: (event: DragEvent) => void;
    onDragEnd: () => void;
    onDrop: (event: DragEvent) => void;
  };
}

export function useTreeDrags(files: Files): TreeDrags {
  const [target, setTarget] = useState<string | null>(null);
  const hover = useRef({ path: "", timer: 0 });

  const stop = () => {
    clearTimeout(hover.current.timer);
    hover.current.path = "";
    setTarget(null);
  };
  const openLater = (path: string) => {
    if (hover.current.path === path) return;
    clearTimeout(hover.current.timer);
    const timer = window.setTimeout(() => {
      const node = files.tree.find(path);
      if (node?.folder && !node.open) void files.tree.open(node);
    }, hoverTime);
    hover.current = { path, timer };
  };

  const onDragStart = (event: DragEvent) => {
    const path = pathAt(event);
    if (path === null || !event.dataTransfer) return;
    const { selection } = files;
    if (!selection.chosen.value.all.has(path)) selection.only(path);
    const paths = selection.nodes.map((node) => node.path);
    event.dataTransfer.setData(kind, JSON.stringify(paths));
    event.dataTransfer.effectAllowed = "move";
  };
  const onDragOver = (event: DragEvent) => {
    const { dataTransfer } = event;
    const own = dataTransfer?.types.includes(kind);
    if (!dataTransfer || !(own || dataTransfer.types.includes("Files"))) return;
    event.preventDefault();
    dataTransfer.dropEffect = own ? "move" : "copy";
    const folder = folderAt(event, files);
    setTarget(folder);
    openLater(folder);
  };
  const onDragLeave = (event: DragEvent) => {
    const list = event.currentTarget as HTMLElement;
    const to = event.relatedTarget;
    if (!(to instanceof Element && list.contains(to))) stop();
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    const folder = folderAt(event, files);
    stop();
    if (!event.dataTransfer) return;
    const own = event.dataTransfer.getData(kind);
    if (own) return void files.actions.moveInto(nodesOf(own, files), folder);
    droppedFiles(event.dataTransfer)
      .then((dropped) => files.actions.upload(folder, dropped))
      .catch((failure) =>
        toast(`What was dropped cannot be read: ${explain(failure)}`),
      );
  };
  return {
    target,
    handlers: { onDragStart, onDragOver, onDragLeave, onDragEnd: stop, onDrop },
  };
}

/** The folder under the pointer, or the one the file there is in. */
function folderAt(event: DragEvent, { tree }: Files): string {
  const path = pathAt(event) ?? "";
  return tree.find(path)?.folder ? path : path.slice(0, path.lastIndexOf("/"));
}

function nodesOf(json: string, { tree }: Files) {
  const paths = JSON.parse(json) as string[];
  return paths.map((path) => tree.find(path)).filter((node) => node !== null);
}
