// A small button that is on or off, with a sign on it.
import type { ComponentChildren } from "preact";

interface ToggleProps {
  label: string;
  sign: ComponentChildren;
  on: boolean;
  set: (on: boolean) => void;
}

export function Toggle({ label, sign, on, set }: ToggleProps) {
  return (
    <button
      type="button"
      class="icon-button sign"
      aria-label={label}
      aria-pressed={on}
      title={label}
      onClick={() => set(!on)}
    >
      {sign}
    </button>
  );
}
