// What was dropped on the page, or chosen in a dialog, as files with paths;
// folders are walked.

/** A file to send, or a folder to make (no file). */
export interface Dropped {
  path: string; // below where it was dropped: "photos/a.jpg"
  file: File | null;
}

/** Must be called inside the drop event; the walk goes on after it. */
export function droppedFiles(transfer: DataTransfer): Promise<Dropped[]> {
  const items = [...transfer.items].filter(({ kind }) => kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry());
  if (entries.length === 0 || entries.some((entry) => entry === null))
    return Promise.resolve(chosenFiles(transfer.files));
  return walk(entries.filter((entry) => entry !== null));
}

export function chosenFiles(files: FileList): Dropped[] {
  return [...files].map((file) => ({
    path: file.webkitRelativePath || file.name,
    file,
  }));
}

async function walk(entries: readonly FileSystemEntry[]): Promise<Dropped[]> {
  const found: Dropped[] = [];
  const waiting = [...entries];
  for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
    const path = entry.fullPath.replace(/^\/+/, "");
    if (isFile(entry)) {
      found.push({ path, file: await fileOf(entry) });
    } else if (isFolder(entry)) {
      const inside = await entriesOf(entry);
      if (inside.length === 0) found.push({ path, file: null });
      waiting.push(...inside);
    }
  }
  return found;
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/** They come in batches, until an empty one. */
async function entriesOf(
  folder: FileSystemDirectoryEntry,
): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (batch.length === 0) return all;
    all.push(...batch);
  }
}
