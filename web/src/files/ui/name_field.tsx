// The text field in the tree for the name of a file: Enter takes it, Escape
// leaves everything as it was.
import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { badName, split } from "../names";

interface NameFieldProps {
  name: string; // as it is now; empty for something new
  label: string;
  taken: (name: string) => boolean;
  finish: (name: string | null) => void; // null: given up
}

export function NameField({ name, label, taken, finish }: NameFieldProps) {
  const field = useRef<HTMLInputElement>(null);
  const finished = useRef(false);
  const [text, setText] = useState(name);
  const unchanged = text === name || text.trim() === "";
  const problem = unchanged
    ? null
    : (badName(text) ?? (taken(text) ? "That name is taken." : null));

  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.setSelectionRange(0, split(name)[0].length);
  }, []);

  const end = (keep: boolean) => {
    if (finished.current) return; // leaving the page on Enter
    finished.current = true;
    finish(keep && !unchanged && !problem ? text : null);
  };
  return (
    <span class="name-field">
      <input
        ref={field}
        value={text}
        aria-label={label}
        aria-invalid={problem !== null}
        spellcheck={false}
        autocomplete="off"
        data-testid="name-field"
        onInput={(event) => setText(event.currentTarget.value)}
        onBlur={() => end(true)}
        onClick={(event) => event.stopPropagation()}
        onDblClick={(event) => event.stopPropagation()}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === "Enter" && problem) event.preventDefault();
          else if (event.key === "Enter" || event.key === "Escape") {
            event.preventDefault();
            end(event.key === "Enter");
          }
        }}
      />
      {problem && (
        <span class="name-problem" role="alert">
          {problem}
        </span>
      )}
    </span>
  );
}
