// The bar at the top: the button of the side bar, tabs, the buttons that create terminals, the state of
// the connection, search, settings and help.
import { FileTab } from "../model/file_tab";
import type { Workspace } from "../model/workspace";
import { openSearch } from "../shortcuts";
import { useStore } from "../store";
import { Icon } from "./icons";
import { LinkMark } from "./link_status";
import { dialog, sideBar } from "./state";
import { TabBar } from "./tab_bar";

export function Header({ workspace }: { workspace: Workspace }) {
  const front = useStore(workspace.tabs.front);
  return (
    <header class="header">
      <FilesButton />
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
          aria-label="Find in what is shown"
          title={
            front instanceof FileTab ? "Find (Ctrl+F)" : "Find (Ctrl+Shift+F)"
          }
          disabled={!front}
          data-testid="search"
          onClick={() => {
            if (front instanceof FileTab) front.shown?.find();
            else openSearch(workspace.active.value);
          }}
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

function FilesButton() {
  const { open } = useStore(sideBar);
  return (
    <span class="header-start">
      <button
        type="button"
        class="icon-button"
        aria-label="Files"
        aria-expanded={open}
        aria-controls="side-bar"
        title="Files (Ctrl+Shift+E)"
        data-testid="files"
        onClick={() => sideBar.patch({ open: !open })}
      >
        <Icon name="files" />
      </button>
    </span>
  );
}
