// The row of terminal tabs. Arrow keys walk along it, Enter goes into the
// terminal, Delete closes, F2 or a double click renames.
import { useLayoutEffect, useRef } from "preact/hooks";

import type { Session, SessionView } from "../model/session";
import type { Workspace } from "../model/workspace";
import { useStore } from "../store";
import { Icon } from "./icons";
import { renaming } from "./state";

export function TabBar({ workspace }: { workspace: Workspace }) {
  const sessions = useStore(workspace.sessions);
  const active = useStore(workspace.active);

  const onKeyDown = (event: KeyboardEvent) => {
    if (!active || event.target instanceof HTMLInputElement) return;
    const last = sessions.length - 1;
    const at = sessions.indexOf(active);
    const walk: Record<string, number> = {
      ArrowLeft: at === 0 ? last : at - 1,
      ArrowRight: at === last ? 0 : at + 1,
      Home: 0,
      End: last,
    };
    const target = sessions[walk[event.key] ?? -1];
    if (target) {
      workspace.activate(target);
      document.getElementById(`tab-${target.key}`)?.focus();
    } else if (event.key === "Delete") {
      workspace.requestClose(active);
    } else if (event.key === "Escape" || event.key === "ArrowDown") {
      active.term.focus();
    } else {
      return;
    }
    event.preventDefault();
  };

  /** A mouse wheel turns one way only; the tabs lie the other way. */
  const onWheel = (event: WheelEvent) => {
    const bar = event.currentTarget as HTMLElement;
    if (event.deltaX === 0) bar.scrollBy({ left: event.deltaY });
  };

  return (
    <div
      class="tabs"
      role="tablist"
      aria-label="Terminals"
      onKeyDown={onKeyDown}
      onWheel={onWheel}
    >
      {sessions.map((session) => (
        <Tab
          key={session.key}
          session={session}
          selected={session === active}
          workspace={workspace}
        />
      ))}
    </div>
  );
}

interface TabProps {
  session: Session;
  selected: boolean;
  workspace: Workspace;
}

function Tab({ session, selected, workspace }: TabProps) {
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
