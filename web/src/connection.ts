// The one WebSocket to the daemon: opens it, notices when it is gone, opens
// it again. Knows nothing of terminals; hands every frame to its handler
// (model/workspace). Lives from sign-in to sign-out.
//
//   connecting -> open -> waiting -> connecting -> …      closed = signed out
import { ApiError } from "./api";
import { Store } from "./store";
import { explain } from "./toasts";

export type LinkState =
  | { kind: "connecting"; attempt: number }
  | { kind: "open" }
  | { kind: "waiting"; until: number; offline: boolean; reason: string }
  | { kind: "closed" };

export interface LinkHandler {
  /** Before each attempt; resolves to the query that resumes the streams, or
   * with `resume` false to one that asks for everything again. Throwing means
   * the daemon is not there, or refuses the token. */
  prepare(resume: boolean): Promise<URLSearchParams>;
  opened(): void;
  text(data: string): void;
  binary(data: Uint8Array): void;
  /** The connection is gone; another one will be tried. */
  lost(): void;
  /** The daemon does not accept the token; nothing more is tried. */
  refused(): void;
  /** Resolves if the daemon can be reached by other means. */
  probe(): Promise<void>;
}

const firstDelay = 250;
const longestDelay = 10_000;
const openTimeout = 10_000;
const quietLimit = 20_000; // this long without a frame: ask whether it lives

export class Connection {
  readonly state = new Store<LinkState>({ kind: "closed" });
  readonly #token: string;
  readonly #handler: LinkHandler;
  #socket: WebSocket | null = null;
  #failures = 0; // in a row
  #upgraded = true; // the last socket got past the handshake
  #turn = 0; // outdates the continuations of earlier attempts
  #timer = 0;
  #heard = 0; // when the last frame came
  #watchdog = 0;

  constructor(token: string, handler: LinkHandler) {
    this.#token = token;
    this.#handler = handler;
  }

  start(): void {
    addEventListener("online", this.#wake);
    addEventListener("offline", this.#wake);
    addEventListener("pageshow", this.#wake);
    document.addEventListener("visibilitychange", this.#wake);
    this.#watchdog = window.setInterval(() => {
      if (Date.now() - this.#heard > quietLimit) this.#check();
    }, quietLimit / 2);
    this.retry();
  }

  stop(): void {
    this.#turn++;
    clearTimeout(this.#timer);
    clearInterval(this.#watchdog);
    removeEventListener("online", this.#wake);
    removeEventListener("offline", this.#wake);
    removeEventListener("pageshow", this.#wake);
    document.removeEventListener("visibilitychange", this.#wake);
    this.#drop();
    this.state.set({ kind: "closed" });
  }

  /** Tries at once instead of waiting. */
  retry(): void {
    clearTimeout(this.#timer);
    void this.#attempt();
  }

  /** False when there is no connection: the data is not kept for later. */
  send(data: string | Uint8Array): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(data as string | Uint8Array<ArrayBuffer>);
    return true;
  }

  async #attempt(): Promise<void> {
    const turn = ++this.#turn;
    this.#drop();
    this.state.set({ kind: "connecting", attempt: this.#failures });
    try {
      const query = await this.#handler.prepare(this.#upgraded);
      if (turn === this.#turn) this.#open(turn, query);
    } catch (failure) {
      if (turn !== this.#turn) return;
      if (failure instanceof ApiError && failure.unauthorised) {
        this.stop();
        this.#handler.refused();
      } else {
        this.#wait(explain(failure));
      }
    }
  }

  #open(turn: number, query: URLSearchParams): void {
    query.set("ext", "1");
    query.set("token", this.#token);
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    // The daemon reads `id:offset,…` as it stands, so undo the escaping.
    const fields = query
      .toString()
      .replaceAll("%3A", ":")
      .replaceAll("%2C", ",");
    const socket = new WebSocket(`${scheme}//${location.host}/ws?${fields}`);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    let openedAt = 0;
    this.#upgraded = false; // a refused resume looks like any other failure
    this.#timer = window.setTimeout(() => lost(), openTimeout);

    const lost = () => {
      if (turn !== this.#turn) return;
      const stable = openedAt > 0 && Date.now() - openedAt > 2000;
      if (stable) this.#failures = 0;
      this.#drop();
      if (openedAt > 0) this.#handler.lost();
      this.#wait("The connection was lost.");
    };
    socket.onopen = () => {
      clearTimeout(this.#timer);
      openedAt = this.#heard = Date.now();
      this.#upgraded = true;
      this.state.set({ kind: "open" });
      this.#handler.opened();
    };
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      this.#heard = Date.now();
      if (typeof data === "string") this.#handler.text(data);
      else this.#handler.binary(new Uint8Array(data));
    };
    socket.onclose = lost;
  }

  /** Lets go of the socket; its late events reach nobody. */
  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    clearTimeout(this.#timer);
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(1000);
  }

  #wait(reason: string): void {
    const turn = ++this.#turn;
    const longest = Math.min(longestDelay, firstDelay * 2 ** this.#failures++);
    // Spread, so that the pages of a restarted daemon do not come all at once.
    const delay = longest * (0.75 + Math.random() / 4);
    this.state.set({
      kind: "waiting",
      until: Date.now() + delay,
      offline: !navigator.onLine,
      reason,
    });
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => {
      if (turn === this.#turn) void this.#attempt();
    }, delay);
  }

  /** The network or the window is back: do not sit out the delay. */
  readonly #wake = (): void => {
    const state = this.state.value;
    if (state.kind === "open") this.#check();
    else if (state.kind === "waiting") {
      if (!navigator.onLine) this.state.set({ ...state, offline: true });
      else if (!document.hidden) this.retry();
    }
  };

  /** A peer that went away silently leaves the socket open for minutes. */
  #check(): void {
    if (this.state.value.kind !== "open") return;
    const turn = this.#turn;
    const asked = Date.now();
    this.#handler.probe().catch(() => {
      const stale = turn === this.#turn && this.#heard < asked;
      if (!stale) return;
      this.#drop();
      this.#handler.lost();
      this.#wait("The daemon does not answer.");
    });
  }
}
