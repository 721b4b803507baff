// One terminal of the page: the emulator, where its stream stands and what
// the views show of it. Lives from the moment the page learns of a session
// until its tab is closed; connections come and go. Owned by workspace.
//
//   daemon -> take/gap/ended -> emulator -> acknowledgement -> daemon
//   keys -> emulator -> link.input -> daemon
import { Terminal } from "@xterm/xterm";

import type { ExitStatus, TerminalInfo } from "../api";
import { Store } from "../store";
import { fontFamily, terminalThemes } from "../themes";
import { settings, theme } from "../settings";
import { commandName, givenName, giveName } from "./names";
import { Screen } from "./screen";
import { Stream } from "./stream";
import type { Tab } from "./tabs";

/** What the session sends to the daemon. */
export interface SessionLink {
  input(id: number, bytes: Uint8Array): void;
  resize(id: number, cols: number, rows: number): void;
  ack(id: number, offset: number): void;
}

export interface SessionView {
  title: string; // what the tab says
  command: readonly string[];
  cwd: string; // where it was started; empty: the workspace directory
  alive: boolean;
  exit: ExitStatus | null;
  gone: boolean; // the daemon no longer knows it
  closing: boolean;
  skipped: number; // bytes of output this page never got
  news: "none" | "output" | "bell"; // since it was last looked at
}

/** Small acknowledgements wait this long for more, ms. */
const ackPause = 40;
const inputChunk = 32 * 1024;
let lastKey = 0;

export class Session implements Tab {
  readonly key = `t${++lastKey}`;
  readonly id: number;
  readonly term: Terminal;
  readonly stream = new Stream();
  readonly screen: Screen;
  readonly view: Store<SessionView>;
  #identity = "";
  #givenName: string | null = null;
  #programTitle = "";
  #started = false; // the daemon has streamed it to this page
  #pendingWrites = 0;
  #ackTimer = 0;
  #looked = false; // the user is looking at it
  readonly #link: SessionLink;
  readonly #encoder = new TextEncoder();
  readonly #stops: (() => void)[] = [];

