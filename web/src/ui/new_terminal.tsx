// The dialog behind "New terminal…": which program, in which directory. What
// was chosen last is offered again.
import { useState } from "preact/hooks";

import type { Workspace } from "../model/workspace";
import { recallObject, remember } from "../storage";
import { Dialog, DialogActions } from "./dialog";
import { dialog } from "./state";

const key = "new-terminal";

export function NewTerminal({ workspace }: { workspace: Workspace }) {
  const [last] = useState(() => recallObject(key));
  const [command, setCommand] = useState(String(last.command ?? ""));
  const [cwd, setCwd] = useState(String(last.cwd ?? ""));
  const [login, setLogin] = useState(last.login === true);
  const close = () => dialog.set(null);

  const submit = (event: Event) => {
    event.preventDefault();
    remember(key, JSON.stringify({ command, cwd, login }));
    close();
    void workspace.create({
      ...(command.trim() ? { cmd: commandLine(command.trim()) } : {}),
      ...(cwd.trim() ? { cwd: cwd.trim() } : {}),
      ...(login && !command.trim() ? { login } : {}),
    });
  };
  return (
    <Dialog label="New terminal" testid="new-dialog" onClose={close}>
      <form onSubmit={submit}>
        <h2>New terminal</h2>
        <label class="field">
          <span>Program</span>
          <input
            type="text"
            list="programs"
            value={command}
            placeholder="the workspace's shell"
            spellcheck={false}
            autocapitalize="off"
            data-testid="new-command"
            onInput={(event) => setCommand(event.currentTarget.value)}
          />
          <datalist id="programs">
            <option value="bash" />
            <option value="zsh" />
            <option value="fish" />
            <option value="python3" />
          </datalist>
        </label>
        <label class="field">
          <span>Directory</span>
          <input
            type="text"
            value={cwd}
            placeholder="the workspace directory"
            spellcheck={false}
            autocapitalize="off"
            data-testid="new-cwd"
            onInput={(event) => setCwd(event.currentTarget.value)}
          />
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={login}
            disabled={command.trim() !== ""}
            onChange={(event) => setLogin(event.currentTarget.checked)}
          />
          <span>Login shell: reads your profile</span>
        </label>
        <DialogActions onCancel={close}>
          <button type="submit" class="primary" data-testid="new-create">
            Create
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** A bare program runs as it is; anything longer is left to a shell. */
function commandLine(text: string): string[] {
  return /^[\w./+-]+$/.test(text) ? [text] : ["sh", "-c", text];
}
