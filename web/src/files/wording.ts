// What the daemon refuses, and amounts, in words for people.

/** A sentence for a refusal; the daemon's own where it says more. */
export function plainWords(
  status: number,
  code: string,
  message: string,
): string {
  const said = message && sentence(message);
  switch (status) {
    case 0:
      return "The connection to the daemon was lost.";
    case 403:
      return /scope|credential/i.test(message)
        ? "This token may not do that: it is only good for reading."
        : said || "The daemon does not allow that.";
    case 404:
      if (message === "no such route") return "This daemon is too old for that.";
      return said || "It is no longer there.";
    case 409:
      return /EXISTS/i.test(code)
        ? "Something of that name is already there."
        : said || "Something else is in the way.";
    case 412:
      return "It was changed by somebody else in the meantime.";
    case 413:
      return said || "It is too large.";
    case 501:
      return "This daemon cannot do that yet.";
    case 507:
      return "The disk is full.";
    case 429:
    case 503:
      return "The daemon is busy. Try again in a moment.";
    case 504:
      return "It took too long and was given up.";
    default:
      return said || `The daemon answered with an error (${status}).`;
  }
}

function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(first) ? first : `${first}.`;
}

/** "1 file", "3 files". */
export function count(number: number, one: string, more = `${one}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : more}`;
}

/** "12 B", "3.4 MB". */
export function bytes(size: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${unit && size < 10 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}
