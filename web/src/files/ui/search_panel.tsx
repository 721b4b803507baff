// Searching in all files: the field, its options, and what was found, by
// file. A click or Enter on a line opens it there.
import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { folderOf, nameOf } from "../../model/file_tab";
import { useStore } from "../../store";
import { sideBar } from "../../ui/state";
import { Toggle } from "../../ui/toggle";
import { makeRoom } from "../actions";
import type { Match } from "../client";
import type { Files } from "../files";
import { spotIn } from "../search";
import type { SearchView } from "../search";
import { count } from "../wording";
import { FilesIcon } from "./icons";
import { rowHeight, VirtualList } from "./virtual_list";

type Found =
  | { kind: "file"; path: string; number: number }
  | { kind: "match"; path: string; match: Match };

export function SearchPanel({ files }: { files: Files }) {
  const { search } = files;
  const view = useStore(search.view);
  const { calls } = useStore(sideBar);
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, [calls]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") void search.run();
    else if (event.key === "Escape") files.workspace.tabs.front.value?.focus();
    else if (event.key === "ArrowDown")
      list.current?.querySelector<HTMLElement>(".found-rows")?.focus();
    else return;
    event.preventDefault();
  };
  return (
    <div class="search-panel" role="search">
      <div class="search-line">
        <input
          ref={field}
          type="text"
          value={view.text}
          placeholder="Search in all files"
          spellcheck={false}
          autocomplete="off"
          aria-label="Search in all files"
          maxLength={1000}
          data-testid="find-field"
          onInput={(event) => search.change({ text: event.currentTarget.value })}
          onKeyDown={onKeyDown}
        />
        <Toggle
          label="Match case"
          sign="Aa"
          on={view.caseSensitive}
          set={(caseSensitive) => search.change({ caseSensitive })}
        />
        <Toggle
          label="Whole words"
          sign="ab"
          on={view.wholeWord}
          set={(wholeWord) => search.change({ wholeWord })}
        />
        <Toggle
          label="Regular expression"
          sign=".*"
          on={view.regex}
          set={(regex) => search.change({ regex })}
        />
        <Toggle
          label="Hidden and ignored files too"
          sign={<FilesIcon name="eye" />}
          on={view.everything}
          set={(everything) => search.change({ everything })}
        />
      </div>
      <p class="search-sum" role="status" data-testid="find-sum">
        {summary(view)}
      </p>
      <div class="tree-place" ref={list}>
        <FoundList files={files} view={view} />
      </div>
    </div>
  );
}

function FoundList({ files, view }: { files: Files; view: SearchView }) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [at, setAt] = useState(-1);
  useLayoutEffect(() => {
    setAt(-1);
    setClosed(new Set());
  }, [view.files]);
  const rows = rowsOf(view, closed);

  const fold = (path: string) => {
    const next = new Set(closed);
    if (!next.delete(path)) next.add(path);
    setClosed(next);
  };
  const open = (index: number, preview: boolean) => {
    const row = rows[index];
    setAt(index);
    if (row?.kind === "file") return fold(row.path);
    if (!row) return;
    const { line, column, text } = row.match;
    const [start, length] = spotIn(text, column, view) ?? [column - 1, 0];
    files.workspace.files.open(row.path, {
      preview,
      spot: { line, column: start + 1, length },
      focus: !preview,
    });
    makeRoom();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: rows.length - 1,
    };
    const to = steps[event.key];
    const row = rows[at];
    if (to !== undefined) setAt(Math.min(Math.max(0, to), rows.length - 1));
    else if (event.key === "Enter") open(at, false);
    else if (event.key === "Escape") files.workspace.tabs.front.value?.focus();
    else if (event.key === " ") open(at, true);
    else if (event.key === "ArrowLeft" && row && !closed.has(row.path))
      fold(row.path);
    else if (event.key === "ArrowRight" && row && closed.has(row.path))
      fold(row.path);
    else return;
    event.preventDefault();
  };
  const indexAt = (event: MouseEvent) => {
    const target = event.target instanceof Element ? event.target : null;
    const row = target?.closest<HTMLElement>("[data-index]");
    return row ? Number(row.dataset.index) : -1;
  };
  return (
    <VirtualList
      class="found-rows"
      role="tree"
      aria-label="Found lines"
      tabIndex={0}
      {...(at >= 0 ? { "aria-activedescendant": `found-${at}` } : {})}
      count={rows.length}
      rowHeight={rowHeight}
      at={at}
      onKeyDown={onKeyDown}
      onClick={(event: MouseEvent) => open(indexAt(event), true)}
      onDblClick={(event: MouseEvent) => {
        if (rows[indexAt(event)]?.kind === "match") open(indexAt(event), false);
      }}
      row={(index, top) => {
        const row = rows[index];
        return (
          row && (
            <div
              key={index}
              id={`found-${index}`}
              class={`found ${row.kind} ${index === at ? "chosen" : ""}`}
              role="treeitem"
              aria-level={row.kind === "file" ? 1 : 2}
              aria-selected={index === at}
              style={{ top }}
              data-index={index}
              data-testid={`found-${row.kind}`}
              data-path={row.path}
              title={row.kind === "file" ? row.path.slice(1) : row.match.text}
            >
              {row.kind === "file" ? (
                <FileLine row={row} open={!closed.has(row.path)} />
              ) : (
                <MatchLine match={row.match} view={view} />
              )}
            </div>
          )
        );
      }}
    />
  );
}

interface FileLineProps {
  row: Found & { kind: "file" };
  open: boolean;
}

function FileLine({ row, open }: FileLineProps) {
  return (
    <>
      <span class={`tree-twist ${open ? "open" : ""}`}>
        <FilesIcon name="chevron" />
      </span>
      <span class="found-name">{nameOf(row.path)}</span>
      <span class="found-folder">{folderOf(row.path).slice(1)}</span>
      <span class="found-number">{row.number}</span>
    </>
  );
}

function MatchLine({ match, view }: { match: Match; view: SearchView }) {
  const spot = spotIn(match.text, match.column, view);
  const number = <span class="found-line">{match.line}</span>;
  if (!spot)
    return (
      <>
        {number}
        <span class="found-text">{match.text.trim()}</span>
      </>
    );
  const [start, length] = spot;
  const before = match.text.slice(0, start).trimStart();
  // The match has to be in sight, however long the line.
  const shown = before.length > 24 ? `…${before.slice(-20)}` : before;
  return (
    <>
      {number}
      <span class="found-text">
        {shown}
        <mark>{match.text.slice(start, start + length)}</mark>
        {match.text.slice(start + length, start + length + 200)}
      </span>
    </>
  );
}

function rowsOf(view: SearchView, closed: ReadonlySet<string>): Found[] {
  return view.files.flatMap(({ path, matches }) => [
    { kind: "file" as const, path, number: matches.length },
    ...(closed.has(path)
      ? []
      : matches.map((match) => ({ kind: "match" as const, path, match }))),
  ]);
}

function summary(view: SearchView): string {
  if (view.problem) return view.problem;
  if (view.running) return "Searching…";
  if (!view.searched) return "";
  if (view.files.length === 0)
    return view.everything
      ? "Nothing found."
      : "Nothing found. Hidden and ignored files were left out.";
  const found = `${count(view.matches, "match", "matches")} in ${count(view.files.length, "file")}`;
  return view.capped ? `${found}; there are more` : found;
}
