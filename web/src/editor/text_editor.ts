// One text in CodeMirror: what is typed, what of it is saved, where the
// cursor is. Loaded with the first text file that is opened; knows nothing of
// where the text comes from. Owned by files/document.
import { Compartment, EditorSelection, EditorState } from "@codemirror/state";
import type { ChangeSpec, Extension, Text } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { indentUnit } from "@codemirror/language";
import { openSearchPanel } from "@codemirror/search";

import type { Spot } from "../model/file_tab";
import { settings, theme } from "../settings";
import { Store } from "../store";
import { languageFor } from "./languages";
import { behaviour, look } from "./extensions";
import { indentOf } from "./indent";

export interface EditorOptions {
  text: string;
  path: string;
  keepReturns: boolean; // \r are characters like others
  changed: (dirty: boolean) => void;
  typed: () => void; // the text is another, dirty or not
}

/** What the line below an editor says. */
export interface CursorView {
  line: number;
  column: number;
  selected: number; // characters
  language: string;
  indent: string;
}

export class TextEditor {
  readonly element = document.createElement("div");
  readonly cursor: Store<CursorView>;
  readonly #view: EditorView;
  readonly #options: EditorOptions;
  readonly #looks = new Compartment();
  readonly #returns = new Compartment();
  readonly #language = new Compartment();
  readonly #stops: (() => void)[];
  #saved: Text;
  #dirty = false;

  constructor(options: EditorOptions) {
    this.#options = options;
    this.element.className = "editor-host";
    const indent = indentOf(options.text);
    this.cursor = new Store<CursorView>({
      line: 1,
      column: 1,
      selected: 0,
      language: "Plain text",
      indent: indent === "\t" ? "Tabs" : `Spaces: ${indent.length}`,
    });
    const state = EditorState.create({
      doc: options.text,
      extensions: [
        this.#returns.of(lineEnds(options.keepReturns)),
        behaviour,
        indentUnit.of(indent),
        this.#looks.of(this.#lookNow()),
        this.#language.of([]),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) this.#changed();
          if (update.docChanged) options.typed();
          if (update.docChanged || update.selectionSet) this.#moved();
        }),
      ],
    });
    this.#view = new EditorView({ state, parent: this.element });
    this.#saved = state.doc;
    const restyle = () =>
      this.#view.dispatch({
        effects: this.#looks.reconfigure(this.#lookNow()),
      });
    this.#stops = [theme.subscribe(restyle), settings.subscribe(restyle)];
    void this.speak(options.path);
  }

  /** Highlights as files of this name are. */
  async speak(path: string): Promise<void> {
    const { name, load } = languageFor(path);
    this.cursor.patch({ language: name });
    const support = await load().catch(() => []);
    this.#view.dispatch({ effects: this.#language.reconfigure(support) });
  }

  get text(): string {
    return this.#view.state.doc.toString();
  }

  /** It is in the page, and not in a hidden panel. */
  get shown(): boolean {
    return this.element.offsetParent !== null;
  }

  focus(): void {
    this.#view.focus();
  }

  /** Selects a place and brings it into the middle. */
  go({ line, column, length = 0 }: Spot): void {
    const { doc } = this.#view.state;
    const there = doc.line(Math.min(Math.max(1, line), doc.lines));
    const from = Math.min(there.from + Math.max(0, column - 1), there.to);
    const to = Math.min(from + length, there.to);
    this.#view.dispatch({
      selection: EditorSelection.single(from, to),
      effects: EditorView.scrollIntoView(from, { y: "center" }),
    });
  }

  find(): void {
    this.focus();
    openSearchPanel(this.#view);
  }

  /** Changes the text as if it were typed. */
  edit(text: string): void {
    this.#replace(text);
  }

  /** Takes over what was saved elsewhere; the cursor stays where it can. */
  adopt(text: string, keepReturns: boolean): void {
    const effects = this.#returns.reconfigure(lineEnds(keepReturns));
    this.#view.dispatch({ effects });
    this.#replace(text);
    this.#saved = this.#view.state.doc;
    this.#changed();
  }

  /** The text now, and what to call when just this is saved. */
  snapshot(): { text: string; saved: () => void } {
    const { doc } = this.#view.state;
    const saved = () => {
      this.#saved = doc;
      this.#changed();
    };
    return { text: doc.toString(), saved };
  }

  /** It may have been hidden while things changed. */
  measure(): void {
    this.#view.requestMeasure();
  }

  dispose(): void {
    for (const stop of this.#stops) stop();
    this.#view.destroy();
  }

  #lookNow(): Extension {
    return look(theme.value === "dark", settings.value);
  }

  #changed(): void {
    const dirty = !this.#view.state.doc.eq(this.#saved);
    if (dirty === this.#dirty) return;
    this.#dirty = dirty;
    this.#options.changed(dirty);
  }

  #moved(): void {
    const { doc, selection } = this.#view.state;
    const { head } = selection.main;
    const line = doc.lineAt(head);
    const selected = selection.ranges.reduce(
      (sum, { from, to }) => sum + to - from,
      0,
    );
    this.cursor.patch({
      line: line.number,
      column: head - line.from + 1,
      selected,
    });
  }

  /** Only the part that differs, so that cursor and folds stay. */
  #replace(text: string): void {
    const old = this.text;
    if (old === text) return;
    const most = Math.min(old.length, text.length);
    let from = 0;
    while (from < most && old[from] === text[from]) from++;
    let tail = 0;
    while (
      tail < most - from &&
      old[old.length - 1 - tail] === text[text.length - 1 - tail]
    )
      tail++;
    const changes: ChangeSpec = {
      from,
      to: old.length - tail,
      insert: this.#view.state.toText(text.slice(from, text.length - tail)),
    };
    this.#view.dispatch({ changes });
  }
}

function lineEnds(keepReturns: boolean): Extension {
  return keepReturns ? EditorState.lineSeparator.of("\n") : [];
}
