// Asks before a terminal whose program still runs is closed.
import type { Session } from "../model/session";
import type { Workspace } from "../model/workspace";
import { useStore } from "../store";
import { Dialog } from "./dialog";

export function ConfirmClose({ workspace }: { workspace: Workspace }) {
  const session = useStore(workspace.asking);
  return session && <Question session={session} workspace={workspace} />;
}

interface QuestionProps {
  session: Session;
  workspace: Workspace;
}

function Question({ session, workspace }: QuestionProps) {
  const { title } = useStore(session.view);
  const cancel = () => workspace.asking.set(null);
  return (
    <Dialog label="Close terminal" testid="confirm-dialog" onClose={cancel}>
      <h2>Close “{title}”?</h2>
      <p>The program in it is still running and will be ended.</p>
      <div class="dialog-actions">
        <button type="button" onClick={cancel}>
          Cancel
        </button>
        <button
          type="button"
          class="danger"
          autofocus
          data-testid="confirm-close"
          onClick={() => void workspace.close(session)}
        >
          End and close
        </button>
      </div>
    </Dialog>
  );
}
