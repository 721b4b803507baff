// How one emulator sits in the page: its element, its size, its add-ons.
// Opened when first shown; hidden terminals keep parsing without drawing.
// Owned by session; mounted by ui/terminal_panel.
import { FitAddon } from "@xterm/addon-fit";
import { SearchAddon } from "@xterm/addon-search";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { WebLinksAddon } from "@xterm/addon-web-links";
import type { ITerminalAddon, Terminal } from "@xterm/xterm";

import { settings } from "../settings";

export class Screen {
  readonly search = new SearchAddon({ highlightLimit: 2000 });
  readonly #term: Terminal;
  readonly #fitter = new FitAddon();
  readonly #sized: (cols: number, rows: number) => void;
  /** Keeps the adopted size until the replay printed for it is drawn. */
  held = false;
  #host: HTMLElement | null = null;
  #frame = 0;
  #webgl: ITerminalAddon | null = null;

  /** `sized`: the program should be told of this size. */
  constructor(term: Terminal, sized: (cols: number, rows: number) => void) {
    this.#term = term;
    this.#sized = sized;
    term.loadAddon(this.#fitter);
    term.loadAddon(this.search);
    term.loadAddon(new Unicode11Addon());
    term.loadAddon(new WebLinksAddon((_event, address) => openLink(address)));
    term.options.linkHandler = {
      activate: (_event, address) => openLink(address),
    };
    term.unicode.activeVersion = "11";
  }

  /** Shows the terminal in `host`, which is displayed. */
  show(host: HTMLElement): void {
    this.#host = host;
    if (!this.#term.element) {
      this.#term.open(host);
      this.applySettings();
    } else if (this.#term.element.parentElement !== host) {
      host.append(this.#term.element);
    }
    this.fitSoon();
  }

  hide(): void {
    this.#host = null;
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  /** Takes over the size the program draws for. */
  adopt(cols: number, rows: number): void {
    if (cols > 0 && rows > 0) this.#term.resize(cols, rows);
  }

  /** The size that fills the panel, or null while it cannot be measured. */
  proposal(): { cols: number; rows: number } | null {
    const size = this.#host ? this.#fitter.proposeDimensions() : undefined;
    if (!size || !(size.cols > 1) || !(size.rows > 0)) return null;
    return size;
  }

  /** Fits the terminal to the panel, but only for the page the user is at:
   * several pages of different sizes would fight over one program. With
   * `report` the program is told even if nothing changed here. */
  fit(report = false): void {
    const size = this.proposal();
    if (!size || this.held || !document.hasFocus()) return;
    const { cols, rows } = this.#term;
    const changed = size.cols !== cols || size.rows !== rows;
    if (changed) this.#term.resize(size.cols, size.rows);
    if (changed || report) this.#sized(size.cols, size.rows);
  }

  /** At the next frame, once, however often it is asked for. */
  fitSoon(): void {
    if (this.#frame || !this.#host) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.fit();
    });
  }

  /** Turns drawing with the GPU on or off. */
  applySettings(): void {
    const wanted = settings.value.webgl && this.#term.element !== undefined;
    if (wanted && !this.#webgl) void this.#loadWebgl();
    if (!wanted) this.#dropWebgl();
  }

  dispose(): void {
    this.#dropWebgl();
    this.hide();
  }

  async #loadWebgl(): Promise<void> {
    try {
      const { WebglAddon } = await import("@xterm/addon-webgl");
      if (this.#webgl || !settings.value.webgl) return;
      const addon = new WebglAddon();
      addon.onContextLoss(() => this.#dropWebgl());
      this.#term.loadAddon(addon);
      this.#webgl = addon;
      this.fitSoon(); // its cells are whole pixels
    } catch {
      // No GPU, or too many contexts: the ordinary renderer stays.
    }
  }

  #dropWebgl(): void {
    if (!this.#webgl) return;
    this.#webgl.dispose();
    this.#webgl = null;
    this.fitSoon();
  }
}

function openLink(address: string): void {
  if (/^https?:\/\//i.test(address))
    window.open(address, "_blank", "noopener,noreferrer");
}
