// Uploads and packed downloads: what waits, runs, is done or needs a word
// from the user. Three at a time. What one of them does is in jobs; shown by
// ui/transfer_list. Owned by files.
import { Store } from "../store";
import { explain } from "../toasts";
import { FilesError } from "./client";

export type TransferState =
  | "waiting"
  | "running"
  | "conflict" // something of that name is there
  | "done"
  | "failed"
  | "cancelled"; // or skipped

export interface TransferView {
  state: TransferState;
  moved: number; // bytes
  reason: string; // why it failed
}

export type Choice = "overwrite" | "keep both" | "skip";

export type Job = (transfer: Transfer) => Promise<void>;

export interface Transfer {
  readonly id: number;
  readonly kind: "upload" | "download";
  readonly size: number; // bytes; 0 when not known
  readonly view: Store<TransferView>;
  path: string; // where in the workspace; the archive's name
  choice: Choice | null; // about a name that is taken
  abort: (() => void) | null;
}

const atOnce = 3;
const changePause = 30; // ms

export class Transfers {
  readonly all = new Store<readonly Transfer[]>([]);
  /** Counts up a little after states have changed, for sums over all. */
  readonly changes = new Store(0);
  readonly #jobs = new WeakMap<Transfer, Job>();
  #running = 0;
  #next = 0; // nothing before it waits
  #lastId = 0;
  #timer = 0;
  #always: Choice | null = null; // until nothing is left to do

  get busy(): boolean {
    return this.all.value.some((transfer) => !ended(transfer));
  }

  add(
    wanted: readonly (Pick<Transfer, "kind" | "path" | "size"> & {
      job: Job;
    })[],
  ): void {
    if (!this.busy) this.#always = null;
    const made = wanted.map(({ job, ...fields }) => {
      const transfer: Transfer = {
        id: ++this.#lastId,
        view: new Store({ state: "waiting", moved: 0, reason: "" }),
        choice: null,
        abort: null,
        ...fields,
      };
      this.#jobs.set(transfer, job);
      return transfer;
    });
    this.all.set([...this.all.value, ...made]);
    this.#pump();
  }

  cancel(transfer: Transfer): void {
    this.#patch(transfer, { state: "cancelled" });
    transfer.abort?.();
    this.#pump();
  }

  cancelAll(): void {
    const left = this.all.value.filter((each) => !ended(each));
    for (const each of left) each.view.patch({ state: "cancelled" });
    for (const each of left) each.abort?.();
    this.#changed();
  }

  retry(transfer: Transfer): void {
    this.#wait(transfer);
  }

  /** What is to happen with names that are taken; for several, with later
   * ones too. */
  decide(asking: readonly Transfer[], choice: Choice): void {
    if (asking.length > 1) this.#always = choice;
    for (const each of asking) this.#apply(each, choice);
  }

  clearEnded(): void {
    this.all.set(this.all.value.filter((each) => !ended(each)));
    this.#next = 0;
  }

  #pump(): void {
    const all = this.all.value;
    while (this.#running < atOnce && this.#next < all.length) {
      const transfer = all[this.#next++];
      if (transfer && stateOf(transfer) === "waiting") void this.#run(transfer);
    }
    this.#changed();
  }

  async #run(transfer: Transfer): Promise<void> {
    this.#running++;
    transfer.view.patch({ state: "running" });
    try {
      await this.#jobs.get(transfer)?.(transfer);
      if (stateOf(transfer) === "running")
        transfer.view.patch({ state: "done", moved: transfer.size });
    } catch (failure) {
      this.#failed(transfer, failure);
    }
    transfer.abort = null;
    this.#running--;
    this.#pump();
  }

  #failed(transfer: Transfer, failure: unknown): void {
    if (stateOf(transfer) === "cancelled") return;
    if (!(failure instanceof FilesError && failure.changed))
      return transfer.view.patch({ state: "failed", reason: explain(failure) });
    const choice = transfer.choice ?? this.#always;
    if (choice) this.#apply(transfer, choice);
    else transfer.view.patch({ state: "conflict", moved: 0 });
  }

  #apply(transfer: Transfer, choice: Choice): void {
    transfer.choice = choice;
    if (choice === "skip") this.#patch(transfer, { state: "cancelled" });
    else this.#wait(transfer);
  }

  #wait(transfer: Transfer): void {
    transfer.view.patch({ state: "waiting", moved: 0, reason: "" });
    this.#next = 0;
    queueMicrotask(() => this.#pump());
  }

  #patch(transfer: Transfer, fields: Partial<TransferView>): void {
    transfer.view.patch(fields);
    this.#changed();
  }

  #changed(): void {
    this.#timer ||= window.setTimeout(() => {
      this.#timer = 0;
      this.changes.set(this.changes.value + 1);
    }, changePause);
  }
}

export function stateOf(transfer: Transfer): TransferState {
  return transfer.view.value.state;
}

export function ended(transfer: Transfer): boolean {
  return ["done", "failed", "cancelled"].includes(stateOf(transfer));
}
