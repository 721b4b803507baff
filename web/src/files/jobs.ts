// What single transfers do: send a file, make a folder, fetch an archive.
import { folderOf, nameOf } from "../model/file_tab";
import { FilesError } from "./client";
import type { FilesClient } from "./client";
import { freeName } from "./names";
import type { Job, Transfer } from "./transfers";
import type { Tree } from "./tree";
import { send } from "./upload";

/** From this size on it is worth asking first whether the name is taken: the
 * refusal would come after much was sent. */
const worthAsking = 128 * 1024;

export function uploadJob(client: FilesClient, tree: Tree, file: File): Job {
  return async (transfer) => {
    if (transfer.choice === "keep both") await rename(client, transfer);
    const { path, choice } = transfer;
    const overwrite = choice === "overwrite";
    if (!overwrite && file.size >= worthAsking) await mustBeFree(client, path);
    if (transfer.view.value.state !== "running") return; // cancelled meanwhile
    const sending = send(client, path, file, overwrite, (bytes) =>
      transfer.view.patch({ moved: Math.min(bytes, transfer.size) }),
    );
    transfer.abort = sending.abort;
    await sending.done;
    tree.noticed(path);
  };
}

/** For an empty folder that was dropped; files make theirs by themselves. */
export function folderJob(client: FilesClient, tree: Tree): Job {
  return async ({ path }) => {
    try {
      await client.create(path, "directory");
    } catch (failure) {
      const there = failure instanceof FilesError && failure.status === 409;
      if (!there) throw failure;
    }
    tree.noticed(path);
  };
}

export function archiveJob(client: FilesClient, paths: readonly string[]): Job {
  return async (transfer) => {
    const control = new AbortController();
    transfer.abort = () => control.abort();
    const response = await client.archive(paths, control.signal);
    const parts: BlobPart[] = [];
    const reader = response.body?.getReader();
    for (let moved = 0; ; transfer.view.patch({ moved })) {
      const piece = await reader?.read();
      if (!piece || piece.done) break;
      parts.push(piece.value);
      moved += piece.value.length;
    }
    saveAs(new Blob(parts, { type: "application/gzip" }), transfer.path);
  };
}

export function followDownload(address: string, name: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
}

function saveAs(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  followDownload(address, name);
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

async function rename(client: FilesClient, transfer: Transfer): Promise<void> {
  const folder = folderOf(transfer.path);
  const entries = await client.list(folder);
  const taken = new Set(entries.map(({ name }) => name));
  const name = freeName(nameOf(transfer.path), (each) => taken.has(each));
  transfer.path = `${folder}/${name}`;
}

async function mustBeFree(client: FilesClient, path: string): Promise<void> {
  try {
    await client.stat(path);
  } catch {
    return; // what else may be wrong, the upload will tell
  }
  throw new FilesError(412, "");
}
