// The tab of a terminal: its title, whether there is news, its closing.
import { useLayoutEffect, useRef } from "preact/hooks";

import type { Session, SessionView } from "../model/session";
import type { Workspace } from "../model/workspace";
import { useStore } from "../store";
import { Icon } from "./icons";
import { renaming } from "./state";

interface TabProps {
  session: Session;
  selected: boolean;
  workspace: Workspace;
}

export function TerminalTab({ session, selected, workspace }: TabProps) {
  const view = useStore(session.view);
  const editing = useStore(renaming) === session;
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (selected)
      element.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [selected, view.title]);

  const show = (event: MouseEvent) => {
    // Off the tab, so that the terminal takes the focus when it appears.
    (event.currentTarget as HTMLElement).blur();
    workspace.activate(session);
    session.term.focus();
  };
  return (
    <div
      ref={element}
      class={tabClass(view, selected)}
      role="presentation"
      data-testid="tab"
      data-id={session.id}
      data-session={session.identity}
      onAuxClick={(event) => {
        if (event.button === 1) workspace.requestClose(session);
      }}
    >
      {editing ? (
        <NameField session={session} />
      ) : (
        <button
          type="button"
          role="tab"
          id={`tab-${session.key}`}
          class="tab-name"
          aria-selected={selected}
          aria-controls={`panel-${session.key}`}
          tabIndex={selected ? 0 : -1}
          title={tabHint(session, view)}
          onClick={show}
          onDblClick={() => renaming.set(session)}
        >
          <span class="tab-mark" aria-hidden="true" />
          <span class="tab-text" data-testid="tab-title">
            {view.title}
          </span>
          {!view.alive && <span class="hidden-text"> (ended)</span>}
        </button>
      )}
      <button
        type="button"
        class="tab-close"
        tabIndex={-1}
        aria-label={`Close ${view.title}`}
        title="Close"
        data-testid="tab-close"
        onClick={() => workspace.requestClose(session)}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}

function NameField({ session }: { session: Session }) {
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  const finish = (keep: boolean) => {
    if (renaming.value !== session) return; // leaving the page on Enter
    if (keep && field.current) session.rename(field.current.value);
    renaming.set(null);
    session.term.focus();
  };
  return (
    <input
      ref={field}
      class="tab-field"
      aria-label="Terminal name; empty for the automatic one"
      data-testid="tab-field"
      maxLength={60}
      defaultValue={session.view.value.title}
      onBlur={() => finish(true)}
      onKeyDown={(event) => {
        if (event.key === "Enter" || event.key === "Escape") {
          event.preventDefault();
          finish(event.key === "Enter");
        }
        event.stopPropagation();
      }}
    />
  );
}

function tabClass(view: SessionView, selected: boolean): string {
  const names = ["tab"];
  if (selected) names.push("selected");
  if (view.closing) names.push("closing");
  if (!view.alive) names.push(view.exit?.code === 0 ? "ended" : "failed");
  else if (view.news !== "none") names.push(view.news);
  return names.join(" ");
}

function tabHint(session: Session, view: SessionView): string {
  const command = view.command.join(" ") || "shell";
  return `${view.title}\n${command} · terminal ${session.id}\nDouble click or F2 to rename`;
}
