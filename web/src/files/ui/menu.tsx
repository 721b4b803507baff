// A menu at the pointer: arrow keys, Enter, Escape; closes when something
// else is touched. One at a time.
import { useLayoutEffect, useRef } from "preact/hooks";

import { Store, useStore } from "../../store";

export interface MenuItem {
  label: string;
  keys?: string; // that do the same
  run: () => void;
  danger?: boolean;
  apart?: boolean; // a line above it
}

interface OpenMenu {
  x: number;
  y: number;
  label: string;
  items: readonly MenuItem[];
  /** Gets the focus back. */
  from: HTMLElement;
}

const shown = new Store<OpenMenu | null>(null);

export function openMenu(menu: OpenMenu): void {
  shown.set(menu);
}

/** Where the menu appears; somewhere in the page once. */
export function MenuPlace() {
  const menu = useStore(shown);
  return menu && <Menu key={`${menu.x} ${menu.y}`} menu={menu} />;
}

function Menu({ menu }: { menu: OpenMenu }) {
  const element = useRef<HTMLDivElement>(null);
  const close = () => {
    shown.set(null);
    menu.from.focus();
  };
  useLayoutEffect(() => {
    const box = element.current;
    if (!box) return;
    const { width, height } = box.getBoundingClientRect();
    const x = Math.min(menu.x, innerWidth - width - 6);
    const y = Math.min(menu.y, innerHeight - height - 6);
    box.style.left = `${Math.max(6, x)}px`;
    box.style.top = `${Math.max(6, y)}px`;
    box.querySelector("button")?.focus();
    const elsewhere = (event: Event) => {
      const inside = event.target instanceof Node && box.contains(event.target);
      if (!inside) shown.set(null);
    };
    const gone = () => shown.set(null);
    addEventListener("pointerdown", elsewhere, true);
    addEventListener("resize", gone);
    addEventListener("blur", gone);
    return () => {
      removeEventListener("pointerdown", elsewhere, true);
      removeEventListener("resize", gone);
      removeEventListener("blur", gone);
    };
  }, []);

  const onKeyDown = (event: KeyboardEvent) => {
    const buttons = [...(element.current?.querySelectorAll("button") ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const steps: Record<string, number> = {
      ArrowDown: (at + 1) % buttons.length,
      ArrowUp: (at - 1 + buttons.length) % buttons.length,
      Home: 0,
      End: buttons.length - 1,
    };
    const target = buttons[steps[event.key] ?? -1];
    if (target) target.focus();
    else if (event.key === "Escape" || event.key === "Tab") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={element}
      class="menu"
      role="menu"
      aria-label={menu.label}
      data-testid="menu"
      onKeyDown={onKeyDown}
      onContextMenu={(event) => event.preventDefault()}
    >
      {menu.items.map(({ label, keys, run, danger, apart }) => (
        <button
          key={label}
          type="button"
          role="menuitem"
          class={`${danger ? "menu-danger" : ""} ${apart ? "menu-apart" : ""}`}
          onClick={() => {
            close();
            run();
          }}
        >
          <span>{label}</span>
          {keys && <kbd aria-hidden="true">{keys}</kbd>}
        </button>
      ))}
    </div>
  );
}
