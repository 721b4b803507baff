// `window.__outrigger`: what the browser tests need to see and cannot find in
// the page's elements. Reads only.
import type { Session } from "./model/session";
import type { Workspace } from "./model/workspace";

declare global {
  interface Window {
    __outrigger?: ReturnType<typeof handle>;
  }
}

export function exposeForTests(workspace: Workspace): void {
  window.__outrigger = handle(workspace);
}

function handle(workspace: Workspace) {
  const find = (id?: number): Session | null =>
    id === undefined
      ? workspace.active.value
      : (workspace.sessions.value.find((each) => each.id === id) ?? null);
  return {
    link: () => workspace.connection.state.value.kind,
    active: () => workspace.active.value?.id ?? null,
    terminals: () => workspace.sessions.value.map(describe),
    terminal: (id?: number) => {
      const session = find(id);
      return session && describe(session);
    },
    /** Everything in the buffer, wrapped lines joined, trailing blanks cut. */
    text: (id?: number): string => {
      const session = find(id);
      return session ? bufferText(session) : "";
    },
  };
}

function describe({ id, identity, term, stream, view }: Session) {
  return {
    id,
    session: identity,
    ...view.value,
    cols: term.cols,
    rows: term.rows,
    fontSize: term.options.fontSize,
    background: term.options.theme?.background,
    next: stream.next,
    rendered: stream.rendered,
    acked: stream.acked,
    live: stream.live,
  };
}

function bufferText({ term }: Session): string {
  const buffer = term.buffer.active;
  const lines: string[] = [];
  for (let at = 0; at < buffer.length; at++) {
    const line = buffer.getLine(at);
    if (!line) continue;
    const next = buffer.getLine(at + 1);
    const text = line.translateToString(!next?.isWrapped);
    if (line.isWrapped && lines.length > 0) lines[lines.length - 1] += text;
    else lines.push(text);
  }
  return lines.join("\n").trimEnd();
}
