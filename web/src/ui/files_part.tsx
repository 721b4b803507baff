// The part of the page that has to do with files, loaded when it is first
// needed: the side bar, the panels of open files, the quick open.
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

import { Store, useStore } from "../store";

export type FilesPart = typeof import("../files/part");

type Loading = "not yet" | "loading" | "failed" | FilesPart;

const part = new Store<Loading>("not yet");

async function load(): Promise<void> {
  if (part.value !== "not yet" && part.value !== "failed") return;
  part.set("loading");
  try {
    part.set(await import("../files/part"));
  } catch {
    part.set("failed");
  }
}

interface WithFilesProps {
  children: (loaded: FilesPart) => ComponentChildren;
}

/** Shows what `children` makes of the part once it is there. */
export function WithFiles({ children }: WithFilesProps) {
  const state = useStore(part);
  useEffect(() => void load(), []);
  if (typeof state === "object") return <>{children(state)}</>;
  return (
    <div class="part-loading" role="status">
      {state === "failed" ? (
        <>
          <p>
            This part of the page could not be loaded. If the daemon was
            updated, reload the page.
          </p>
          <button type="button" onClick={() => void load()}>
            Try again
          </button>
        </>
      ) : (
        <span class="part-wait">Loading…</span>
      )}
    </div>
  );
}
