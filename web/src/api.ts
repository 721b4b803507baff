// REST calls to the daemon: listing, creating and ending terminals. Used by
// model/workspace and the new-terminal dialog.

/** One line of GET /terminals. */
export interface TerminalInfo {
  id: number;
  session: string; // opaque identity: tells a reused id apart
  command: string[];
  cwd: string;
  alive: boolean;
  exit: ExitStatus | null;
}

export interface ExitStatus {
  code: number;
  signal: string | null; // "SIGKILL" when one ended the program
}

export interface NewTerminal {
  cols: number;
  rows: number;
  scrollback_size: number; // bytes the daemon keeps for replay
  cmd?: string[];
  cwd?: string;
  login?: boolean;
}

/** The daemon's refusal; `status` 0 when it could not be reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }

  /** The token is missing or wrong. */
  get unauthorised(): boolean {
    return this.status === 401;
  }
}

const patience = 10_000; // ms; ending a stubborn program takes up to 5 s

type Json = Record<string, unknown>;

export class Api {
  constructor(readonly token: string) {}

  async list(): Promise<TerminalInfo[]> {
    const { terminals } = await this.#call("GET", "/terminals");
    return Array.isArray(terminals) ? terminals.map(toInfo) : [];
  }

  async create(wanted: NewTerminal): Promise<TerminalInfo> {
    return toInfo(await this.#call("POST", "/terminals", wanted));
  }

  /** Ends the terminal and forgets it. */
  async remove(id: number): Promise<void> {
    await this.#call("DELETE", `/terminals/${id}`);
  }

  /** Resolves when the daemon answers at all. */
  async probe(): Promise<void> {
    await this.#call("GET", "/health", undefined, 5000);
  }

  async #call(
    method: string,
    path: string,
    body?: object,
    timeout = patience,
  ): Promise<Json> {
    const request: RequestInit = {
      method,
      headers: {
        Authorization: `Bearer ${this.token}`,
        ...(body ? { "Content-Type": "application/json" } : {}),
      },
      cache: "no-store",
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(timeout),
    };
    if (body) request.body = JSON.stringify(body);
    let response: Response;
    try {
      response = await fetch(path, request);
    } catch {
      throw new ApiError(0, "The daemon cannot be reached.");
    }
    const answer = (await response.json().catch(() => ({}))) as Json;
    if (!response.ok || answer.success === false)
      throw new ApiError(
        response.status,
        text(answer.error) || text(answer.message) || response.statusText,
      );
    return answer;
  }
}

function toInfo(raw: Json): TerminalInfo {
  const alive = raw.alive !== false;
  return {
    id: Number(raw.id),
    session: text(raw.session) || text(raw.created_at),
    command: Array.isArray(raw.command) ? raw.command.map(text) : [],
    cwd: text(raw.cwd),
    alive,
    exit: alive
      ? null
      : { code: Number(raw.exit_code ?? 0), signal: text(raw.signal) || null },
  };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
