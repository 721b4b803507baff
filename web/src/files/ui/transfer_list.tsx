// Uploads and packed downloads below the tree: how far each is, what it needs.
import { useState } from "preact/hooks";

import { useStore } from "../../store";
import { Icon } from "../../ui/icons";
import { nameOf } from "../../model/file_tab";
import type { Files } from "../files";
import { ended, stateOf } from "../transfers";
import type { Choice, Transfer, Transfers } from "../transfers";
import { bytes, count } from "../wording";
import { FilesIcon } from "./icons";
import { VirtualList } from "./virtual_list";

const lineHeight = 42;

export function TransferList({ files }: { files: Files }) {
  const { transfers } = files;
  const all = useStore(transfers.all);
  const changes = useStore(transfers.changes);
  const [folded, fold] = useState(false);
  if (all.length === 0) return null;
  // What needs the user first, what is over last.
  const shown = [...all].sort((left, right) => rank(left) - rank(right));
  const asking = all.filter((each) => stateOf(each) === "conflict");
  const { busy } = transfers;
  return (
    <section class="transfers" aria-label="Transfers" data-testid="transfers">
      <div class="transfers-head">
        <button
          type="button"
          class="transfers-title"
          aria-expanded={!folded}
          onClick={() => fold(!folded)}
        >
          <Icon name={folded ? "up" : "down"} />
          <span role="status" data-testid="transfers-sum" data-tick={changes}>
            {summary(all)}
          </span>
        </button>
        <button
          type="button"
          class="link"
          data-testid={busy ? "transfers-cancel" : "transfers-clear"}
          onClick={() => (busy ? transfers.cancelAll() : transfers.clearEnded())}
        >
          {busy ? "Cancel all" : "Clear"}
        </button>
      </div>
      {asking.length > 1 && (
        <div class="transfers-all">
          All {asking.length}: <Choices asking={asking} transfers={transfers} />
        </div>
      )}
      {!folded && (
        <VirtualList
          class="transfer-rows"
          role="list"
          style={{ height: `${Math.min(shown.length, 5) * lineHeight}px` }}
          count={shown.length}
          rowHeight={lineHeight}
          at={-1}
          row={(index, top) => {
            const transfer = shown[index];
            return (
              transfer && (
                <Line
                  key={transfer.id}
                  transfer={transfer}
                  transfers={transfers}
                  top={top}
                />
              )
            );
          }}
        />
      )}
    </section>
  );
}

interface LineProps {
  transfer: Transfer;
  transfers: Transfers;
  top: string;
}

function Line({ transfer, transfers, top }: LineProps) {
  const { state, moved, reason } = useStore(transfer.view);
  const name = nameOf(transfer.path);
  const part = transfer.size > 0 ? moved / transfer.size : 0;
  return (
    <div
      class={`transfer ${state}`}
      role="listitem"
      style={{ top }}
      title={transfer.path.replace(/^\//, "")}
      data-testid="transfer"
      data-state={state}
    >
      <span class="transfer-kind">
        {state === "done" ? (
          <FilesIcon name="check" />
        ) : state === "failed" || state === "conflict" ? (
          <FilesIcon name="warn" />
        ) : (
          <FilesIcon name={transfer.kind} />
        )}
      </span>
      <span class="transfer-text">
        <span class="transfer-name">{name}</span>
        {state === "running" && (
          <progress
            aria-label={`Progress of ${name}`}
            {...(transfer.size > 0 ? { max: 1, value: part } : {})}
          />
        )}
        {state !== "conflict" && (
          <span class="transfer-note">
            {state === "running" && transfer.size > 0
              ? `${Math.floor(part * 100)} % of ${bytes(transfer.size)}`
              : note(transfer, reason)}
          </span>
        )}
        {state === "conflict" && (
          <Choices asking={[transfer]} transfers={transfers} />
        )}
      </span>
      {state === "failed" && (
        <button
          type="button"
          class="icon-button small"
          aria-label={`Try ${name} again`}
          title="Try again"
          onClick={() => transfers.retry(transfer)}
        >
          <FilesIcon name="refresh" />
        </button>
      )}
      {!ended(transfer) && (
        <button
          type="button"
          class="icon-button small"
          aria-label={`Cancel ${name}`}
          title="Cancel"
          data-testid="transfer-cancel"
          onClick={() => transfers.cancel(transfer)}
        >
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}

interface ChoicesProps {
  asking: readonly Transfer[];
  transfers: Transfers;
}

/** What is to happen with names that are taken. */
function Choices({ asking, transfers }: ChoicesProps) {
  const choices: [Choice, string][] = [
    ["overwrite", "Overwrite"],
    ["keep both", "Keep both"],
    ["skip", "Skip"],
  ];
  const all = asking.length > 1 ? "all-" : "";
  return (
    <span class="transfer-choices" role="group" aria-label="It exists already">
      {choices.map(([choice, label]) => (
        <button
          key={choice}
          type="button"
          class="link"
          data-testid={`choose-${all}${choice.replace(" ", "-")}`}
          onClick={() => transfers.decide(asking, choice)}
        >
          {label}
        </button>
      ))}
    </span>
  );
}

function note(transfer: Transfer, reason: string): string {
  switch (stateOf(transfer)) {
    case "waiting":
      return "waiting";
    case "running":
      return bytes(transfer.view.value.moved);
    case "done":
      return transfer.size > 0 ? bytes(transfer.size) : "done";
    case "cancelled":
      return transfer.choice === "skip" ? "skipped" : "cancelled";
    default:
      return reason;
  }
}

function rank(transfer: Transfer): number {
  const order = ["conflict", "failed", "running", "waiting"];
  const at = order.indexOf(stateOf(transfer));
  return at < 0 ? order.length : at;
}

function summary(all: readonly Transfer[]): string {
  const number = (...states: string[]) =>
    all.filter((each) => states.includes(stateOf(each))).length;
  const asking = number("conflict");
  if (asking > 0) return `${count(asking, "name")} taken`;
  const left = number("waiting", "running");
  if (left > 0) return `${left} of ${count(all.length, "transfer")} left`;
  const failed = number("failed");
  if (failed > 0) return `${count(failed, "transfer")} failed`;
  return `${count(number("done"), "transfer")} done`;
}