  /** `identity` may be empty: the daemon says it later. */
  constructor(id: number, identity: string, link: SessionLink) {
    this.id = id;
    this.#identity = identity;
    this.#givenName = identity ? givenName(identity) : null;
    this.#link = link;
    this.view = new Store<SessionView>({
      title: this.#givenName ?? `Terminal ${id}`,
      command: [],
      cwd: "",
      alive: true,
      exit: null,
      gone: false,
      closing: false,
      skipped: 0,
      news: "none",
    });
    this.term = new Terminal({
      allowProposedApi: true, // search decorations, Unicode 11 widths
      cursorBlink: true,
      fontFamily,
      fontSize: settings.value.fontSize,
      macOptionIsMeta: true,
      minimumContrastRatio: 4.5,
      screenReaderMode: settings.value.screenReader,
      scrollback: 20_000,
      theme: terminalThemes[theme.value],
    });
    this.screen = new Screen(this.term, (cols, rows) => {
      if (this.view.value.alive && this.stream.live)
        this.#link.resize(this.id, cols, rows);
    });
    this.term.onData((data) => this.#input(this.#encoder.encode(data)));
    this.term.onBinary((data) =>
      this.#input(Uint8Array.from(data, (char) => char.charCodeAt(0) & 255)),
    );
    this.term.onTitleChange((title) => {
      this.#programTitle = title.trim().slice(0, 120);
      this.#retitle();
    });
    this.term.onBell(() => {
      if (!this.#looked && this.stream.live) this.view.patch({ news: "bell" });
    });
    this.#stops.push(
      settings.subscribe(() => this.#applySettings()),
      theme.subscribe(() => this.#applySettings()),
    );
  }

  /** Opaque: tells sessions apart that had the same id. */
  get identity(): string {
    return this.#identity;
  }

  get ident(): string {
    return this.#identity;
  }

  /** Where a new connection should resume; null: from the beginning. */
  get resumePoint(): number | null {
    return this.#started ? this.stream.next : null;
  }

  /** What GET /terminals says of it. */
  describe(info: TerminalInfo): void {
    this.#identify(info.session);
    this.view.patch({ command: info.command, cwd: info.cwd });
    this.#retitle();
    if (!info.alive && info.exit) this.ended(info.exit);
  }

  /** The daemon begins to stream it. */
  attached(frame: {
    session: string;
    offset: number;
    head: number;
    cols: number;
    rows: number;
  }): void {
    const first = !this.#started;
    this.#started = true;
    this.#identify(frame.session);
    // The replay was printed for this size; ours follows once it is drawn.
    this.screen.adopt(frame.cols, frame.rows);
    this.#missed(this.stream.attach(frame.offset, frame.head, first));
    // Acknowledging from the start makes the daemon pace us from the start.
    this.#link.ack(this.id, this.stream.acked);
    this.#settle();
  }

  /** A data frame of it. */
  received(bytes: Uint8Array): void {
    if (!this.stream.attached) return;
    const fresh = this.stream.take(bytes);
    if (fresh.length === 0) return;
    const end = this.stream.next;
    if (!this.#looked && this.stream.live && this.view.value.news === "none")
      this.view.patch({ news: "output" });
    this.#pendingWrites++;
    this.term.write(fresh, () => this.#drawn(end));
  }

  gap(to: number): void {
    this.#missed(this.stream.gap(to));
  }

  /** The program has ended; what it printed stays readable. */
  ended(exit: ExitStatus): void {
    this.view.patch({ alive: false, exit });
    this.#freeze();
  }

  /** The daemon no longer knows it; only this page still shows it. */
  vanished(): void {
    this.view.patch({ alive: false, gone: true });
    this.#freeze();
  }

  rename(name: string): void {
    this.#givenName = name.trim().slice(0, 60) || null;
    giveName(this.#identity, this.#givenName ?? "");
    this.#retitle();
  }

  focus(): void {
    this.term.focus();
  }

  look(looked: boolean): void {
    this.#looked = looked;
    if (looked) this.view.patch({ news: "none" });
  }

  dispose(): void {
    clearTimeout(this.#ackTimer);
    for (const stop of this.#stops) stop();
    this.screen.dispose();
    this.term.dispose();
  }

  #identify(identity: string): void {
    if (!identity || identity === this.#identity) return;
    this.#identity = identity;
    this.#givenName = givenName(identity);
    this.#retitle();
  }

  #retitle(): void {
    const title =
      this.#givenName ??
      (this.#programTitle ||
        commandName(this.view.value.command) ||
        `Terminal ${this.id}`);
    this.view.patch({ title });
  }

  /** Nothing can be typed any more, so there is no cursor either. */
  #freeze(): void {
    if (this.term.options.disableStdin) return;
    this.term.options.disableStdin = true;
    this.term.write("\x1b[?25l");
  }

  #missed(bytes: number): void {
    if (bytes > 0)
      this.view.patch({ skipped: this.view.value.skipped + bytes });
  }

  /** Not before the replay is drawn: what the emulator answers to it, and
   * keys meant for what is not yet to be seen, go nowhere. */
  #input(bytes: Uint8Array): void {
    if (!this.stream.live || !this.view.value.alive) return;
    for (let at = 0; at < bytes.length; at += inputChunk)
      this.#link.input(this.id, bytes.subarray(at, at + inputChunk));
  }

  #drawn(end: number): void {
    this.#pendingWrites--;
    const due = this.stream.render(end);
    if (due) this.#ack();
    else if (this.#pendingWrites === 0) this.#ackSoon();
    if (this.screen.held) this.#settle();
  }

  /** Once the replay is drawn, the terminal takes the size of its panel. */
  #settle(): void {
    this.screen.held = !this.stream.live;
    this.screen.fit(true);
  }

  #ackSoon(): void {
    if (this.#ackTimer === 0)
      this.#ackTimer = window.setTimeout(() => this.#ack(), ackPause);
  }

  #ack(): void {
    clearTimeout(this.#ackTimer);
    this.#ackTimer = 0;
    const offset = this.stream.takeAck();
    if (offset !== null) this.#link.ack(this.id, offset);
  }

  #applySettings(): void {
    const { fontSize, screenReader } = settings.value;
    this.term.options.theme = terminalThemes[theme.value];
    this.term.options.screenReaderMode = screenReader;
    if (this.term.options.fontSize !== fontSize) {
      this.term.options.fontSize = fontSize;
      this.screen.fitSoon();
    }
    this.screen.applySettings();
  }
}
