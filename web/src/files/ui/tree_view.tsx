// The tree: rows in a virtual list, walked with the keyboard as trees are
// everywhere, chosen with Ctrl and Shift, dragged to other folders.
import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { useStore } from "../../store";
import { sideBar } from "../../ui/state";
import type { Files } from "../files";
import type { Row } from "../tree";
import { useTreeDrags } from "./tree_drags";
import { onTreeKey } from "./tree_keys";
import { openTreeMenu } from "./tree_menu";
import { TreeRow } from "./tree_row";
import { rowHeight, VirtualList } from "./virtual_list";

export function TreeView({ files }: { files: Files }) {
  const { tree, selection, actions } = files;
  const rows = useStore(tree.rows);
  const editing = useStore(tree.editing);
  const chosen = useStore(selection.chosen);
  const [focused, setFocused] = useState(false);
  const element = useRef<HTMLDivElement>(null);
  const drags = useTreeDrags(files);

  const list = () => element.current?.querySelector<HTMLElement>(".tree");
  const back = () => list()?.focus();
  useCalls(back);

  const at = rows.findIndex((row) =>
    editing?.kind === "new"
      ? row.kind === "new"
      : row.kind === "node" && row.node.path === chosen.at,
  );

  const onClick = (event: MouseEvent) => {
    const node = files.tree.find(pathAt(event) ?? "?");
    if (!node) return selection.only(null);
    if (event.ctrlKey || event.metaKey) return selection.toggle(node.path);
    if (event.shiftKey) return selection.extend(node.path);
    selection.only(node.path);
    if (event.detail <= 1) void actions.activate(node, true);
  };
  const onDblClick = (event: MouseEvent) => {
    const node = files.tree.find(pathAt(event) ?? "?");
    if (node && !node.folder) void actions.activate(node, false);
  };
  const onContextMenu = (event: MouseEvent) => {
    if (event.target instanceof HTMLInputElement) return;
    event.preventDefault();
    const path = pathAt(event);
    if (path === null) selection.only(null);
    else if (!chosen.all.has(path)) selection.only(path);
    openTreeMenu(files, event.clientX, event.clientY, list()!);
  };
  return (
    <div class="tree-place" ref={element}>
      <VirtualList
        class={`tree drop-place ${drags.target === "" ? "target" : ""}`}
        role="tree"
        aria-label="Files"
        aria-multiselectable={true}
        tabIndex={0}
        {...(at >= 0 ? { "aria-activedescendant": `tree-row-${at}` } : {})}
        data-testid="tree"
        count={rows.length}
        rowHeight={rowHeight}
        at={at}
        onClick={onClick}
        onDblClick={onDblClick}
        onContextMenu={onContextMenu}
        onKeyDown={(event: KeyboardEvent) => onTreeKey(event, files, list()!)}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        {...drags.handlers}
        row={(index, top) => {
          const row = rows[index];
          if (!row) return null;
          const path = row.kind === "node" ? row.node.path : null;
          return (
            <TreeRow
              key={keyOf(row)}
              row={row}
              index={index}
              top={top}
              files={files}
              editing={editing}
              chosen={path !== null && chosen.all.has(path)}
              at={focused && path !== null && path === chosen.at}
              target={path !== null && path === drags.target}
              back={back}
            />
          );
        }}
      />
    </div>
  );
}

/** Paths begin with a slash, the other keys do not. */
function keyOf(row: Row): string {
  if (row.kind === "node") return row.node.path;
  return row.kind === "new" ? "new" : `note ${row.parent.path}`;
}

/** The path of the row an event is on. */
export function pathAt(event: Event): string | null {
  const target = event.target instanceof Element ? event.target : null;
  const row = target?.closest<HTMLElement>("[data-path]");
  return row?.dataset.path ?? null;
}

/** Calls `focus` when the keyboard is wanted in the tree. */
function useCalls(focus: () => void): void {
  const { calls, view } = useStore(sideBar);
  const heard = useRef(lastCall);
  useLayoutEffect(() => {
    if (calls === heard.current || view !== "tree") return;
    lastCall = heard.current = calls;
    focus();
  }, [calls, view]);
}

let lastCall = 0; // a call may come before the tree is there
