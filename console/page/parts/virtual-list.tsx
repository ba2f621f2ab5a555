import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

interface VirtualListProps<Item> {
  items: readonly Item[];
  /** The height of every row in pixels. */
  rowHeight: number;
  label: string;
  keyOf(item: Item): string | number;
  row(item: Item): ComponentChildren;
  /** Shown if there are no items. */
  empty: ComponentChildren;
}

const BORDERS_PX = 2;

/** A list of any length in a box that scrolls. A short list takes only the height that it needs. Only the visible rows are in the document. */
export function VirtualList<Item>({ items, rowHeight, label, keyOf, row, empty }: VirtualListProps<Item>) {
  const box = useRef<HTMLElement>(null);
  const [, redraw] = useState(0);
  const options = {
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => redraw((count) => count + 1),
  };
  const [virtualizer] = useState(() => new Virtualizer<HTMLElement, HTMLElement>(options));
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  const isEmpty = items.length === 0;
  const height = `min(60vh, ${virtualizer.getTotalSize() + BORDERS_PX}px)`;
  return (
    <section class="list" ref={box} tabIndex={0} aria-label={label} style={isEmpty ? {} : { height }}>
      {isEmpty && <p class="empty">{empty}</p>}
      <ul style={{ height: `${virtualizer.getTotalSize()}px` }}>
        {virtualizer.getVirtualItems().flatMap(({ index, start }) => {
          const item = items[index];
          if (item === undefined) return [];
          return (
            <li
              key={keyOf(item)}
              style={{ height: `${rowHeight}px`, transform: `translateY(${start}px)` }}
              aria-setsize={items.length}
              aria-posinset={index + 1}
            >
              {row(item)}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
