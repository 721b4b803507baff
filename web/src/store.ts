// A value that tells its listeners when it changes: the one way state reaches
// the views. Models own stores; components read them with useStore.
import { useLayoutEffect, useState } from "preact/hooks";

export class Store<T> {
  #value: T;
  readonly #listeners = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener();
  }

  /** Replaces some fields of an object value; no change, no notice. */
  patch(fields: Partial<T>): void {
    for (const key in fields) {
      if (!Object.is(fields[key], this.#value[key])) {
        this.set({ ...this.#value, ...fields });
        return;
      }
    }
  }

  /** Returns the function that ends the subscription. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** The store's value; the component renders again when it changes. */
export function useStore<T>(store: Store<T>): T {
  const [, redraw] = useState({});
  const seen = store.value;
  useLayoutEffect(() => {
    const stop = store.subscribe(() => redraw({}));
    // It may have changed between rendering and this effect.
    if (store.value !== seen) redraw({});
    return stop;
  }, [store]);
  return seen;
}
