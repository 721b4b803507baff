// The colours of terminals and of search matches, for both themes. The page's
// own colours are in style/base.css; backgrounds here match them.
import type { ITheme } from "@xterm/xterm";
import type { ISearchOptions } from "@xterm/addon-search";

export const terminalThemes: Record<"light" | "dark", ITheme> = {
  dark: {
    background: "#0e1216",
    foreground: "#d7dee6",
    cursor: "#5fd6c3",
    cursorAccent: "#0e1216",
    selectionBackground: "#2c4a5a",
    selectionInactiveBackground: "#34505f",
    scrollbarSliderBackground: "#8a97a540",
    scrollbarSliderHoverBackground: "#8a97a570",
    scrollbarSliderActiveBackground: "#8a97a590",
    black: "#2a333c",
    red: "#f07178",
    green: "#8fce7e",
    yellow: "#e6c068",
    blue: "#6fb1ee",
    magenta: "#cf9bea",
    cyan: "#5fd0d0",
    white: "#c5ced8",
    brightBlack: "#7b8896",
    brightRed: "#ff8f94",
    brightGreen: "#aee39e",
    brightYellow: "#f7d98c",
    brightBlue: "#93c8fa",
    brightMagenta: "#e2b8f7",
    brightCyan: "#86e5e3",
    brightWhite: "#f5f8fa",
  },
  light: {
    background: "#ffffff",
    foreground: "#1b2530",
    cursor: "#0b7a6b",
    cursorAccent: "#ffffff",
    selectionBackground: "#bfe0ee",
    selectionInactiveBackground: "#d3e4ee",
    scrollbarSliderBackground: "#5a687640",
    scrollbarSliderHoverBackground: "#5a687670",
    scrollbarSliderActiveBackground: "#5a687690",
    black: "#1b2530",
    red: "#b8252f",
    green: "#2f7a1f",
    yellow: "#8a6100",
    blue: "#1f5fb0",
    magenta: "#8a3ab0",
    cyan: "#0b7285",
    white: "#6d7a87",
    brightBlack: "#5a6876",
    brightRed: "#d03540",
    brightGreen: "#3b8f29",
    brightYellow: "#a37300",
    brightBlue: "#2f74cc",
    brightMagenta: "#a14bc8",
    brightCyan: "#0f8a9f",
    brightWhite: "#3c4854",
  },
};

/** How matches are marked; the addon wants #rrggbb. */
export const matchColours: Record<
  "light" | "dark",
  NonNullable<ISearchOptions["decorations"]>
> = {
  dark: {
    matchBackground: "#57481f",
    matchOverviewRuler: "#e6c068",
    activeMatchBackground: "#a06a12",
    activeMatchBorder: "#f7d98c",
    activeMatchColorOverviewRuler: "#ffffff",
  },
  light: {
    matchBackground: "#fbe7a8",
    matchOverviewRuler: "#a37300",
    activeMatchBackground: "#f6b84a",
    activeMatchBorder: "#8a6100",
    activeMatchColorOverviewRuler: "#1b2530",
  },
};

export const fontFamily =
  'ui-monospace, "Cascadia Mono", "JetBrains Mono", "SF Mono", Menlo, ' +
  'Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace';
