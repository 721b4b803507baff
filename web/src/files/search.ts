// Searching the contents of all files: what is looked for, the running
// request, what it found. Kept while the side bar shows something else. Owned
// by files.
import { Store } from "../store";
import { explain } from "../toasts";
import type { FilesClient, Match, SearchOptions } from "./client";

export interface SearchView extends SearchOptions {
  text: string;
  running: boolean;
  problem: string | null;
  files: { path: string; matches: Match[] }[];
  matches: number;
  capped: boolean; // there are more
  searched: boolean; // for this text, with these options
}

const typingPause = 250; // ms

export class Search {
  readonly view = new Store<SearchView>({
    text: "",
    caseSensitive: false,
    wholeWord: false,
    regex: false,
    everything: false,
    running: false,
    problem: null,
    files: [],
    matches: 0,
    capped: false,
    searched: false,
  });
  readonly #client: FilesClient;
  #timer = 0;
  #running: AbortController | null = null;

  constructor(client: FilesClient) {
    this.#client = client;
  }

  /** Looks for something else, or in another way; soon. */
  change(fields: Partial<SearchOptions & { text: string }>): void {
    this.view.patch({ ...fields, searched: false });
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.run(), typingPause);
  }

  /** Looks now. */
  async run(): Promise<void> {
    clearTimeout(this.#timer);
    this.#running?.abort();
    const { text } = this.view.value;
    if (!text) return this.#show({ files: [], matches: 0, capped: false });
    const running = new AbortController();
    this.#running = running;
    this.view.patch({ running: true, problem: null });
    try {
      const { value } = this.view;
      this.#show(await this.#client.search(text, value, running.signal));
    } catch (failure) {
      if (running.signal.aborted) return;
      const none = { files: [], matches: 0, capped: false };
      const bad = /no regular expression: (.*)/s.exec(explain(failure))?.[1];
      this.#show(none, bad ? `Not a pattern: ${bad}` : explain(failure));
    }
  }

  #show(
    found: Pick<SearchView, "files" | "matches" | "capped">,
    problem: string | null = null,
  ): void {
    this.#running = null;
    const searched = this.view.value.text !== "";
    this.view.patch({ ...found, problem, running: false, searched });
  }
}

/** Where in a line the text was found: start and length, or null when it
 * cannot be told. */
export function spotIn(
  line: string,
  column: number,
  { text, regex, caseSensitive, wholeWord }: SearchView,
): [number, number] | null {
  try {
    const source = regex ? text : text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const pattern = new RegExp(
      wholeWord ? `\\b(?:${source})\\b` : source,
      caseSensitive ? "gu" : "giu",
    );
    // The column may count bytes: then the match at or before it is meant.
    let best: [number, number] | null = null;
    for (const match of line.matchAll(pattern)) {
      if (match[0] === "" || (best && match.index >= column)) break;
      best = [match.index, match[0].length];
    }
    return best;
  } catch {
    return null;
  }
}
