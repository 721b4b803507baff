// The daemon's REST interface to the workspace's files. Paths here begin at
// the workspace ("/src/main.ts"); only listings and searches of the daemon
// take the machine's own, which `root` turns them into.
import { ApiError } from "../api";
import { plainWords } from "./wording";

export type EntryType = "file" | "directory" | "symlink";

export interface Entry {
  name: string;
  type: EntryType;
  size: number;
  modified: string;
}

export interface FileStat {
  type: EntryType;
  size: number;
  etag: string; // with its quotes
}

/** A refusal with the name the daemon gives it. */
export class FilesError extends ApiError {
  constructor(
    status: number,
    message: string,
    readonly code = "",
  ) {
    super(status, message);
  }

  /** If-Match or If-None-Match did not hold. */
  get changed(): boolean {
    return this.status === 412;
  }

  get missing(): boolean {
    return this.status === 404;
  }
}

export interface Match {
  line: number;
  column: number; // 1 when it is not known
  text: string;
}

export interface SearchOptions {
  caseSensitive: boolean;
  wholeWord: boolean;
  regex: boolean;
  everything: boolean; // hidden and ignored files too
}

export interface SearchAnswer {
  files: { path: string; matches: Match[] }[];
  matches: number;
  capped: boolean;
}

type Json = Record<string, unknown>;

const patience = 30_000; // ms, for answers that are small
const contentPlace = "/api/v1/files/content";
const batch = 200; // paths in one request

export class FilesClient {
  readonly token: string;
  readonly #refused: () => void;
  /** The workspace folder on the machine; empty before the first listing. */
  root = "";

  /** `refused`: the daemon does not accept the token. */
  constructor(token: string, refused: () => void) {
    this.token = token;
    this.#refused = refused;
  }

  /** The machine's path of `path`. */
  absolute(path: string): string {
    return (this.root === "/" ? "" : this.root) + path || "/";
  }

