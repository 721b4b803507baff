// What the user must know about an open file: changed or deleted on the disk,
// not to be saved with this token.
import { useStore } from "../../store";
import type { Document } from "../document";

export function FileNotices({ document }: { document: Document }) {
  const { outdated, refused, body } = useStore(document.view);
  const { gone } = useStore(document.tab.view);
  return (
    <div class="notices" role="status">
      {gone && body.kind === "text" && (
        <div class="notice warn" data-testid="gone-notice">
          <span>This file was deleted on the disk. Its text is kept here.</span>
          <span class="notice-actions">
            <button
              type="button"
              data-testid="gone-save"
              onClick={() => void document.save()}
            >
              Save it again
            </button>
          </span>
        </div>
      )}
      {outdated && (
        <div class="notice warn" data-testid="outdated-notice">
          <span>This file was changed on the disk, and here.</span>
          <span class="notice-actions">
            <button
              type="button"
              data-testid="outdated-compare"
              onClick={() => void document.compare()}
            >
              Compare
            </button>
            <button
              type="button"
              data-testid="outdated-theirs"
              onClick={() => void document.load()}
            >
              Take theirs
            </button>
          </span>
        </div>
      )}
      {refused && (
        <div class="notice bad" data-testid="refused-notice">
          <span>Not saved. {refused}</span>
        </div>
      )}
    </div>
  );
}
