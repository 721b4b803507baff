// What a text indents with, found by looking at its first lines.

const linesRead = 400;

/** "\t", or some spaces; two where nothing is indented. */
export function indentOf(text: string): string {
  const steps = new Map<number, number>();
  let tabs = 0;
  let spaces = 0;
  let before = 0;
  for (const line of text.split("\n", linesRead)) {
    if (line.trim() === "") continue;
    if (line.startsWith("\t")) tabs++;
    const width = line.search(/[^ ]/);
    if (width > 0 && line[width] !== "*") spaces++; // comments hang by one
    const step = Math.abs(width - before);
    if (step >= 2 && step <= 8) steps.set(step, (steps.get(step) ?? 0) + 1);
    before = width;
  }
  if (tabs > spaces) return "\t";
  const [width] = [...steps].sort((left, right) => right[1] - left[1])[0] ?? [2];
  return " ".repeat(width);
}
