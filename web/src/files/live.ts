// What happens to the workspace's files, as the daemon reports it on the
// page's WebSocket: asked for on every new connection, collected for a moment
// and handed on. Where the daemon cannot report, `state` says so and the tree
// offers a button instead. Owned by files.
import type { Workspace } from "../model/workspace";
import { Store } from "../store";
import type { FilesClient } from "./client";

export type LiveState =
  | "starting"
  | "live"
  | "degraded" // some folders are looked at only now and then
  | "off"; // nothing is reported

export interface LiveHandler {
  /** The last operation on each path: create, write, remove, rename. */
  changed(changes: ReadonlyMap<string, string>): void;
  /** Something was renamed or moved, within the workspace. */
  moved(from: string, to: string): void;
  /** Anything may have changed. */
  resync(): void;
}

const pause = 40; // ms in which reports are collected
const tooMany = 5000; // reports at once: looking again is cheaper
const answerTime = 15_000; // ms; a daemon too old to know may be silent
const id = "files"; // our name for our watcher

export class Live {
  readonly state = new Store<LiveState>("starting");
  readonly #workspace: Workspace;
  readonly #client: FilesClient;
  readonly #handler: LiveHandler;
  readonly #stops: (() => void)[] = [];
  #changes = new Map<string, string>();
  #moves = new Map<string, string>(); // new path to the old one
  #watcher: unknown = null; // the daemon's name for it
  #asked = false; // on this connection, and no answer yet
  #scanning = false; // it is not said yet what is watched
  #partly = new Set<unknown>(); // watchers that said meanwhile: not all
  #timer = 0;
  #answerTimer = 0;

  constructor(workspace: Workspace, client: FilesClient, handler: LiveHandler) {
    this.#workspace = workspace;
    this.#client = client;
    this.#handler = handler;
  }

  /** Once the workspace's own path is known. */
  start(): void {
    const { state } = this.#workspace.connection;
    this.#workspace.otherFrames = (frame) => this.#take(frame);
    const follow = () => {
      if (state.value.kind === "open") this.#ask();
      else if (this.state.value !== "starting") this.state.set("starting");
    };
    const focused = () => {
      if (this.state.value !== "live") this.#handler.resync();
    };
    addEventListener("focus", focused);
    this.#stops.push(state.subscribe(follow), () =>
      removeEventListener("focus", focused),
    );
    follow();
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    clearTimeout(this.#timer);
    clearTimeout(this.#answerTimer);
    this.#workspace.otherFrames = () => false;
  }

  #ask(): void {
    this.#asked = this.#scanning = true;
    this.#watcher = null;
    this.#partly.clear();
    this.state.set("starting");
    const path = this.#client.root;
    const frame = { channel: "watcher", type: "watch", id, path };
    this.#workspace.connection.send(JSON.stringify(frame));
    clearTimeout(this.#answerTimer);
    this.#answerTimer = window.setTimeout(() => this.#off(), answerTime);
  }

  /** True when the frame was for us. */
  #take(frame: Record<string, unknown>): boolean {
    const { channel, type } = frame;
    if (type === "error" && this.#asked) {
      const about = `${frame.message ?? ""}${frame.error ?? ""}`;
      const ours = channel === "watcher" || /channel|type/i.test(about);
      if (ours) this.#off();
      return ours;
    }
    if (channel !== "watcher") return false;
    const { watcher_id: watcher } = frame;
    if (type === "ready" && frame.id === id) this.#watcher = watcher;
    // Comes before `ready`, when nobody knows yet whose it is.
    if (type === "degraded" && this.#scanning) this.#partly.add(watcher);
    if (watcher !== this.#watcher) return true; // of others
    if (type === "ready") this.#ready();
    else if (type === "change") this.#collect(frame);
    else if (type === "overflow" || type === "resync") this.#resync();
    else if (type === "degraded") this.state.set("degraded");
    else if (type === "gone") this.#gone();
    return true;
  }

  /** Also when all is reported again after it was not. */
  #ready(): void {
    this.#asked = this.#scanning = false;
    clearTimeout(this.#answerTimer);
    this.state.set(this.#partly.has(this.#watcher) ? "degraded" : "live");
    this.#partly.clear();
    this.#resync(); // what happened before nobody reported
  }

  /** The workspace folder itself; when it is back there will be `ready`. */
  #gone(): void {
    this.#scanning = true;
    this.state.set("off");
    this.#resync();
  }

  #off(): void {
    if (!this.#asked) return;
    this.#asked = false;
    clearTimeout(this.#answerTimer);
    this.state.set("off");
    this.#resync();
  }

  #collect(frame: Record<string, unknown>): void {
    const path = this.#client.relative(String(frame.path));
    if (path === null) return;
    this.#changes.set(path, String(frame.op));
    const from = this.#client.relative(String(frame.from ?? ""));
    if (frame.op === "create" && from) this.#moves.set(path, from);
    this.#timer ||= window.setTimeout(() => this.#flush(), pause);
  }

  #flush(): void {
    this.#timer = 0;
    const changes = this.#changes;
    const moves = this.#moves;
    this.#changes = new Map();
    this.#moves = new Map();
    for (const [to, from] of moves) this.#handler.moved(from, to);
    if (changes.size > tooMany) this.#handler.resync();
    else this.#handler.changed(changes);
  }

  #resync(): void {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#changes.clear();
    this.#moves.clear();
    this.#handler.resync();
  }
}
