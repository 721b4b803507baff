// Changes that are not saved yet, kept by the browser for this window: they
// survive a reload, and a token that is no longer accepted.
import { recallObject, remember } from "../storage";

export interface Draft {
  text: string;
  etag: string; // of the version that was changed
}

const longest = 1_000_000; // characters; browsers keep some millions

export function draftOf(path: string): Draft | null {
  const { text, etag } = recallObject(keyOf(path), "session");
  return typeof text === "string" && typeof etag === "string"
    ? { text, etag }
    : null;
}

/** Null forgets it. */
export function keepDraft(path: string, draft: Draft | null): void {
  const fits = draft && draft.text.length <= longest;
  remember(keyOf(path), fits ? JSON.stringify(draft) : null, "session");
}

function keyOf(path: string): string {
  return `draft:${path}`;
}
