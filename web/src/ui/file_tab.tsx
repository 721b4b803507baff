// The tab of an open file: its name, a dot while it has unsaved changes,
// slanted while the next file looked at will take its place.
import { useLayoutEffect, useRef } from "preact/hooks";

import { folderOf, nameOf } from "../model/file_tab";
import type { FileTab } from "../model/file_tab";
import type { Workspace } from "../model/workspace";
import { useStore } from "../store";
import { Icon } from "./icons";

interface TabProps {
  tab: FileTab;
  selected: boolean;
  workspace: Workspace;
}

export function FileTabView({ tab, selected, workspace }: TabProps) {
  const { path, dirty, preview, gone } = useStore(tab.view);
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (selected)
      element.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [selected, path]);

  const show = (event: MouseEvent) => {
    (event.currentTarget as HTMLElement).blur();
    workspace.activate(tab);
    tab.focus();
  };
  const name = nameOf(path);
  const namesakes = workspace.files.all.filter(
    (each) => nameOf(each.path) === name,
  );
  return (
    <div
      ref={element}
      class={tabClass(selected, dirty, preview, gone)}
      role="presentation"
      data-testid="file-tab"
      data-path={path}
      onAuxClick={(event) => {
        if (event.button === 1) workspace.requestClose(tab);
      }}
    >
      <button
        type="button"
        role="tab"
        id={`tab-${tab.key}`}
        class="tab-name"
        aria-selected={selected}
        aria-controls={`panel-${tab.key}`}
        tabIndex={selected ? 0 : -1}
        title={path.slice(1)}
        onClick={show}
        onDblClick={() => tab.pin()}
      >
        <Icon name="file" />
        <span class="tab-text" data-testid="file-title">
          {name}
          {namesakes.length > 1 && (
            <span class="tab-place"> {folderOf(path).slice(1) || "."}</span>
          )}
        </span>
        {dirty && <span class="hidden-text"> (unsaved changes)</span>}
        {gone && <span class="hidden-text"> (deleted)</span>}
      </button>
      <button
        type="button"
        class="tab-close"
        tabIndex={-1}
        aria-label={`Close ${name}`}
        title={dirty ? "Close; it has unsaved changes" : "Close"}
        data-testid="file-tab-close"
        onClick={() => workspace.requestClose(tab)}
      >
        <Icon name="close" />
        <span class="tab-dirty" aria-hidden="true" />
      </button>
    </div>
  );
}

function tabClass(...[selected, dirty, preview, gone]: boolean[]): string {
  const names = ["tab", "file"];
  if (selected) names.push("selected");
  if (dirty) names.push("dirty");
  if (preview) names.push("preview");
  if (gone) names.push("gone");
  return names.join(" ");
}
