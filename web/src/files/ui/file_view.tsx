// The panel of an open file: its text, its picture, or why neither; above it
// what the user has to know, below it where the cursor is.
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import { nameOf } from "../../model/file_tab";
import type { FileTab } from "../../model/file_tab";
import type { Workspace } from "../../model/workspace";
import { changeSettings, settings } from "../../settings";
import { useStore } from "../../store";
import { explain, toast } from "../../toasts";
import type { TextEditor } from "../../editor/text_editor";
import type { Document } from "../document";
import { filesOf } from "../files";
import type { Files } from "../files";
import { followDownload } from "../jobs";
import { bytes } from "../wording";
import { ConflictView } from "./conflict_view";
import { FileNotices } from "./file_notices";
import { FilesIcon } from "./icons";
import { ImageView } from "./image_view";

interface FileViewProps {
  tab: FileTab;
  visible: boolean;
  workspace: Workspace;
}

export function FileView({ tab, visible, workspace }: FileViewProps) {
  const files = filesOf(workspace);
  const document = files.document(tab);
  const { body, conflict, saving } = useStore(document.view);
  const { path } = useStore(tab.view);
  useEffect(() => {
    if (body.kind === "text") void body.editor.speak(path);
  }, [path, body]);
  useEffect(() => {
    if (visible) document.checkSoon(); // reports may have been missed
  }, [visible, document]);

  if (conflict)
    return <ConflictView document={document} conflict={conflict} path={path} />;
  return (
    <div class="file-view" data-testid="file-view" data-kind={body.kind}>
      <FileNotices document={document} />
      {body.kind === "loading" && <div class="part-wait">Loading…</div>}
      {body.kind === "text" && (
        <Text document={document} editor={body.editor} visible={visible} />
      )}
      {body.kind === "image" && (
        <ImageView
          key={body.address}
          body={body}
          document={document}
          path={path}
        />
      )}
      {body.kind === "large" && (
        <Message text={`This file is too large to edit here (${bytes(body.size)}).`}>
          <DownloadButton files={files} path={path} />
        </Message>
      )}
      {body.kind === "binary" && (
        <Message text={`This is not a text file (${bytes(body.size)}).`}>
          <DownloadButton files={files} path={path} />
        </Message>
      )}
      {body.kind === "failed" && (
        <Message text={body.reason}>
          <button type="button" onClick={() => void document.load()}>
            Try again
          </button>
          <button type="button" onClick={() => workspace.requestClose(tab)}>
            Close
          </button>
        </Message>
      )}
      {body.kind === "text" && (
        <StatusLine document={document} editor={body.editor} saving={saving} />
      )}
    </div>
  );
}

interface TextProps {
  document: Document;
  editor: TextEditor;
  visible: boolean;
}

function Text({ document: shown, editor, visible }: TextProps) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    place.current?.append(editor.element);
    return () => editor.element.remove();
  }, [editor]);
  useLayoutEffect(() => {
    if (!visible) return;
    editor.measure();
    // When a tab before it was closed, the keyboard is nowhere.
    if (document.activeElement === document.body) shown.focus();
    shown.settle();
  }, [editor, visible]);
  return <div class="editor-place" ref={place} data-testid="editor" />;
}

interface MessageProps {
  text: string;
  children: preact.ComponentChildren;
}

function Message({ text, children }: MessageProps) {
  return (
    <div class="empty" data-testid="file-message">
      <div class="empty-mark">
        <FilesIcon name="file" />
      </div>
      <p>{text}</p>
      <div class="message-actions">{children}</div>
    </div>
  );
}

function DownloadButton({ files, path }: { files: Files; path: string }) {
  const fetchIt = async () => {
    try {
      followDownload(await files.client.downloadAddress(path), nameOf(path));
    } catch (failure) {
      toast(`“${nameOf(path)}” is not fetched: ${explain(failure)}`);
    }
  };
  return (
    <button
      type="button"
      class="primary"
      data-testid="file-download"
      onClick={() => void fetchIt()}
    >
      <FilesIcon name="download" /> Download
    </button>
  );
}

interface StatusLineProps {
  document: Document;
  editor: TextEditor;
  saving: boolean;
}

function StatusLine({ document, editor, saving }: StatusLineProps) {
  const cursor = useStore(editor.cursor);
  const { dirty } = useStore(document.tab.view);
  const { wrap } = useStore(settings);
  return (
    <footer class="status-line" data-testid="status-line">
      <span class="status-state" role="status" data-testid="save-state">
        {saving ? "Saving…" : dirty ? "Not saved" : ""}
      </span>
      <span>
        Line {cursor.line}, column {cursor.column}
        {cursor.selected > 0 && ` (${cursor.selected} selected)`}
      </span>
      <span class="status-extra">{cursor.indent}</span>
      <span class="status-extra">{document.lineEnds}</span>
      <span class="status-extra">{cursor.language}</span>
      <button
        type="button"
        aria-pressed={wrap}
        title="Long lines go on below"
        onClick={() => changeSettings({ wrap: !wrap })}
      >
        Wrap
      </button>
      <button
        type="button"
        class="status-save"
        disabled={!dirty || saving}
        title="Save (Ctrl+S)"
        data-testid="save"
        onClick={() => void document.save()}
      >
        Save
      </button>
    </footer>
  );
}
