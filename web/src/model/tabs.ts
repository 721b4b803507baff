// The row of tabs, terminals and files together: their order and which one is
// in front. Knows nothing of what they show. Owned by workspace.
import { recall, recallObject, remember } from "../storage";
import { Store } from "../store";

/** What one tab stands for. */
export interface Tab {
  readonly key: string; // for elements' ids
  /** What it is called between visits; empty while that is not known. */
  readonly ident: string;
  /** Puts the keyboard into what it shows. */
  focus(): void;
  /** The user now looks at it, or no longer does. */
  look(looked: boolean): void;
}

export class Tabs {
  readonly all = new Store<readonly Tab[]>([]);
  readonly front = new Store<Tab | null>(null);
  #restored = false; // until then nothing is remembered over what was

  /** At the end, or behind `after`. */
  add(tab: Tab, after: Tab | null = null): void {
    const all = [...this.all.value];
    const at = after ? all.indexOf(after) : -1;
    all.splice(at < 0 ? all.length : at + 1, 0, tab);
    this.#set(all);
  }

  /** `tab` takes the place of `old`, in front too if that was. */
  replace(old: Tab, tab: Tab): void {
    this.#set(this.all.value.map((each) => (each === old ? tab : each)));
    if (this.front.value === old) this.activate(tab);
  }

  /** Its neighbour comes to the front if it was there. */
  remove(tab: Tab): void {
    const at = this.all.value.indexOf(tab);
    if (at < 0) return;
    const rest = this.all.value.filter((each) => each !== tab);
    if (this.front.value === tab) {
      const neighbour = rest[Math.min(at, rest.length - 1)];
      if (neighbour) this.activate(neighbour);
      else this.front.set(null);
    }
    this.#set(rest);
  }

  activate(tab: Tab): void {
    this.front.value?.look(false);
    tab.look(true);
    this.front.set(tab);
    this.#remember();
  }

  /** The tab `step` places further, around the ends. */
  step(step: number): void {
    const all = this.all.value;
    const at = this.front.value ? all.indexOf(this.front.value) : 0;
    const next = all[(at + step + all.length) % all.length];
    if (next) this.activate(next);
  }

  /** As it was at the last visit: the order, and what was in front. */
  restore(): void {
    const order = recalledTwice("tabs").all;
    const place = ({ ident }: Tab) => {
      const at = Array.isArray(order) ? order.indexOf(ident) : -1;
      return at < 0 ? Infinity : at;
    };
    const all = [...this.all.value];
    all.sort((left, right) => compare(place(left), place(right)));
    const last = recall("active", "session") ?? recall("active");
    const tab = all.find((each) => each.ident === last) ?? all[0];
    this.#restored = true;
    this.#set(all);
    if (tab && !this.front.value) this.activate(tab);
  }

  /** Some tab is called differently now. */
  refresh(): void {
    this.#set([...this.all.value]);
  }

  #set(all: readonly Tab[]): void {
    this.all.set(all);
    this.#remember();
  }

  #remember(): void {
    if (!this.#restored) return;
    const all = this.all.value.map(({ ident }) => ident);
    rememberTwice("tabs", JSON.stringify({ all }));
    if (this.front.value) rememberTwice("active", this.front.value.ident);
  }
}

function compare(left: number, right: number): number {
  return left === right ? 0 : left - right; // Infinity less itself is NaN
}

/** For this window's next load, and for windows opened later. */
export function rememberTwice(key: string, value: string): void {
  remember(key, value, "session");
  remember(key, value);
}

export function recalledTwice(key: string): Record<string, unknown> {
  return recall(key, "session") === null
    ? recallObject(key)
    : recallObject(key, "session");
}
