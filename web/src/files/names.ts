// New names for files: which are possible, which are free. Pure functions.

/** Why a name cannot be given, or null. A path with folders is fine. */
export function badName(name: string): string | null {
  if (name.trim() === "") return "A name is needed.";
  const parts = name.split("/");
  if (parts.includes("..") || parts.includes("."))
    return "“.” and “..” are not names.";
  if (parts.includes("")) return "There is a “/” too many.";
  if (new Blob([name]).size > 255 * parts.length) return "That is too long.";
  return null;
}

/** `name`, or "name (1).txt" and so on, whatever is not taken. */
export function freeName(
  name: string,
  taken: (name: string) => boolean,
  mark = (number: number) => ` (${number})`,
): string {
  if (!taken(name)) return name;
  const [stem, ending] = split(name);
  for (let number = 1; ; number++) {
    const free = `${stem}${mark(number)}${ending}`;
    if (!taken(free)) return free;
  }
}

/** "a copy.txt", "a copy 2.txt" … */
export function copyName(
  name: string,
  taken: (name: string) => boolean,
): string {
  return freeName(name, taken, (number) =>
    number === 1 ? " copy" : ` copy ${number}`,
  );
}

/** The part a new name usually replaces, and its ending with the dot. */
export function split(name: string): [string, string] {
  const dot = name.lastIndexOf(".");
  return dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
}
