// Which parts of the page are open. Not remembered. Set by shortcuts and
// buttons, read by the components they open.
import type { Session } from "../model/session";
import { Store } from "../store";

export type DialogName = "help" | "settings" | "new";

export const dialog = new Store<DialogName | null>(null);
export const searching = new Store(false);
/** The session whose tab shows an input field. */
export const renaming = new Store<Session | null>(null);

export function toggleDialog(name: DialogName): void {
  dialog.set(dialog.value === name ? null : name);
}
