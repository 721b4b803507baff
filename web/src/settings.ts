// What the user chose about looks: theme, font size, renderer. Remembered by
// the browser, shared live between the windows of one origin.
import { recallObject, remember } from "./storage";
import { Store } from "./store";

export type ThemeChoice = "system" | "light" | "dark";

export interface Settings {
  theme: ThemeChoice;
  fontSize: number; // CSS pixels
  webgl: boolean; // draw terminals with the GPU
  screenReader: boolean; // let assistive technology read terminals
  wrap: boolean; // long lines of files go on below
}

export const minFontSize = 8;
export const maxFontSize = 32;
const defaults: Settings = {
  theme: "system",
  fontSize: 14,
  webgl: false,
  screenReader: false,
  wrap: false,
};

function load(): Settings {
  const saved = recallObject("settings");
  return {
    theme:
      saved.theme === "light" || saved.theme === "dark"
        ? saved.theme
        : defaults.theme,
    fontSize:
      typeof saved.fontSize === "number"
        ? clampFont(saved.fontSize)
        : defaults.fontSize,
    webgl: saved.webgl === true,
    screenReader: saved.screenReader === true,
    wrap: saved.wrap === true,
  };
}

export const settings = new Store<Settings>(load());

export function changeSettings(fields: Partial<Settings>): void {
  settings.patch(fields);
  remember("settings", JSON.stringify(settings.value));
}

/** Steps the font size; 0 goes back to the default. */
export function stepFont(step: -1 | 0 | 1): void {
  const size = step === 0 ? defaults.fontSize : settings.value.fontSize + step;
  changeSettings({ fontSize: clampFont(size) });
}

function clampFont(size: number): number {
  return Math.min(maxFontSize, Math.max(minFontSize, Math.round(size)));
}

// -- the theme in force: the choice, or else what the system prefers ----------

const systemDark = matchMedia("(prefers-color-scheme: dark)");

export const theme = new Store<"light" | "dark">("dark");

function applyTheme(): void {
  const { theme: choice } = settings.value;
  const dark = choice === "system" ? systemDark.matches : choice === "dark";
  theme.set(dark ? "dark" : "light");
  document.documentElement.dataset.theme = theme.value;
}

applyTheme();
settings.subscribe(applyTheme);
systemDark.addEventListener("change", applyTheme);
addEventListener("storage", (event) => {
  if (event.key === "outrigger.settings") settings.set(load());
});
