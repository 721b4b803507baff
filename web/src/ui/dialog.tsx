// A modal dialog on the browser's own <dialog>: it keeps the focus inside,
// closes on Escape and on a click beside it, and gives the focus back.
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface DialogProps {
  label: string;
  testid: string;
  corner?: boolean; // under the buttons at the right instead of centred
  onClose: () => void;
  children: ComponentChildren;
}

interface DialogActionsProps {
  onCancel: () => void;
  children: ComponentChildren;
}

/** The buttons at the end of a question: the way back, then the answers. */
export function DialogActions({ onCancel, children }: DialogActionsProps) {
  return (
    <div class="dialog-actions">
      <button type="button" onClick={onCancel}>
        Cancel
      </button>
      {children}
    </div>
  );
}

export function Dialog(props: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const opened = element.current;
    const before = document.activeElement;
    opened?.showModal();
    opened?.scrollTo(0, 0); // the focused button may be far down
    return () => {
      opened?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={element}
      class={props.corner ? "dialog corner" : "dialog"}
      aria-label={props.label}
      data-testid={props.testid}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === element.current) props.onClose();
      }}
    >
      <div class="dialog-body">{props.children}</div>
    </dialog>
  );
}
