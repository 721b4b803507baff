// Shown when the daemon has no terminal: one big button.
import type { Workspace } from "../model/workspace";
import { Icon } from "./icons";
import { dialog } from "./state";

export function EmptyState({ workspace }: { workspace: Workspace }) {
  return (
    <div class="empty" data-testid="empty">
      <div class="empty-mark">
        <Icon name="prompt" />
      </div>
      <h1>No terminals yet</h1>
      <p>
        Terminals run in the workspace, not in this page: they go on when you
        close it, and are here again when you come back.
      </p>
      <button
        type="button"
        class="primary big"
        data-testid="empty-new"
        onClick={() => void workspace.create()}
      >
        <Icon name="plus" /> New terminal
      </button>
      <p class="hint">
        <kbd>Ctrl</kbd> <kbd>Shift</kbd> <kbd>Enter</kbd> · or{" "}
        <button type="button" class="link" onClick={() => dialog.set("new")}>
          choose program and directory
        </button>
      </p>
    </div>
  );
}
