// What the answer to reading a file can be shown as: text, a picture, or
// neither. Used by document.
import { decode } from "./text";
import type { FileText } from "./text";

export type Contents =
  | { kind: "text"; found: FileText }
  | { kind: "image"; address: string; size: number; vector: boolean }
  | { kind: "large"; size: number }
  | { kind: "binary"; size: number };

const largestText = 5 * 1024 * 1024;
const largestImage = 50 * 1024 * 1024;

/** `asText`: a drawing's source is wanted, not its picture. */
export async function contentsOf(
  response: Response,
  asText: boolean,
): Promise<Contents> {
  const size = Number(response.headers.get("Content-Length") ?? 0);
  const type = response.headers.get("Content-Type") ?? "";
  const vector = type.startsWith("image/svg");
  const image = type.startsWith("image/") && !(vector && asText);
  if (image && size <= largestImage) {
    const address = URL.createObjectURL(await response.blob());
    return { kind: "image", address, size, vector };
  }
  if (size > largestText) {
    void response.body?.cancel();
    return { kind: "large", size };
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  const found = decode(bytes);
  if (!found) return { kind: "binary", size: bytes.length };
  return { kind: "text", found };
}

/** It is not shown after all. */
export function discard(contents: { kind: string; address?: string }): void {
  if (contents.address) URL.revokeObjectURL(contents.address);
}
