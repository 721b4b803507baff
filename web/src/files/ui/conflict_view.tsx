// Shown when a file that was changed here has been changed on the disk too:
// both versions, and the choice between them.
import { useEffect, useRef, useState } from "preact/hooks";

import { nameOf } from "../../model/file_tab";
import { explain, toast } from "../../toasts";
import type { Comparison } from "../../editor/comparison";
import type { Conflict, Document } from "../document";

interface ConflictViewProps {
  document: Document;
  conflict: Conflict;
  path: string;
}

const wideEnough = 760; // CSS pixels, for two texts side by side

export function ConflictView({ document, conflict, path }: ConflictViewProps) {
  const place = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState<Comparison | null>(null);
  const [wide] = useState(() => innerWidth >= wideEnough);

  useEffect(() => {
    let made: Comparison | null = null;
    let left = false;
    const make = async () => {
      const { Comparison } = await import("../../editor/comparison");
      const comparison = await Comparison.make({
        theirs: conflict.theirs.text,
        mine: document.editor?.text ?? "",
        path,
        sideBySide: wide,
      });
      if (left) return comparison.dispose();
      made = comparison;
      place.current?.append(comparison.element);
      comparison.focus();
      setShown(comparison);
    };
    make().catch((failure) => {
      toast(`The two versions cannot be shown: ${explain(failure)}`);
      document.postpone();
    });
    return () => {
      left = true;
      made?.dispose();
    };
  }, [document, conflict]);

  return (
    <div class="file-view conflict" data-testid="conflict">
      <div class="notice warn">
        <span>
          <b>{nameOf(path)}</b> was changed on the disk since you opened it.
          Choose, or take parts of it over into your version.
        </span>
        <span class="notice-actions">
          <button
            type="button"
            data-testid="conflict-cancel"
            onClick={() => document.postpone()}
          >
            Cancel
          </button>
          <button
            type="button"
            data-testid="conflict-theirs"
            onClick={() => document.takeTheirs()}
          >
            Take theirs
          </button>
          <button
            type="button"
            class="danger"
            disabled={!shown}
            data-testid="conflict-mine"
            onClick={() => shown && void document.keepMine(shown.text)}
          >
            Overwrite
          </button>
        </span>
      </div>
      <div class="conflict-heads" aria-hidden="true">
        <span>{wide ? "On the disk" : "Red: on the disk"}</span>
        <span>{wide ? "Your version" : "Green: your version"}</span>
      </div>
      <div
        class={`conflict-place ${wide ? "wide" : ""}`}
        ref={place}
        data-testid="comparison"
      />
    </div>
  );
}
