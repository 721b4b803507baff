// Where terminals and files are shown: one panel each, only the one in front
// visible. Keeps the active terminal fitted to its panel and focused.
import { useLayoutEffect, useRef } from "preact/hooks";

import { FileTab } from "../model/file_tab";
import { Session } from "../model/session";
import type { Workspace } from "../model/workspace";
import { settings } from "../settings";
import { useStore } from "../store";
import { fontFamily } from "../themes";
import { EmptyState } from "./empty_state";
import { WithFiles } from "./files_part";
import { LinkBanner } from "./link_status";
import { Notices } from "./notices";
import { SearchBar } from "./search_bar";
import { searching } from "./state";

export function Stage({ workspace }: { workspace: Workspace }) {
  const tabs = useStore(workspace.tabs.all);
  const front = useStore(workspace.tabs.front);
  const active = useStore(workspace.active);
  const loaded = useStore(workspace.loaded);
  const search = useStore(searching);
  const element = useRef<HTMLElement>(null);

  useLayoutEffect(() => {
    const stage = element.current;
    if (!stage) return;
    workspace.measure = () => estimateSize(stage);
    const observer = new ResizeObserver(() =>
      workspace.active.value?.screen.fitSoon(),
    );
    observer.observe(stage);
    return () => observer.disconnect();
  }, [workspace]);

  return (
    <main class="stage" ref={element}>
      {tabs.map((tab) => {
        const common = { key: tab.key, visible: tab === front, workspace };
        if (tab instanceof Session) return <Panel {...common} session={tab} />;
        if (tab instanceof FileTab) return <FilePanel {...common} tab={tab} />;
        return null;
      })}
      {loaded && tabs.length === 0 && <EmptyState workspace={workspace} />}
      {search && active && <SearchBar key={active.key} session={active} />}
      <LinkBanner connection={workspace.connection} />
    </main>
  );
}

interface PanelProps {
  session: Session;
  visible: boolean;
  workspace: Workspace;
}

function Panel({ session, visible, workspace }: PanelProps) {
  const host = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (!visible || !host.current) return;
    session.screen.show(host.current);
    if (!focusIsElsewhere()) session.term.focus();
    const observer = new ResizeObserver(() => session.screen.fitSoon());
    observer.observe(host.current);
    return () => {
      observer.disconnect();
      session.screen.hide();
    };
  }, [session, visible]);
  return (
    <section
      class="panel"
      role="tabpanel"
      id={`panel-${session.key}`}
      aria-labelledby={`tab-${session.key}`}
      hidden={!visible}
      data-testid="panel"
      data-id={session.id}
    >
      <div class="terminal-frame">
        <div class="terminal-host" ref={host} />
      </div>
      <Notices session={session} workspace={workspace} />
    </section>
  );
}

interface FilePanelProps {
  tab: FileTab;
  visible: boolean;
  workspace: Workspace;
}

/** Nothing of the file is loaded before it is looked at. */
function FilePanel({ tab, visible, workspace }: FilePanelProps) {
  const seen = useRef(false);
  seen.current ||= visible;
  return (
    <section
      class="panel"
      role="tabpanel"
      id={`panel-${tab.key}`}
      aria-labelledby={`tab-${tab.key}`}
      hidden={!visible}
      data-testid="file-panel"
      data-path={tab.path}
    >
      {seen.current && (
        <WithFiles>
          {({ FileView }) => (
            <FileView tab={tab} visible={visible} workspace={workspace} />
          )}
        </WithFiles>
      )}
    </section>
  );
}

/** Walking along the tabs or typing in a field must not lose the focus. */
function focusIsElsewhere(): boolean {
  const places = "[role=tablist], .search-bar, .side-bar, dialog[open]";
  return Boolean(document.activeElement?.closest(places));
}

/** The size of a terminal that is not there yet, measured as xterm does. */
function estimateSize(stage: HTMLElement): { cols: number; rows: number } {
  const context = document.createElement("canvas").getContext("2d");
  if (!context) return { cols: 80, rows: 24 };
  context.font = `${settings.value.fontSize}px ${fontFamily}`;
  const cell = context.measureText("W");
  const height = Math.ceil(
    cell.fontBoundingBoxAscent + cell.fontBoundingBoxDescent,
  );
  const scrollbar = 14;
  const padding = { across: 16, down: 12 }; // as in style/stage.css
  const across = stage.clientWidth - padding.across - scrollbar;
  const down = stage.clientHeight - padding.down;
  return {
    cols: Math.max(20, Math.floor(across / cell.width)),
    rows: Math.max(5, Math.floor(down / height)),
  };
}
