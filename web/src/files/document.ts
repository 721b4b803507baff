// One open file behind its tab: loads it, saves it on condition that nobody
// else changed it, notices when somebody does. What is typed lives in the
// editor (editor/text_editor), which is loaded with the first text file.
//
//   load -> text -> edit -> save (If-Match) -> saved
//                                `-> 412 -> conflict -> mine or theirs
import type { FileTab, ShownFile, Spot } from "../model/file_tab";
import { nameOf } from "../model/file_tab";
import { draftOf, keepDraft } from "../model/drafts";
import { Store } from "../store";
import { explain, toast } from "../toasts";
import type { TextEditor } from "../editor/text_editor";
import type { FilesClient } from "./client";
import { FilesError } from "./client";
import { contentsOf, discard } from "./contents";
import type { Contents } from "./contents";
import { encode } from "./text";
import type { FileText } from "./text";

export type Body =
  | { kind: "loading" }
  | { kind: "text"; editor: TextEditor }
  | Exclude<Contents, { kind: "text" }>
  | { kind: "failed"; reason: string };

export interface Conflict {
  theirs: FileText;
  etag: string;
}

export interface DocumentView {
  body: Body;
  saving: boolean;
  refused: string | null; // why it may not be saved here
  outdated: boolean; // changed on the disk, and here too
  conflict: Conflict | null; // the user is choosing
}

const draftPause = 400; // ms after the last key
const checkPause = 60; // ms; a burst of reports is one look

export class Document implements ShownFile {
  readonly view = new Store<DocumentView>({
    body: { kind: "loading" },
    saving: false,
    refused: null,
    outdated: false,
    conflict: null,
  });
  readonly tab: FileTab;
  readonly #client: FilesClient;
  #etag = "";
  #form: Omit<FileText, "text"> = { crlf: false, mixed: false, bom: false };
  #asText = false; // show a drawing's source
  #resumed = false; // the draft of an earlier visit was looked for
  #saving: Promise<boolean> | null = null;
  #loads = 0; // outdates the answers to earlier ones
  #checking = 0; // a timer
  #again = false; // look once more after that
  #drafting = 0; // a timer
  #draftPath: string; // what the draft is kept under
  #ended = false;

