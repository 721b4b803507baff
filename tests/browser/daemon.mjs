// The daemon under test: started, killed, started again on the same port and
// stopped, with all its sessions. Also speaks its REST interface, as another
// client would. Owned by run.mjs.
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const startTimeout = 30_000;
const stopTimeout = 20_000;

export class Daemon {
  #options;
  #folder;
  #process = null;
  #port = 0; // chosen by the first start, kept by the others
  #log = "";

  constructor(options, folder) {
    this.#options = options;
    this.#folder = folder;
    for (const name of ["state", "run", "root"])
      mkdirSync(join(folder, name), { mode: 0o700 });
  }

  get origin() {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** The address with the token in its fragment, as printed. */
  consoleUrl = "";

  get token() {
    return new URLSearchParams(new URL(this.consoleUrl).hash.slice(1)).get(
      "token",
    );
  }

  get root() {
    return join(this.#folder, "root");
  }

  /** How to run the program about the same daemon. */
  get command() {
    const { outrigger } = this.#options;
    return { outrigger, state: join(this.#folder, "state") };
  }

  log() {
    return this.#log.slice(-4000);
  }

  async start() {
    const { outrigger, holder } = this.#options;
    const args = ["serve", "--stop-sessions"];
    args.push("--listen", `127.0.0.1:${this.#port}`);
    args.push("--state-dir", join(this.#folder, "state"));
    args.push("--runtime-dir", join(this.#folder, "run"));
    args.push("--root", this.root);
    if (holder) args.push("--holder", holder);
    const child = spawn(outrigger, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env.PATH,
        LANG: "C.UTF-8",
        SHELL: "/bin/bash",
        HOME: this.root, // no start-up files of the person running the tests
        ...sanitizerOptions(),
      },
    });
    this.#process = child;
    child.stderr.on("data", (text) => (this.#log += text));
    this.consoleUrl = await new Promise((resolve, reject) => {
      let printed = "";
      const timer = setTimeout(
        () => reject(new Error("the daemon did not start in time")),
        startTimeout,
      );
      child.stdout.on("data", (text) => {
        printed += text;
        const match = /^console (\S+)$/m.exec(printed);
        if (match) resolve(match[1]);
        if (match) clearTimeout(timer);
      });
      child.once("error", reject);
      child.once("exit", (code, signal) =>
        reject(new Error(`the daemon ended at once: ${code ?? signal}`)),
      );
    });
    this.#port = Number(new URL(this.consoleUrl).port);
  }

  async ensureRunning() {
    const running = this.#process?.exitCode === null;
    if (!running || this.#process.signalCode !== null) await this.start();
  }

  /** kill -9: nothing is told to anybody. */
  async kill() {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGKILL");
    await ended;
  }

  /** Ends the daemon and every process of its sessions. Returns what had to
   * be killed for it, which should be nothing but the idle holder. */
  async stop() {
    const child = this.#process;
    if (child && child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), stopTimeout);
      await ended;
      clearTimeout(timer);
    }
    const left = [];
    for (const { pid, command } of this.#ours()) {
      if (!/holder/.test(command)) left.push(`${pid} ${command}`);
      tryKill(pid);
    }
    return left;
  }

  /** Processes that were started for our run directory or root. */
  #ours() {
    const found = [];
    for (const name of readdirSync("/proc")) {
      if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
      const command = readProc(name, "cmdline").replaceAll("\0", " ").trim();
      const mine =
        command.includes(this.#folder) ||
        readProc(name, "environ").includes(`HOME=${this.root}\0`);
      if (mine && command) found.push({ pid: Number(name), command });
    }
    return found;
  }

  // -- its REST interface ------------------------------------------------------

  async call(method, path, body) {
    const response = await fetch(this.origin + path, {
      method,
      headers: {
        Authorization: `Bearer ${this.token}`,
        "Content-Type": "application/json",
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return response.json();
  }

  async terminals() {
    return (await this.call("GET", "/terminals")).terminals;
  }

  async deleteAll() {
    const all = await this.terminals();
    await Promise.all(
      all.map(({ id }) => this.call("DELETE", `/terminals/${id}`)),
    );
  }
}

function readProc(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return ""; // gone, or not ours
  }
}

function tryKill(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // gone by itself
  }
}

function sanitizerOptions() {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => /SAN_OPTIONS$/.test(name)),
  );
}