  /** The same, also before anything else has told where the workspace is. */
  async #place(path: string): Promise<string> {
    if (!this.root) await this.list("");
    return this.absolute(path);
  }

  /** The inverse of absolute; null for what lies outside. */
  relative(absolute: string): string | null {
    if (absolute === this.root) return "";
    const root = this.root === "/" ? "" : this.root;
    return absolute.startsWith(`${root}/`) ? absolute.slice(root.length) : null;
  }

  async list(path: string): Promise<Entry[]> {
    const answer = await this.#json("GET", "/files", {
      path: path ? await this.#place(path) : this.root,
      nested: "false",
      use_gitignore: "false",
      light: "false",
    });
    if (!this.root) this.root = String(answer.path);
    return Array.isArray(answer.entries) ? answer.entries.map(toEntry) : [];
  }

  async stat(path: string): Promise<FileStat> {
    const query = { path: await this.#place(path) };
    const answer = await this.#json("GET", "/files/stat", query);
    const { type, size } = toEntry(answer);
    return { type, size, etag: String(answer.etag ?? "") };
  }

  /** The file itself, as it comes. */
  read(path: string, signal?: AbortSignal): Promise<Response> {
    const query = { path, raw: "true" };
    return this.fetch("GET", contentPlace, { query, signal });
  }

  /** Replaces or makes the file; `condition` is a header that must hold.
   * Returns the new etag. */
  async save(
    path: string,
    body: Blob,
    condition: Record<string, string>,
  ): Promise<string> {
    const response = await this.fetch("PUT", contentPath(path), {
      headers: { "Content-Type": "application/octet-stream", ...condition },
      body,
    });
    const etag = response.headers.get("ETag");
    if (etag) return etag;
    const { data } = (await response.json()) as { data?: Json };
    return `"${text(data?.versionId)}"`;
  }

  async create(path: string, type: "file" | "directory"): Promise<void> {
    await this.#json("POST", "/api/v1/files", {}, { path, type });
  }

  async move(from: string, to: string, overwrite = false): Promise<void> {
    const body = { sourcePath: from, destPath: to, overwrite };
    await this.#json("POST", "/api/v1/files/move", {}, body);
  }

  async copy(from: string, to: string): Promise<void> {
    const body = { sourcePath: from, destPath: to, overwrite: false };
    await this.#json("POST", "/api/v1/files/copy", {}, body, null);
  }

  /** Folders with all that is in them. */
  async remove(path: string): Promise<void> {
    const query = { path, recursive: "true" };
    await this.#json("DELETE", "/api/v1/files", query, null, null);
  }

  /** The same for many. Those that are still there, and why. */
  async removeAll(
    paths: readonly string[],
  ): Promise<{ path: string; reason: string }[]> {
    const kept = [];
    for (let at = 0; at < paths.length; at += batch) {
      const body = { paths: paths.slice(at, at + batch), recursive: true };
      const place = "/api/v1/files/batch-delete";
      const { results } = await this.#json("POST", place, {}, body, null);
      for (const { path, error } of (results ?? []) as Json[])
        if (error) kept.push({ path: below(path), reason: text(error) });
    }
    return kept;
  }

  /** An address that works once, without the token. */
  async downloadAddress(path: string): Promise<string> {
    const wanted = { path: contentPlace };
    const { ticket } = await this.#json("POST", "/ticket", {}, wanted);
    const query = { path, raw: "true", download: "true" };
    return `${contentPlace}?${new URLSearchParams({ ...query, ticket: String(ticket) })}`;
  }

  /** All of it as one tar.gz. */
  async archive(
    paths: readonly string[],
    signal: AbortSignal,
  ): Promise<Response> {
    await this.#place("");
    const absolute = paths.map((path) => this.absolute(path));
    return this.fetch("POST", "/files/transfer/download", {
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ paths: absolute }),
      signal,
    });
  }

  async search(
    text: string,
    options: SearchOptions,
    signal: AbortSignal,
  ): Promise<SearchAnswer> {
    const query = {
      q: text,
      path: await this.#place(""),
      max_results: "2000",
      case_sensitive: String(options.caseSensitive),
      regex: String(options.regex),
      whole_word: String(options.wholeWord),
      include_hidden: String(options.everything),
      no_gitignore: String(options.everything),
    };
    const answer = await this.#json("GET", "/files/search", query, null, signal);
    const results = (answer.results ?? {}) as Record<string, Json[]>;
    return {
      files: Object.entries(results).map(([path, found]) => ({
        path: below(path),
        matches: found.map(toMatch),
      })),
      matches: Number(answer.total_matches ?? 0),
      capped: answer.capped === true,
    };
  }

  /** Paths of files whose path contains `text`. */
  async find(text: string, signal: AbortSignal): Promise<string[]> {
    const root = await this.#place("");
    const query = { q: text, path: root, max_results: "200" };
    const place = "/files/search/files";
    const { files } = await this.#json("GET", place, query, null, signal);
    return Array.isArray(files) ? files.map(below) : [];
  }

  // -- the calls themselves ------------------------------------------------------

  /** Resolves to a good answer only. */
  async fetch(
    method: string,
    path: string,
    { query = {}, headers = {}, body, signal }: CallOptions,
  ): Promise<Response> {
    const fields = new URLSearchParams(query).toString();
    const request: RequestInit = {
      method,
      headers: { Authorization: `Bearer ${this.token}`, ...headers },
      cache: "no-store",
      credentials: "omit",
      referrerPolicy: "no-referrer",
      ...(body === undefined ? {} : { body }),
      ...(signal ? { signal } : {}),
    };
    let response: Response;
    try {
      response = await fetch(fields ? `${path}?${fields}` : path, request);
    } catch (failure) {
      if (signal?.aborted && !tooLate(failure)) throw failure;
      throw new FilesError(0, "The daemon cannot be reached.");
    }
    if (response.ok) return response;
    throw this.refusal(response.status, await response.text().catch(() => ""));
  }

  /** What an answer that is not good says. */
  refusal(status: number, body: string): FilesError {
    if (status === 401) this.#refused();
    const { code, message } = errorFields(body);
    return new FilesError(status, plainWords(status, code, message), code);
  }

  async #json(
    method: string,
    path: string,
    query: Record<string, string>,
    body: object | null = null,
    signal: AbortSignal | null = AbortSignal.timeout(patience),
  ): Promise<Json> {
    const headers = body ? { "Content-Type": "application/json" } : {};
    const sent = body ? { body: JSON.stringify(body), headers } : {};
    const limit = signal ? { signal } : {};
    const response = await this.fetch(method, path, { query, ...limit, ...sent });
    return (await response.json()) as Json;
  }
}

interface CallOptions {
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: Blob | string;
  signal?: AbortSignal | undefined;
}

/** Where the bytes of a file are put. Not behind its path: names may have
 * characters that no address may have. */
export function contentPath(path: string): string {
  return `${contentPlace}?path=${encodeURIComponent(path)}`;
}

function tooLate(failure: unknown): boolean {
  return failure instanceof DOMException && failure.name === "TimeoutError";
}

/** Both forms of the daemon's errors. */
function errorFields(body: string): { code: string; message: string } {
  try {
    const raw = JSON.parse(body) as Json;
    const detail = raw.detail as Json | string | undefined;
    if (detail && typeof detail === "object")
      return { code: text(detail.code), message: text(detail.message) };
    const message = text(raw.message) || text(detail) || text(raw.error);
    return { code: text(raw.code), message };
  } catch {
    return { code: "", message: "" };
  }
}

/** A path as the daemon gives it, with or without its first slash. */
function below(path: unknown): string {
  return `/${text(path).replace(/^\/+/, "")}`;
}

function toEntry(raw: Json): Entry {
  return {
    name: text(raw.name),
    type:
      raw.type === "directory" || raw.type === "symlink" ? raw.type : "file",
    size: Number(raw.size ?? 0),
    modified: text(raw.modified),
  };
}

function toMatch(raw: Json): Match {
  return {
    line: Number(raw.line ?? 1),
    column: Number(raw.column ?? 1),
    text: text(raw.text),
  };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