  constructor(tab: FileTab, client: FilesClient) {
    this.tab = tab;
    this.#client = client;
    this.#draftPath = tab.path;
    addEventListener("pagehide", this.#draft);
    void this.load();
  }

  get editor(): TextEditor | null {
    const { body } = this.view.value;
    return body.kind === "text" ? body.editor : null;
  }

  /** "LF", "CRLF" or "mixed". */
  get lineEnds(): string {
    if (this.#form.mixed) return "mixed line ends";
    return this.#form.crlf ? "CRLF" : "LF";
  }

  focus(): void {
    this.tab.wantsFocus = true;
    if (this.editor?.shown) this.settle();
  }

  go(spot: Spot): void {
    this.tab.spot = spot;
    if (this.editor?.shown) this.settle();
  }

  /** The editor is in sight: does what was wished for before. */
  settle(): void {
    const { editor, tab } = this;
    if (!editor?.shown) return;
    if (tab.spot) editor.go(tab.spot);
    if (tab.wantsFocus) editor.focus();
    tab.spot = null;
    tab.wantsFocus = false;
  }

  find(): void {
    this.editor?.find();
  }

  dispose(forget: boolean): void {
    if (forget) keepDraft(this.#draftPath, null);
    else this.#draft();
    this.#ended = true;
    clearTimeout(this.#checking);
    clearTimeout(this.#drafting);
    removeEventListener("pagehide", this.#draft);
    this.#show({ kind: "loading" });
  }

  /** Reads the file, whatever was shown before; with `careful` not over
   * changes made here meanwhile. */
  async load(careful = false): Promise<void> {
    const load = ++this.#loads;
    const late = () => this.#ended || load !== this.#loads;
    try {
      const response = await this.#client.read(this.tab.path);
      const etag = response.headers.get("ETag") ?? "";
      const contents = await contentsOf(response, this.#asText);
      if (late()) return discard(contents);
      if (careful && this.tab.view.value.dirty) {
        discard(contents);
        return this.view.patch({ outdated: true });
      }
      const shown = await this.#shown(contents);
      if (late()) return discard(contents);
      this.#etag = etag;
      this.#show(shown);
      this.tab.view.patch({ gone: false, dirty: false });
      this.view.patch({ outdated: false, conflict: null });
      this.#resume();
    } catch (failure) {
      if (!late()) await this.#notLoaded(failure);
    }
  }

  /** A drawing's text instead of its picture, or the other way round. */
  showAsText(wanted: boolean): void {
    this.#asText = wanted;
    void this.load();
  }

  save(): Promise<boolean> {
    // The user is choosing, and may be changing the text there.
    if (this.view.value.conflict) return Promise.resolve(false);
    return this.#saveOnce(false);
  }

  /** Looks, a little later, whether the file is still the one shown. */
  checkSoon(): void {
    this.#again = true;
    this.#checking ||= window.setTimeout(this.#checkNow, checkPause);
  }

  // -- choosing between two versions ----------------------------------------------

  /** Shows both versions side by side. */
  async compare(): Promise<void> {
    try {
      const response = await this.#client.read(this.tab.path);
      const etag = response.headers.get("ETag") ?? "";
      const contents = await contentsOf(response, true);
      if (contents.kind !== "text") {
        discard(contents);
        return toast(`${this.#name} is no longer text on the disk.`);
      }
      const { found: theirs } = contents;
      if (theirs.text === this.editor?.text) this.#adopt(theirs, etag);
      else this.view.patch({ conflict: { theirs, etag } });
    } catch (failure) {
      if (failure instanceof FilesError && failure.missing) this.#vanished();
      else toast(`The two versions cannot be compared: ${explain(failure)}`);
    }
  }

  /** `text` replaces what the disk has now. */
  keepMine(text: string): Promise<boolean> {
    const { conflict } = this.view.value;
    if (conflict) this.#etag = conflict.etag;
    this.editor?.edit(text);
    this.view.patch({ conflict: null, outdated: false });
    return this.#saveOnce(true);
  }

  /** What is on the disk replaces the changes made here. */
  takeTheirs(): void {
    const { conflict } = this.view.value;
    if (conflict) this.#adopt(conflict.theirs, conflict.etag);
  }

  /** Back to editing; saving will ask again. */
  postpone(): void {
    this.view.patch({ conflict: null, outdated: true });
  }

  // -- inside ------------------------------------------------------------------------

  get #name(): string {
    return nameOf(this.tab.path);
  }

  async #shown(contents: Contents): Promise<Body> {
    if (contents.kind !== "text") return contents;
    return { kind: "text", editor: await this.#edited(contents.found) };
  }

  /** At once, if there is an editor already. */
  async #edited(found: FileText): Promise<TextEditor> {
    this.#form = found;
    if (this.editor) {
      this.editor.adopt(found.text, found.mixed);
      return this.editor;
    }
    const { TextEditor } = await import("../editor/text_editor").catch(() => {
      throw new Error("The editor could not be loaded. Reload the page.");
    });
    return new TextEditor({
      text: found.text,
      path: this.tab.path,
      keepReturns: found.mixed,
      changed: (dirty) => {
        this.tab.view.patch({ dirty });
        if (dirty) this.tab.pin();
      },
      typed: () => {
        clearTimeout(this.#drafting);
        this.#drafting = window.setTimeout(this.#draft, draftPause);
      },
    });
  }

  /** Keeps what is not saved, or forgets what is. */
  readonly #draft = (): void => {
    const { editor } = this;
    if (this.#ended || !editor) return;
    const { path } = this.tab;
    if (path !== this.#draftPath) keepDraft(this.#draftPath, null);
    this.#draftPath = path;
    const { dirty, gone } = this.tab.view.value;
    const draft = { text: editor.text, etag: this.#etag };
    keepDraft(path, dirty || gone ? draft : null);
  };

  async #notLoaded(failure: unknown): Promise<void> {
    const missing = failure instanceof FilesError && failure.missing;
    if (this.editor && missing) return this.#vanished();
    if (this.editor) return toast(`${this.#name} is not read: ${explain(failure)}`);
    this.tab.view.patch({ gone: missing });
    if (missing && draftOf(this.tab.path)) return this.#showEmpty();
    const reason = missing ? "There is no such file." : explain(failure);
    this.#show({ kind: "failed", reason });
  }

  /** For a draft of a file that is gone. */
  async #showEmpty(): Promise<void> {
    const load = this.#loads;
    const empty = { text: "", crlf: false, mixed: false, bom: false };
    const editor = await this.#edited(empty);
    if (this.#ended || load !== this.#loads) return;
    this.#show({ kind: "text", editor });
    this.#resume();
  }

  /** Goes on with what was not saved when the page was last here. */
  #resume(): void {
    if (!this.editor || this.#resumed) return;
    this.#resumed = true;
    const draft = draftOf(this.tab.path);
    if (!draft) return;
    this.editor.edit(draft.text);
    const changed = bare(draft.etag) !== bare(this.#etag);
    this.#etag = draft.etag;
    this.view.patch({ outdated: changed && this.tab.view.value.dirty });
  }

  /** The disk's version is the one that is shown and changed from now on. */
  #adopt(found: FileText, etag: string): void {
    this.#form = found;
    this.#etag = etag;
    this.editor?.adopt(found.text, found.mixed);
    this.tab.view.patch({ gone: false });
    this.view.patch({ conflict: null, outdated: false });
  }

  #show(body: Body): void {
    const old = this.view.value.body;
    if (old.kind === "image") URL.revokeObjectURL(old.address);
    if (old.kind === "text" && body !== old && this.editor !== editorOf(body))
      old.editor.dispose();
    this.view.patch({ body });
  }

  #saveOnce(anyway: boolean): Promise<boolean> {
    this.#saving ??= this.#save(anyway).finally(() => (this.#saving = null));
    return this.#saving;
  }

  /** `anyway`: though nothing is unsaved. */
  async #save(anyway: boolean): Promise<boolean> {
    const { editor } = this;
    const { dirty, gone } = this.tab.view.value;
    if (!editor || !(dirty || gone || anyway)) return true;
    const condition: Record<string, string> = gone
      ? { "If-None-Match": "*" }
      : { "If-Match": this.#etag };
    const { text, saved } = editor.snapshot();
    this.view.patch({ saving: true });
    try {
      const body = encode(text, this.#form);
      this.#etag = await this.#client.save(this.tab.path, body, condition);
      this.#loads++; // what is being read is older
      saved();
      this.tab.view.patch({ gone: false });
      this.view.patch({ refused: null, outdated: false });
      return true;
    } catch (failure) {
      await this.#notSaved(failure);
      return false;
    } finally {
      this.view.patch({ saving: false });
    }
  }

  async #notSaved(failure: unknown): Promise<void> {
    const refusal = failure instanceof FilesError ? failure : null;
    if (refusal?.changed) return this.compare();
    if (refusal?.status === 403) this.view.patch({ refused: refusal.message });
    toast(`${this.#name} is not saved: ${explain(failure)}`);
  }

  /** Then again if there was more, but not all the time. */
  readonly #checkNow = async (): Promise<void> => {
    this.#again = false;
    const started = performance.now();
    await this.#check();
    const took = performance.now() - started;
    this.#checking = 0;
    if (!this.#again || this.#ended) return;
    this.#checking = window.setTimeout(this.#checkNow, checkPause + 3 * took);
  };

  async #check(): Promise<void> {
    if (this.#saving) await this.#saving;
    const { body } = this.view.value;
    if (this.#ended || body.kind === "loading") return;
    if (body.kind === "failed") return this.load();
    const { path } = this.tab;
    try {
      const { etag } = await this.#client.stat(path);
      if (this.#ended || this.#saving) return;
      if (path !== this.tab.path) return this.checkSoon(); // moved meanwhile
      this.tab.view.patch({ gone: false });
      if (bare(etag) === bare(this.#etag)) return;
      if (this.tab.view.value.dirty) this.view.patch({ outdated: true });
      else await this.load(true);
    } catch (failure) {
      if (path !== this.tab.path) return this.checkSoon();
      if (failure instanceof FilesError && failure.missing) this.#vanished();
    }
  }

  #vanished(): void {
    this.tab.view.patch({ gone: true });
    this.view.patch({ outdated: false, conflict: null });
    const { kind } = this.view.value.body;
    if (kind !== "text")
      this.#show({ kind: "failed", reason: "The file was deleted." });
  }
}

/** An etag without its quotes. */
function bare(etag: string): string {
  return etag.replace(/^W\//, "").replaceAll('"', "");
}

function editorOf(body: Body): TextEditor | null {
  return body.kind === "text" ? body.editor : null;
}
