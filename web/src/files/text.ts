// Bytes of a file to the text an editor shows, and back to the same bytes.
// Pure functions.

export interface FileText {
  text: string; // lines end in \n, unless they differ from each other
  crlf: boolean; // every line of the file ends in \r\n
  mixed: boolean; // there are \r in the text, and they stay
  bom: boolean; // it began with a byte order mark
}

/** Null for bytes that are not UTF-8 text. */
export function decode(bytes: Uint8Array<ArrayBuffer>): FileText | null {
  if (bytes.subarray(0, 8192).includes(0)) return null;
  let text: string;
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    text = decoder.decode(bytes);
  } catch {
    return null;
  }
  const bom = text.startsWith("\ufeff");
  if (bom) text = text.slice(1);
  const returns = count(text, /\r/g);
  const crlf = returns > 0 && plain(text, returns);
  return {
    text: crlf ? text.replaceAll("\r\n", "\n") : text,
    crlf,
    mixed: returns > 0 && !crlf,
    bom,
  };
}

export function encode(text: string, form: Omit<FileText, "text">): Blob {
  const body = form.crlf ? text.replaceAll("\n", "\r\n") : text;
  return new Blob(form.bom ? ["\ufeff", body] : [body]);
}

/** Every line break is \r\n. */
function plain(text: string, returns: number): boolean {
  return count(text, /\r\n/g) === returns && count(text, /\n/g) === returns;
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
