// Opening a file by typing a part of its name or path; ":12" behind it goes
// to that line. Without text, the files that are open.
import { useEffect, useRef, useState } from "preact/hooks";

import { folderOf, nameOf } from "../../model/file_tab";
import type { Workspace } from "../../model/workspace";
import { explain } from "../../toasts";
import { Dialog } from "../../ui/dialog";
import { dialog } from "../../ui/state";
import { filesOf } from "../files";
import { FilesIcon, tint } from "./icons";

const typingPause = 100; // ms
const shownAtOnce = 60;

export function QuickOpen({ workspace }: { workspace: Workspace }) {
  const { client } = filesOf(workspace);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const [found, setFound] = useState<string[]>([]);
  const [problem, setProblem] = useState("");
  const [, name = "", line = ""] = /^(.*?)(?::(\d*))?$/.exec(text.trim()) ?? [];
  const list = useRef<HTMLUListElement>(null);

  useEffect(() => {
    if (!name) {
      setFound(workspace.files.all.map(({ path }) => path).reverse());
      return setAt(0);
    }
    const control = new AbortController();
    const look = async () => {
      try {
        const paths = await client.find(name, control.signal);
        setFound(ranked(paths, name).slice(0, shownAtOnce));
        setProblem(paths.length === 0 ? "No file has that in its path." : "");
        setAt(0);
      } catch (failure) {
        if (!control.signal.aborted) setProblem(explain(failure));
      }
    };
    const timer = setTimeout(() => void look(), typingPause);
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [name]);
  useEffect(() => {
    list.current
      ?.querySelector("[aria-selected=true]")
      ?.scrollIntoView({ block: "nearest" });
  }, [at, found]);

  const close = () => dialog.set(null);
  const open = (path: string | undefined) => {
    if (!path) return;
    close();
    const spot = line ? { spot: { line: Number(line), column: 1 } } : {};
    // After the dialog has given the keyboard back.
    setTimeout(() => workspace.files.open(path, { ...spot, focus: true }));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length > 0)
      setAt((at + step + found.length) % found.length);
    else if (event.key === "Enter") open(found[at]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog label="Open a file" testid="open-dialog" onClose={close}>
      <div class="quick-open" onKeyDown={onKeyDown}>
        <input
          type="text"
          value={text}
          placeholder="Part of a file’s name"
          spellcheck={false}
          autocomplete="off"
          autofocus
          role="combobox"
          aria-label="Part of a file’s name"
          aria-expanded={found.length > 0}
          aria-controls="quick-found"
          aria-activedescendant={`quick-${at}`}
          data-testid="open-field"
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <ul id="quick-found" role="listbox" aria-label="Files" ref={list}>
          {found.map((path, index) => (
            <li
              key={path}
              id={`quick-${index}`}
              role="option"
              aria-selected={index === at}
              data-testid="open-found"
              onClick={() => open(path)}
            >
              <span class={`tint ${tint(nameOf(path))}`}>
                <FilesIcon name="file" />
              </span>
              <span class="quick-name">{nameOf(path)}</span>
              <span class="quick-folder">{folderOf(path).slice(1)}</span>
            </li>
          ))}
        </ul>
        {problem && name && (
          <p class="hint" role="status">
            {problem}
          </p>
        )}
      </div>
    </Dialog>
  );
}

/** Names that begin with it, names that have it, then the rest. */
function ranked(paths: readonly string[], text: string): string[] {
  const wanted = text.toLowerCase();
  const rank = (path: string) => {
    const at = nameOf(path).toLowerCase().indexOf(wanted);
    return at === 0 ? 0 : at > 0 ? 1 : 2;
  };
  return paths
    .map((path) => ({ path, rank: rank(path) }))
    .sort((a, b) => a.rank - b.rank || a.path.length - b.path.length)
    .map(({ path }) => path);
}
