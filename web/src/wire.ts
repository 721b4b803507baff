// The frames of /ws with its extensions (?ext=1), as plain values: parsing
// what the daemon sends, building what it reads. Pure functions.
//
//   binary, both ways   [id byte][terminal bytes]
//   text, both ways     {"channel":"terminal","type":…,"id":"1",…}

export type ServerFrame =
  | {
      type: "attached";
      id: number;
      session: string; // opaque identity of the session behind the id
      offset: number; // of the next data byte sent
      head: number; // end of the output so far: what precedes it is replay
      cols: number;
      rows: number;
      alive: boolean;
    }
  | { type: "gap"; id: number; from: number; to: number }
  | { type: "exit"; id: number; code: number; signal: string | null }
  | { type: "error"; id: number | null; text: string };

/** The object in a text frame; null when there is none. */
export function parseText(json: string): Record<string, unknown> | null {
  try {
    const raw: unknown = JSON.parse(json);
    return raw !== null && typeof raw === "object"
      ? (raw as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** Null for a frame this page has no use for. */
export function parseFrame(raw: Record<string, unknown>): ServerFrame | null {
  if (raw.channel !== undefined && raw.channel !== "terminal") return null;
  const id = Number(raw.id);
  const known = Number.isInteger(id) && id >= 1 && id <= 255;
  if (raw.type === "error")
    return {
      type: "error",
      id: known ? id : null,
      text: String(raw.message ?? raw.error ?? raw.code ?? "unknown error"),
    };
  if (!known) return null;
  switch (raw.type) {
    case "attached":
      return {
        type: "attached",
        id,
        session: String(raw.session),
        offset: Number(raw.offset ?? 0),
        head: Number(raw.head ?? raw.offset ?? 0),
        cols: Number(raw.cols ?? 80),
        rows: Number(raw.rows ?? 24),
        alive: raw.alive !== false,
      };
    case "gap":
      return { type: "gap", id, from: Number(raw.from), to: Number(raw.to) };
    case "exit":
      return {
        type: "exit",
        id,
        code: Number(raw.code ?? 0),
        signal: typeof raw.signal === "string" ? raw.signal : null,
      };
    default:
      return null;
  }
}

export function resizeFrame(id: number, cols: number, rows: number): string {
  return frame("resize", id, { cols, rows });
}

/** Everything before `offset` was rendered. */
export function ackFrame(id: number, offset: number): string {
  return frame("ack", id, { offset });
}

/** Asks for a session's output from `after` on, or all that is kept. */
export function attachFrame(id: number, after: number | null): string {
  return frame("attach", id, after === null ? {} : { after });
}

/** Keystrokes; at most 64 KiB of them, the daemon's limit per terminal. */
export function inputFrame(id: number, bytes: Uint8Array): Uint8Array {
  const message = new Uint8Array(bytes.length + 1);
  message[0] = id;
  message.set(bytes, 1);
  return message;
}

/** The value of `?after=`: what the page already has, by id. */
export function resumeList(points: readonly [number, number][]): string {
  return points.map(([id, offset]) => `${id}:${offset}`).join(",");
}

function frame(type: string, id: number, fields: object): string {
  return JSON.stringify({
    channel: "terminal",
    type,
    id: String(id),
    ...fields,
  });
}
