// The settings under the slider button: theme, font size, renderer, sign out.
import { changeSettings, settings, stepFont } from "../settings";
import type { ThemeChoice } from "../settings";
import { useStore } from "../store";
import { Dialog } from "./dialog";
import { dialog } from "./state";

const themes: { choice: ThemeChoice; label: string }[] = [
  { choice: "system", label: "System" },
  { choice: "light", label: "Light" },
  { choice: "dark", label: "Dark" },
];

export function SettingsDialog({ onSignOut }: { onSignOut: () => void }) {
  const chosen = useStore(settings);
  return (
    <Dialog
      label="Settings"
      testid="settings-dialog"
      corner
      onClose={() => dialog.set(null)}
    >
      <h2>Settings</h2>
      <fieldset class="segments">
        <legend>Theme</legend>
        {themes.map(({ choice, label }) => (
          <label key={choice}>
            <input
              type="radio"
              name="theme"
              value={choice}
              checked={chosen.theme === choice}
              data-testid={`theme-${choice}`}
              onChange={() => changeSettings({ theme: choice })}
            />
            <span>{label}</span>
          </label>
        ))}
      </fieldset>
      <div class="row">
        <span id="font-label">Font size</span>
        <span class="stepper" role="group" aria-labelledby="font-label">
          <button
            type="button"
            aria-label="Smaller"
            data-testid="font-smaller"
            onClick={() => stepFont(-1)}
          >
            −
          </button>
          <output data-testid="font-size">{chosen.fontSize}</output>
          <button
            type="button"
            aria-label="Larger"
            data-testid="font-larger"
            onClick={() => stepFont(1)}
          >
            +
          </button>
        </span>
      </div>
      <label class="check">
        <input
          type="checkbox"
          checked={chosen.webgl}
          onChange={(event) =>
            changeSettings({ webgl: event.currentTarget.checked })
          }
        />
        <span>Draw with the GPU</span>
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={chosen.screenReader}
          onChange={(event) =>
            changeSettings({ screenReader: event.currentTarget.checked })
          }
        />
        <span>Screen reader support in terminals</span>
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={chosen.wrap}
          onChange={(event) =>
            changeSettings({ wrap: event.currentTarget.checked })
          }
        />
        <span>Wrap long lines of files</span>
      </label>
      <div class="dialog-actions">
        <button type="button" data-testid="sign-out" onClick={onSignOut}>
          Sign out
        </button>
      </div>
    </Dialog>
  );
}
