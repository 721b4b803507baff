// Small values kept in the browser between visits: settings, names, the
// token. A browser may forbid storage; then nothing is remembered and
// everything else works.

export function recall(key: string, area = "local"): string | null {
  try {
    return storage(area).getItem(`outrigger.${key}`);
  } catch {
    return null;
  }
}

/** Keeps `value`, or forgets the key when it is null. */
export function remember(
  key: string,
  value: string | null,
  area = "local",
): void {
  try {
    if (value === null) storage(area).removeItem(`outrigger.${key}`);
    else storage(area).setItem(`outrigger.${key}`, value);
  } catch {
    // Forbidden or full: the value lives until the page closes.
  }
}

/** Forgets everything whose key begins with `prefix`. */
export function forgetAll(prefix: string, area: string): void {
  try {
    for (const key of Object.keys(storage(area)))
      if (key.startsWith(`outrigger.${prefix}`)) storage(area).removeItem(key);
  } catch {
    // Nothing is kept, then.
  }
}

/** The stored JSON object, or an empty one if there is none or it is broken. */
export function recallObject(
  key: string,
  area = "local",
): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(recall(key, area) ?? "{}");
    return value !== null && typeof value === "object"
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}

function storage(area: string): Storage {
  return area === "session" ? sessionStorage : localStorage;
}
