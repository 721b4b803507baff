// The overlay of keyboard shortcuts, made from their table.
import { shortcuts } from "../shortcuts";
import { Dialog } from "./dialog";
import { dialog } from "./state";

export function Help() {
  const close = () => dialog.set(null);
  return (
    <Dialog label="Keyboard shortcuts" testid="help-dialog" onClose={close}>
      <h2>Keyboard shortcuts</h2>
      <table class="keys">
        <tbody>
          {shortcuts.map(({ keys, does }) => (
            <tr key={does}>
              <th scope="row">{does}</th>
              <td>
                {keys.map((each) => (
                  <Keys key={each} text={each} />
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="hint">
        Some browsers keep Ctrl+Shift+T, Ctrl+Shift+W and Ctrl+PageUp/PageDown
        for their own tabs: use the other keys, or install this page as an app.
        F1 and F2 go to full-screen programs while one runs. In the editor Tab
        indents; Ctrl+M makes it move on instead, and back.
      </p>
      <div class="dialog-actions">
        <button type="button" class="primary" autofocus onClick={close}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

function Keys({ text }: { text: string }) {
  const parts = text.split(/\+(?=.)/); // "Ctrl++" is Ctrl and +
  return (
    <span class="key-group">
      {parts.map((part) => (
        <kbd key={part}>{part}</kbd>
      ))}
    </span>
  );
}
