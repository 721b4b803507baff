// Sends one file, with progress: by XMLHttpRequest, as fetch does not tell how
// far an upload is. Aborting leaves nothing at the daemon.
import { contentPath } from "./client";
import type { FilesClient } from "./client";

export interface Sending {
  done: Promise<void>; // fails with FilesError
  abort: () => void;
}

export function send(
  client: FilesClient,
  path: string,
  file: Blob,
  overwrite: boolean,
  progress: (bytes: number) => void,
): Sending {
  const request = new XMLHttpRequest();
  const done = new Promise<void>((resolve, reject) => {
    request.upload.onprogress = ({ loaded }) => progress(loaded);
    request.onload = () => {
      const { status, responseText } = request;
      if (status >= 200 && status < 300) resolve();
      else reject(client.refusal(status, responseText));
    };
    request.onerror = request.onabort = () => reject(client.refusal(0, ""));
  });
  request.open("PUT", contentPath(path));
  request.setRequestHeader("Authorization", `Bearer ${client.token}`);
  request.setRequestHeader("Content-Type", "application/octet-stream");
  if (!overwrite) request.setRequestHeader("If-None-Match", "*");
  request.send(file);
  return { done, abort: () => request.abort() };
}
