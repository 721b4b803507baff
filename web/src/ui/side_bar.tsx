// The column at the left with the workspace's files. Its edge is dragged, or
// moved with the arrow keys, to change its width. In narrow windows it lies
// over the rest.
import { useEffect } from "preact/hooks";

import type { Workspace } from "../model/workspace";
import { useStore } from "../store";
import { WithFiles } from "./files_part";
import { clampWidth, sideBar } from "./state";

export function SideBar({ workspace }: { workspace: Workspace }) {
  const { open, width } = useStore(sideBar);
  useFileDrags();
  if (!open) return null;
  return (
    <>
      <aside
        id="side-bar"
        class="side-bar"
        aria-label="Files of the workspace"
        data-testid="side-bar"
        style={{ width: `${width}px` }}
      >
        <WithFiles>
          {({ Explorer }) => <Explorer workspace={workspace} />}
        </WithFiles>
        <Edge width={width} />
      </aside>
      <div class="side-bar-shade" onClick={close} />
    </>
  );
}

function close(): void {
  sideBar.patch({ open: false });
}

function Edge({ width }: { width: number }) {
  const set = (wanted: number) => sideBar.patch({ width: clampWidth(wanted) });
  const onPointerDown = (event: PointerEvent) => {
    const edge = event.currentTarget as HTMLElement;
    edge.setPointerCapture(event.pointerId);
    const shift = width - event.clientX;
    edge.onpointermove = (move) => set(move.clientX + shift);
    edge.onpointerup = () => (edge.onpointermove = null);
    event.preventDefault();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowLeft") set(width - 16);
    else if (event.key === "ArrowRight") set(width + 16);
    else return;
    event.preventDefault();
  };
  return (
    <div
      class="side-bar-edge"
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the side bar"
      aria-valuenow={width}
      aria-valuemin={clampWidth(0)}
      aria-valuemax={clampWidth(Infinity)}
      tabIndex={0}
      onPointerDown={onPointerDown}
      onDblClick={() => set(260)}
      onKeyDown={onKeyDown}
    />
  );
}

/** Files dragged into the window open the side bar, where they may be
 * dropped; anywhere else the browser would leave the page for them. */
function useFileDrags(): void {
  useEffect(() => {
    const onDrag = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      if (event.type === "dragenter") sideBar.patch({ open: true, view: "tree" });
      const target = event.target instanceof Element ? event.target : null;
      if (target?.closest(".drop-place")) return;
      event.preventDefault();
      event.stopPropagation();
      event.dataTransfer.dropEffect = "none";
    };
    const kinds = ["dragenter", "dragover", "drop"] as const;
    for (const kind of kinds) addEventListener(kind, onDrag, true);
    return () => {
      for (const kind of kinds) removeEventListener(kind, onDrag, true);
    };
  }, []);
}
