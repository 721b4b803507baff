// The state of the connection: a small mark in the header, and a banner over
// the terminals while there is none.
import { useEffect, useState } from "preact/hooks";

import type { Connection, LinkState } from "../connection";
import { useStore } from "../store";

interface LinkProps {
  connection: Connection;
}

export function LinkMark({ connection }: LinkProps) {
  const state = useStore(connection.state);
  const { kind, label } = describe(state);
  return (
    <span
      class={`link-mark ${kind}`}
      title={label}
      data-testid="link"
      data-state={kind}
    >
      <span class="dot" aria-hidden="true" />
      <span class="link-label">{label}</span>
    </span>
  );
}

export function LinkBanner({ connection }: LinkProps) {
  const state = useStore(connection.state);
  const seconds = useCountdown(state.kind === "waiting" ? state.until : 0);
  const reconnecting = state.kind === "connecting" && state.attempt > 0;
  return (
    <div class="link-banner-place" role="status">
      {reconnecting && <div class="link-banner">Reconnecting…</div>}
      {state.kind === "waiting" && (
        <div class="link-banner" data-testid="link-banner">
          <span>
            {state.offline ? "This computer is offline." : state.reason}{" "}
            <span aria-hidden="true">Next try in {seconds} s.</span>
          </span>
          <button
            type="button"
            data-testid="retry"
            onClick={() => connection.retry()}
          >
            Retry now
          </button>
        </div>
      )}
    </div>
  );
}

function describe(state: LinkState): { kind: string; label: string } {
  switch (state.kind) {
    case "open":
      return { kind: "open", label: "Connected" };
    case "connecting":
      return { kind: "connecting", label: "Connecting" };
    case "waiting":
      return state.offline
        ? { kind: "offline", label: "Offline" }
        : { kind: "waiting", label: "Reconnecting" };
    case "closed":
      return { kind: "closed", label: "Signed out" };
  }
}

/** Whole seconds left until a time, running down; 0 when it is past. */
function useCountdown(until: number): number {
  const [, redraw] = useState({});
  useEffect(() => {
    if (until === 0) return;
    const timer = setInterval(() => redraw({}), 250);
    return () => clearInterval(timer);
  }, [until]);
  return Math.max(0, Math.ceil((until - Date.now()) / 1000));
}
