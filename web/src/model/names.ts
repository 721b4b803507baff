// Names the user gave to terminals, remembered by session identity, and the
// name a terminal has without one.
import { recallObject, remember } from "../storage";

const key = "names";
const limit = 200; // sessions long gone are forgotten, oldest first

export function givenName(session: string): string | null {
  const name = recallObject(key)[session];
  return typeof name === "string" ? name : null;
}

/** An empty name forgets it. */
export function giveName(session: string, name: string): void {
  const names = recallObject(key);
  delete names[session]; // moves it to the end
  if (name) names[session] = name;
  const kept = Object.entries(names).slice(-limit);
  remember(key, JSON.stringify(Object.fromEntries(kept)));
}

/** "bash" for ["/bin/bash", "-l"]; what it runs for ["sh", "-c", …]. */
export function commandName(command: readonly string[]): string {
  const [program = "", ...rest] = command;
  const base = program.split("/").pop() ?? program;
  const shell = /^-?(ba|z|da|k|a|fi)?sh$/.test(base);
  const script = shell && rest[0] === "-c" ? rest[1] : undefined;
  const name = script?.trim().split("\n")[0] ?? base.replace(/^-/, "");
  return name.slice(0, 40);
}
