// What the user must know about a terminal, below its screen: how the program
// ended, that output was skipped, that the daemon no longer has it.
import type { ExitStatus } from "../api";
import type { Session, SessionView } from "../model/session";
import type { Workspace } from "../model/workspace";
import { useStore } from "../store";
import { Icon } from "./icons";

interface NoticesProps {
  session: Session;
  workspace: Workspace;
}

export function Notices({ session, workspace }: NoticesProps) {
  const view = useStore(session.view);
  return (
    <div class="notices" role="status">
      {view.skipped > 0 && (
        <div class="notice warn" data-testid="gap-notice">
          <span>
            <b>{view.skipped.toLocaleString("en")} bytes skipped</b>: this page
            was away or too slow for that output.
          </span>
          <button
            type="button"
            class="icon-button"
            aria-label="Dismiss"
            onClick={() => session.view.patch({ skipped: 0 })}
          >
            <Icon name="close" />
          </button>
        </div>
      )}
      {!view.alive && (
        <div class={`notice ${endKind(view)}`} data-testid="exit-notice">
          <span>{endText(view)}</span>
          <span class="notice-actions">
            <button
              type="button"
              onClick={() => void workspace.create(again(view))}
            >
              Run again
            </button>
            <button
              type="button"
              data-testid="exit-close"
              onClick={() => workspace.requestClose(session)}
            >
              Close
            </button>
          </span>
        </div>
      )}
    </div>
  );
}

function endKind(view: SessionView): string {
  if (!view.exit) return "warn";
  return view.exit.code === 0 ? "done" : "bad";
}

function endText(view: SessionView): string {
  const kept = "Its output stays here until you close it.";
  if (view.exit) return `${exitText(view.exit)} ${kept}`;
  return `The daemon no longer has this terminal. ${kept}`;
}

function exitText({ code, signal }: ExitStatus): string {
  return signal
    ? `The program was ended by ${signal}.`
    : `The program exited with code ${code}.`;
}

function again(view: SessionView) {
  return {
    ...(view.command.length > 0 ? { cmd: [...view.command] } : {}),
    ...(view.cwd ? { cwd: view.cwd } : {}),
  };
}
