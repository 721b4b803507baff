// Asks before a terminal whose program still runs is closed, or a file with
// unsaved changes.
import { nameOf } from "../model/file_tab";
import type { FileTab } from "../model/file_tab";
import type { Session } from "../model/session";
import type { Workspace } from "../model/workspace";
import { useStore } from "../store";
import { Dialog, DialogActions } from "./dialog";

export function ConfirmClose({ workspace }: { workspace: Workspace }) {
  const session = useStore(workspace.asking);
  const file = useStore(workspace.files.asking);
  if (file) return <Unsaved tab={file} workspace={workspace} />;
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
      <DialogActions onCancel={cancel}>
        <button
          type="button"
          class="danger"
          autofocus
          data-testid="confirm-close"
          onClick={() => void workspace.close(session)}
        >
          End and close
        </button>
      </DialogActions>
    </Dialog>
  );
}

function Unsaved({ tab, workspace }: { tab: FileTab; workspace: Workspace }) {
  const { files } = workspace;
  const cancel = () => files.asking.set(null);
  const save = async () => {
    cancel();
    if (await tab.shown?.save()) files.close(tab);
    else workspace.activate(tab); // it shows why
  };
  return (
    <Dialog label="Unsaved changes" testid="unsaved-dialog" onClose={cancel}>
      <h2>Save the changes to “{nameOf(tab.path)}”?</h2>
      <p>They are only on this page and are lost if they are not saved.</p>
      <DialogActions onCancel={cancel}>
        <button
          type="button"
          class="danger"
          data-testid="unsaved-drop"
          onClick={() => files.close(tab)}
        >
          Don’t save
        </button>
        <button
          type="button"
          class="primary"
          autofocus
          data-testid="unsaved-save"
          onClick={() => void save()}
        >
          Save
        </button>
      </DialogActions>
    </Dialog>
  );
}
