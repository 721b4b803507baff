// A list of rows of one height of which only those in sight are in the page,
// so that it may be as long as it likes.
import type { ComponentChildren, HTMLAttributes } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

interface VirtualListProps
  extends Omit<HTMLAttributes<HTMLDivElement>, "children"> {
  count: number;
  rowHeight: number;
  /** The row to bring into sight when it changes; -1 for none. */
  at: number;
  row: (index: number, top: string) => ComponentChildren;
  [data: `data-${string}`]: string;
}

const margin = 8; // rows beyond the edges, so that scrolling shows no gaps

/** Fingers need more room than a mouse. */
export const rowHeight = matchMedia("(pointer: coarse)").matches ? 34 : 24;

export function VirtualList(props: VirtualListProps) {
  const { count, rowHeight: height, at, row, ...rest } = props;
  const element = useRef<HTMLDivElement>(null);
  const [sight, setSight] = useState({ top: 0, height: 600 });

  useLayoutEffect(() => {
    const list = element.current;
    if (!list) return;
    const look = () =>
      setSight((before) =>
        before.top === list.scrollTop && before.height === list.clientHeight
          ? before
          : { top: list.scrollTop, height: list.clientHeight },
      );
    const observer = new ResizeObserver(look);
    observer.observe(list);
    list.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      list.removeEventListener("scroll", look);
    };
  }, []);

  useLayoutEffect(() => {
    const list = element.current;
    if (!list || at < 0) return;
    const top = at * height;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + height > list.scrollTop + list.clientHeight)
      list.scrollTop = top + height - list.clientHeight;
  }, [at, height]);

  const first = Math.max(0, Math.floor(sight.top / height) - margin);
  const last = Math.min(
    count,
    Math.ceil((sight.top + sight.height) / height) + margin,
  );
  const rows: ComponentChildren[] = [];
  for (let index = first; index < last; index++)
    rows.push(row(index, `${index * height}px`));
  return (
    <div {...rest} ref={element}>
      <div
        class="virtual-rows"
        role="presentation"
        style={{ height: `${count * height}px` }}
      >
        {rows}
      </div>
    </div>
  );
}
