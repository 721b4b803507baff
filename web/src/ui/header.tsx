// The bar at the top: tabs, the buttons that create terminals, the state of
// the connection, search, settings and help.
import type { Workspace } from "../model/workspace";
import { openSearch } from "../shortcuts";
import { useStore } from "../store";
import { Icon } from "./icons";
import { LinkMark } from "./link_status";
import { dialog } from "./state";
import { TabBar } from "./tab_bar";

export function Header({ workspace }: { workspace: Workspace }) {
  const active = useStore(workspace.active);
  return (
    <header class="header">
      <TabBar workspace={workspace} />
      <span class="new-buttons">
        <button
          type="button"
          class="icon-button"
          aria-label="New terminal"
          title="New terminal (Ctrl+Shift+Enter)"
          data-testid="new"
          onClick={() => void workspace.create()}
        >
          <Icon name="plus" />
        </button>
        <button
          type="button"
          class="icon-button narrow"
          aria-label="New terminal with options"
          title="New terminal with options"
          aria-haspopup="dialog"
          data-testid="new-options"
          onClick={() => dialog.set("new")}
        >
          <Icon name="down" />
        </button>
      </span>
      <span class="header-end">
        <LinkMark connection={workspace.connection} />
        <button
          type="button"
          class="icon-button"
          aria-label="Find in terminal"
          title="Find (Ctrl+Shift+F)"
          disabled={!active}
          data-testid="search"
          onClick={() => openSearch(active)}
        >
          <Icon name="search" />
        </button>
        <button
          type="button"
          class="icon-button"
          aria-label="Settings"
          title="Settings"
          aria-haspopup="dialog"
          data-testid="settings"
          onClick={() => dialog.set("settings")}
        >
          <Icon name="settings" />
        </button>
        <button
          type="button"
          class="icon-button"
          aria-label="Keyboard shortcuts"
          title="Keyboard shortcuts (F1)"
          aria-haspopup="dialog"
          data-testid="help"
          onClick={() => dialog.set("help")}
        >
          <Icon name="help" />
        </button>
      </span>
    </header>
  );
}
