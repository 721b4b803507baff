// Two versions of a text, the disk's and the one that is typed here, side by
// side or, where there is no room, one below the other. Ours can be edited
// and differences taken over one by one. Loaded with the first conflict.
import { MergeView, unifiedMergeView } from "@codemirror/merge";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { EditorState } from "@codemirror/state";
import type { Extension } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";

import { settings, theme } from "../settings";
import { look, reading } from "./extensions";
import { languageFor } from "./languages";

export interface ComparisonOptions {
  theirs: string;
  mine: string;
  path: string;
  sideBySide: boolean;
}

export class Comparison {
  readonly element: HTMLElement;
  readonly #mine: EditorView;
  readonly #end: () => void;

  private constructor(options: ComparisonOptions, language: Extension) {
    const shared: Extension = [
      reading,
      language,
      look(theme.value === "dark", { ...settings.value, wrap: true }),
    ];
    const typed: Extension = [
      shared,
      history(),
      keymap.of([...defaultKeymap, ...historyKeymap]),
      EditorView.contentAttributes.of({ "aria-label": "Your version" }),
    ];
    const collapse = { collapseUnchanged: { margin: 3, minSize: 8 } };
    if (options.sideBySide) {
      const view = new MergeView({
        ...collapse,
        a: {
          doc: options.theirs,
          extensions: [
            shared,
            EditorState.readOnly.of(true),
            EditorView.contentAttributes.of({ "aria-label": "On the disk" }),
          ],
        },
        b: { doc: options.mine, extensions: typed },
        revertControls: "a-to-b",
        renderRevertControl: takeOver,
      });
      this.element = view.dom;
      this.#mine = view.b;
      this.#end = () => view.destroy();
    } else {
      const view = new EditorView({
        doc: options.mine,
        extensions: [
          typed,
          unifiedMergeView({
            ...collapse,
            original: options.theirs,
            mergeControls: choiceButton,
          }),
        ],
      });
      this.element = view.dom;
      this.#mine = view;
      this.#end = () => view.destroy();
    }
  }

  static async make(options: ComparisonOptions): Promise<Comparison> {
    const language = await languageFor(options.path)
      .load()
      .catch(() => []);
    return new Comparison(options, language);
  }

  /** Our version, as it is now. */
  get text(): string {
    return this.#mine.state.doc.toString();
  }

  focus(): void {
    this.#mine.focus();
  }

  dispose(): void {
    this.#end();
  }
}

/** "Accept" is CodeMirror's word for leaving our version as it is. */
function choiceButton(
  kind: "reject" | "accept",
  act: (event: MouseEvent) => void,
): HTMLElement {
  const button = document.createElement("button");
  button.className = "take-part";
  button.textContent = kind === "accept" ? "Keep mine" : "Take theirs";
  button.onmousedown = act;
  return button;
}

function takeOver(): HTMLElement {
  const button = document.createElement("button");
  button.className = "take-over";
  button.textContent = "→";
  button.title = "Take this part from the disk";
  button.setAttribute("aria-label", button.title);
  return button;
}
