// The corner where short messages appear.
import { useStore } from "../store";
import { dismissToast, toasts } from "../toasts";
import { Icon } from "./icons";

export function ToastList() {
  const shown = useStore(toasts);
  return (
    <div class="toasts" role="alert">
      {shown.map(({ id, text }) => (
        <div key={id} class="toast" data-testid="toast">
          <span>{text}</span>
          <button
            type="button"
            class="icon-button"
            aria-label="Dismiss"
            onClick={() => dismissToast(id)}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
