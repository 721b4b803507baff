// Short messages that go away by themselves: refusals and failures the user
// should know of. Shown by ui/toasts.tsx.
import { Store } from "./store";

export interface Toast {
  id: number;
  text: string;
}

const lifetime = 7000; // ms; long enough to read two lines
let lastId = 0;

export const toasts = new Store<readonly Toast[]>([]);

/** Shows `text`; the same text twice in a row is shown once. */
export function toast(text: string): void {
  if (toasts.value.some((shown) => shown.text === text)) return;
  const id = ++lastId;
  toasts.set([...toasts.value.slice(-3), { id, text }]);
  setTimeout(() => dismissToast(id), lifetime);
}

export function dismissToast(id: number): void {
  toasts.set(toasts.value.filter((shown) => shown.id !== id));
}

/** A failure as one sentence. */
export function explain(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure);
}
