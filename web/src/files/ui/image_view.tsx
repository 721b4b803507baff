// A picture: fitted to the panel or in its own size, larger and smaller with
// the buttons or Ctrl and the wheel.
import { useRef, useState } from "preact/hooks";

import { nameOf } from "../../model/file_tab";
import { Icon } from "../../ui/icons";
import type { Body, Document } from "../document";
import { bytes } from "../wording";

interface ImageViewProps {
  body: Body & { kind: "image" };
  document: Document;
  path: string;
}

const step = 1.25;

export function ImageView({ body, document, path }: ImageViewProps) {
  const [size, setSize] = useState<{ width: number; height: number } | null>(
    null,
  );
  const [zoom, setZoom] = useState<number | null>(null); // null: fitted
  const [broken, setBroken] = useState(false);
  const image = useRef<HTMLImageElement>(null);

  const scale = (factor: number) => {
    const natural = image.current?.naturalWidth || 1;
    const now = zoom ?? (image.current?.width ?? natural) / natural;
    setZoom(Math.min(32, Math.max(0.02, now * factor)));
  };
  const onWheel = (event: WheelEvent) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    scale(event.deltaY < 0 ? step : 1 / step);
  };
  const own =
    zoom === null || !size
      ? {}
      : { width: `${Math.max(1, Math.round(size.width * zoom))}px` };
  return (
    <>
      <div
        class={`image-place ${zoom === null ? "fitted" : ""}`}
        tabIndex={0}
        onWheel={onWheel}
      >
        {broken ? (
          <p class="hint">This picture cannot be shown.</p>
        ) : (
          <img
            ref={image}
            src={body.address}
            alt={nameOf(path)}
            style={own}
            data-testid="image"
            onError={() => setBroken(true)}
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
              setSize({ width: naturalWidth, height: naturalHeight })
            }
          />
        )}
      </div>
      <footer class="status-line" data-testid="image-line">
        <span class="status-state">
          {size && `${size.width} × ${size.height} · `}
          {bytes(body.size)}
        </span>
        {body.vector && (
          <button
            type="button"
            data-testid="image-as-text"
            onClick={() => document.showAsText(true)}
          >
            Edit as text
          </button>
        )}
        <button
          type="button"
          aria-pressed={zoom === null}
          onClick={() => setZoom(null)}
        >
          Fit
        </button>
        <button
          type="button"
          aria-pressed={zoom === 1}
          data-testid="image-full"
          onClick={() => setZoom(1)}
        >
          100 %
        </button>
        <button type="button" aria-label="Smaller" onClick={() => scale(1 / step)}>
          −
        </button>
        <span class="zoom" data-testid="zoom">
          {zoom === null ? "fitted" : `${Math.round(zoom * 100)} %`}
        </span>
        <button type="button" aria-label="Larger" onClick={() => scale(step)}>
          <Icon name="plus" />
        </button>
      </footer>
    </>
  );
}
