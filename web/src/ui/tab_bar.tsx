// The row of tabs, terminals and files. Arrow keys walk along it, Enter goes
// into what is shown, Delete closes, F2 or a double click renames a terminal.
import { FileTab } from "../model/file_tab";
import { Session } from "../model/session";
import type { Workspace } from "../model/workspace";
import { useStore } from "../store";
import { FileTabView } from "./file_tab";
import { TerminalTab } from "./terminal_tab";

export function TabBar({ workspace }: { workspace: Workspace }) {
  const tabs = useStore(workspace.tabs.all);
  const front = useStore(workspace.tabs.front);

  const onKeyDown = (event: KeyboardEvent) => {
    if (!front || event.target instanceof HTMLInputElement) return;
    const last = tabs.length - 1;
    const at = tabs.indexOf(front);
    const walk: Record<string, number> = {
      ArrowLeft: at === 0 ? last : at - 1,
      ArrowRight: at === last ? 0 : at + 1,
      Home: 0,
      End: last,
    };
    const target = tabs[walk[event.key] ?? -1];
    if (target) {
      workspace.activate(target);
      document.getElementById(`tab-${target.key}`)?.focus();
    } else if (event.key === "Delete") {
      workspace.requestClose(front);
    } else if (event.key === "Escape" || event.key === "ArrowDown") {
      front.focus();
    } else {
      return;
    }
    event.preventDefault();
  };

  /** A mouse wheel turns one way only; the tabs lie the other way. */
  const onWheel = (event: WheelEvent) => {
    const bar = event.currentTarget as HTMLElement;
    if (event.deltaX === 0) bar.scrollBy({ left: event.deltaY });
  };

  return (
    <div
      class="tabs"
      role="tablist"
      aria-label="Terminals and files"
      onKeyDown={onKeyDown}
      onWheel={onWheel}
    >
      {tabs.map((tab) => {
        const common = { key: tab.key, selected: tab === front, workspace };
        if (tab instanceof Session)
          return <TerminalTab {...common} session={tab} />;
        if (tab instanceof FileTab) return <FileTabView {...common} tab={tab} />;
        return null;
      })}
    </div>
  );
}
