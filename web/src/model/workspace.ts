// All terminals of the daemon as this page sees them: keeps the tabs in step
// with GET /terminals, routes frames between the connection and the sessions,
// creates and closes. Open files have tabs among them (open_files). One per
// sign-in; the views read its stores.
import { ApiError } from "../api";
import type { Api, NewTerminal, TerminalInfo } from "../api";
import { Connection } from "../connection";
import type { LinkHandler } from "../connection";
import { Store } from "../store";
import { explain, toast } from "../toasts";
import {
  ackFrame,
  attachFrame,
  inputFrame,
  parseFrame,
  parseText,
  resizeFrame,
  resumeList,
} from "../wire";
import type { ServerFrame } from "../wire";
import { FileTab } from "./file_tab";
import { OpenFiles } from "./open_files";
import { Session } from "./session";
import type { SessionLink } from "./session";
import { Tabs } from "./tabs";
import type { Tab } from "./tabs";

/** What the daemon keeps for replay: more than its default, so that a
 * reloaded page still has something to scroll back to. */
const scrollbackBytes = 1024 * 1024;
const relistDelay = 300; // ms, so that one listing covers a burst of frames

export class Workspace implements LinkHandler {
  readonly tabs = new Tabs();
  readonly files = new OpenFiles(this.tabs);
  readonly sessions = new Store<readonly Session[]>([]);
  /** The terminal in front; null when there is none or a file is. */
  readonly active = new Store<Session | null>(null);
  /** The session whose closing the user is asked about. */
  readonly asking = new Store<Session | null>(null);
  /** The first listing has arrived. */
  readonly loaded = new Store(false);
  readonly connection: Connection;
  /** Set by the panel: the size a new terminal will have. */
  measure: () => { cols: number; rows: number } = () => ({
    cols: 80,
    rows: 24,
  });

  /** Takes the text frames that are not about terminals; says which. */
  otherFrames: (frame: Record<string, unknown>) => boolean = () => false;
  /** What ends with this workspace. */
  readonly endings: (() => void)[] = [];

  readonly api: Api;
  readonly #onRefused: () => void;
  readonly #removed = new Set<string>(); // identities closed by this page
  #resumed = new Set<number>(); // ids this connection resumes
  #relistTimer = 0;

