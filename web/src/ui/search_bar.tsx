// Finding text in the active terminal, scrollback included: Enter goes to the
// next match, Shift+Enter to the one before, Escape closes.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import type { Session } from "../model/session";
import { theme } from "../settings";
import { useStore } from "../store";
import { matchColours } from "../themes";
import { Icon } from "./icons";
import { searching } from "./state";
import { Toggle } from "./toggle";

let lastText = ""; // offered again when the bar is opened anew

export function SearchBar({ session }: { session: Session }) {
  const [text, setText] = useState(lastText);
  const [caseSensitive, setCase] = useState(false);
  const [regex, setRegex] = useState(false);
  const [found, setFound] = useState({ at: -1, count: 0 });
  const colours = matchColours[useStore(theme)];
  const field = useRef<HTMLInputElement>(null);
  const { search } = session.screen;
  const broken = regex && !isPattern(text);

  const find = (forward: boolean, incremental = false) => {
    if (broken || !text) return search.clearDecorations();
    const options = { caseSensitive, regex, incremental, decorations: colours };
    if (forward) search.findNext(text, options);
    else search.findPrevious(text, options);
  };
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.select();
    const results = search.onDidChangeResults((event) =>
      setFound({ at: event.resultIndex, count: event.resultCount }),
    );
    return () => {
      results.dispose();
      search.clearDecorations();
    };
  }, [search]);
  useEffect(() => {
    lastText = text;
    if (!text) setFound({ at: -1, count: 0 });
    find(false, true); // the newest match first, as terminals grow downwards
  }, [text, caseSensitive, regex, colours]);

  const close = () => {
    searching.set(false);
    session.term.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") find(!event.shiftKey);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  };
  return (
    <div class="search-bar" role="search" onKeyDown={onKeyDown}>
      <input
        ref={field}
        type="text"
        value={text}
        placeholder="Find"
        spellcheck={false}
        aria-label="Find in terminal"
        aria-invalid={broken}
        data-testid="search-field"
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <span class="search-count" role="status" data-testid="search-count">
        {text && countText(broken, found)}
      </span>
      <Toggle label="Match case" sign="Aa" on={caseSensitive} set={setCase} />
      <Toggle label="Regular expression" sign=".*" on={regex} set={setRegex} />
      <button
        type="button"
        class="icon-button"
        aria-label="Previous match"
        title="Previous match (Shift+Enter)"
        data-testid="search-previous"
        onClick={() => find(false)}
      >
        <Icon name="up" />
      </button>
      <button
        type="button"
        class="icon-button"
        aria-label="Next match"
        title="Next match (Enter)"
        data-testid="search-next"
        onClick={() => find(true)}
      >
        <Icon name="down" />
      </button>
      <button
        type="button"
        class="icon-button"
        aria-label="Close search"
        title="Close (Escape)"
        onClick={close}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}

function countText(broken: boolean, found: { at: number; count: number }) {
  if (broken) return "bad pattern";
  if (found.count === 0) return "no match";
  return found.at < 0 ? `${found.count}` : `${found.at + 1} of ${found.count}`;
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