  readonly #link: SessionLink = {
    input: (id, bytes) => void this.connection.send(inputFrame(id, bytes)),
    resize: (id, cols, rows) =>
      void this.connection.send(resizeFrame(id, cols, rows)),
    ack: (id, offset) => void this.connection.send(ackFrame(id, offset)),
  };

  /** `onRefused`: the daemon does not accept the token. */
  constructor(api: Api, onRefused: () => void) {
    this.api = api;
    this.#onRefused = onRefused;
    this.connection = new Connection(api.token, this);
    this.tabs.front.subscribe(() => {
      const { value } = this.tabs.front;
      this.active.set(value instanceof Session ? value : null);
    });
    addEventListener("focus", this.#focused);
    this.connection.start();
  }

  dispose(): void {
    removeEventListener("focus", this.#focused);
    clearTimeout(this.#relistTimer);
    this.connection.stop();
    for (const end of this.endings) end();
    this.files.dispose();
    this.active.set(null);
    for (const session of this.sessions.value) session.dispose();
    this.sessions.set([]);
  }

  // -- what the user does ------------------------------------------------------

  async create(options: Pick<NewTerminal, "cmd" | "cwd" | "login"> = {}) {
    try {
      const info = await this.api.create({
        ...(this.active.value?.screen.proposal() ?? this.measure()),
        scrollback_size: scrollbackBytes,
        ...options,
      });
      this.#meet(info.id, info.session).describe(info);
      const session = this.#byId(info.id);
      if (session) this.activate(session);
    } catch (failure) {
      if (failure instanceof ApiError && failure.unauthorised) this.refused();
      else toast(`No new terminal: ${explain(failure)}`);
    }
  }

  activate(tab: Tab): void {
    this.tabs.activate(tab);
  }

  /** Closes the tab; asks first while the program runs or while changes of
   * the file are not saved. */
  requestClose(tab: Tab): void {
    if (tab instanceof FileTab) this.files.requestClose(tab);
    if (tab instanceof Session) this.#requestEnd(tab);
  }

  #requestEnd(session: Session): void {
    if (session.view.value.closing) return;
    if (session.view.value.alive) this.asking.set(session);
    else void this.close(session);
  }

  async close(session: Session): Promise<void> {
    this.asking.set(null);
    session.view.patch({ closing: true });
    try {
      if (!session.view.value.gone) await this.api.remove(session.id);
      this.#drop(session);
    } catch (failure) {
      if (failure instanceof ApiError && failure.status === 404)
        return this.#drop(session);
      session.view.patch({ closing: false });
      toast(`${session.view.value.title} stays open: ${explain(failure)}`);
    }
  }

  // -- what the connection reports ---------------------------------------------

  async prepare(resume: boolean): Promise<URLSearchParams> {
    await this.#list(true);
    const points: [number, number][] = [];
    for (const { id, view, resumePoint } of this.sessions.value)
      if (view.value.alive && resumePoint !== null)
        points.push([id, resumePoint]);
    this.#resumed = new Set(resume ? points.map(([id]) => id) : []);
    const query = new URLSearchParams();
    if (resume && points.length > 0) query.set("after", resumeList(points));
    return query;
  }

  opened(): void {
    // Finished terminals are listed but not streamed unless asked for.
    for (const session of this.sessions.value)
      if (!session.view.value.alive) this.#attach(session);
  }

  lost(): void {
    for (const session of this.sessions.value) session.stream.detach();
  }

  refused(): void {
    this.#onRefused();
  }

  probe(): Promise<void> {
    return this.api.probe();
  }

  binary(data: Uint8Array): void {
    if (data.length > 1) this.#byId(data[0]!)?.received(data.subarray(1));
  }

  text(data: string): void {
    const raw = parseText(data);
    if (!raw || this.otherFrames(raw)) return;
    const frame = parseFrame(raw);
    if (!frame) return;
    if (frame.type === "error") {
      const title = frame.id && this.#byId(frame.id)?.view.value.title;
      toast(title ? `${title}: ${frame.text}` : frame.text);
    } else if (frame.type === "attached") {
      this.#attached(frame);
    } else {
      const session = this.#byId(frame.id);
      if (!session) this.#relist();
      else if (frame.type === "gap") session.gap(frame.to);
      else this.#exited(session, frame);
    }
  }

  #attached(frame: ServerFrame & { type: "attached" }): void {
    if (this.#removed.has(frame.session)) return;
    const old = this.#byId(frame.id);
    const session = this.#meet(frame.id, frame.session);
    if (session !== old) {
      this.#relist(); // for its command
      // It was resumed where its predecessor stood: ask for all of it.
      if (this.#resumed.delete(frame.id)) return this.#attach(session);
    }
    session.attached(frame);
  }

  #exited(session: Session, frame: ServerFrame & { type: "exit" }): void {
    session.ended({ code: frame.code, signal: frame.signal });
    // Ended while the page was away: fetch what it printed last.
    if (!session.stream.attached) this.#attach(session);
    this.#relist(); // somebody may have closed it
  }

  #attach(session: Session): void {
    if (!session.view.value.gone)
      this.connection.send(attachFrame(session.id, session.resumePoint));
  }

  // -- keeping the tabs in step --------------------------------------------------

  /** `away`: the page was not connected, so what is missing may be lost
   * rather than closed by somebody, and stays on the screen. */
  async #list(away: boolean): Promise<void> {
    const known = new Set(this.sessions.value);
    const infos = await this.api.list();
    const listed = new Set<Session>();
    for (const info of infos)
      if (!this.#removed.has(info.session)) listed.add(this.#learn(info));
    for (const session of known) {
      if (listed.has(session) || session.view.value.gone) continue;
      if (away) session.vanished();
      else this.#drop(session);
    }
    const first = !this.loaded.value;
    this.loaded.set(true);
    if (first) this.tabs.restore();
  }

  #learn(info: TerminalInfo): Session {
    const session = this.#meet(info.id, info.session);
    session.describe(info);
    return session;
  }

  #relist(): void {
    clearTimeout(this.#relistTimer);
    this.#relistTimer = window.setTimeout(() => {
      if (this.connection.state.value.kind === "open")
        this.#list(false).catch(() => {}); // the next reconnect lists again
    }, relistDelay);
  }

  /** The session with this id and identity; a new tab if it is not known, in
   * the place of one that had the id before. */
  #meet(id: number, identity: string): Session {
    const old = this.#byId(id);
    if (old && (!old.identity || old.identity === identity)) return old;
    const session = new Session(id, identity, this.#link);
    if (!old) {
      this.sessions.set([...this.sessions.value, session]);
      this.tabs.add(session);
    } else {
      this.sessions.set(
        this.sessions.value.map((each) => (each === old ? session : each)),
      );
      this.tabs.replace(old, session);
      old.dispose();
    }
    if (this.loaded.value && !this.tabs.front.value) this.activate(session);
    return session;
  }

  #byId(id: number): Session | undefined {
    return this.sessions.value.find(
      (session) => session.id === id && !session.view.value.gone,
    );
  }

  #drop(session: Session): void {
    const all = this.sessions.value;
    if (!all.includes(session)) return;
    if (session.identity) this.#removed.add(session.identity);
    if (this.asking.value === session) this.asking.set(null);
    this.tabs.remove(session);
    this.sessions.set(all.filter((each) => each !== session));
    session.dispose();
  }

  readonly #focused = (): void => {
    this.active.value?.screen.fit(true);
    this.#relist();
  };
}
