import { useLayoutEffect, useRef, useState, type PointerEvent, type ReactNode, type RefObject } from 'react';
import { useLanguage } from '../i18n/words.ts';
import { formatClock, formatDate, formatNumber } from './format.ts';
import { roundTop, timeTicks } from './time-axis.ts';
import css from './time-histogram.module.css';

export interface TimeBucket {
  readonly from: number;
  readonly count: number;
}

interface TimeHistogramProps {
  /** Read by screen readers. */
  label: string;
  buckets: readonly TimeBucket[];
  intervalMs: number;
  /** Edges of the axis; those of the buckets when absent. */
  from?: number | undefined;
  to?: number | undefined;
  height?: number;
  /** A stretch was dragged, or one bucket clicked: half open, milliseconds. */
  onRange?: (from: number, to: number) => void;
}

const LEFT = 54;
const RIGHT = 8;
const TOP = 6;
const BOTTOM = 18;
const PER_TICK = 84;

/** From when to when, the day named once: `22/11/2026 14:00:00 – 14:30:00`. */
export function spanText(from: number, to: number): string {
  const day = formatDate(from);
  const other = formatDate(to);
  return `${day} ${formatClock(from)} – ${other === day ? '' : `${other} `}${formatClock(to)}`;
}

/** Counts over time: zero line, exact figures on hover, a drag or a click chooses a stretch. */
export function TimeHistogram(props: TimeHistogramProps): ReactNode {
  const { buckets, intervalMs, height = 92 } = props;
  const language = useLanguage();
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const first = buckets[0]?.from ?? 0;
  const start = Math.min(props.from ?? first, first);
  const end = Math.max(props.to ?? 0, (buckets.at(-1)?.from ?? 0) + intervalMs, start + 1);
  const top = roundTop(buckets.reduce((most, { count }) => Math.max(most, count), 0));
  const room = Math.max(1, width - LEFT - RIGHT);
  const x = (at: number): number => LEFT + ((at - start) / (end - start)) * room;
  const y = (count: number): number => TOP + (1 - count / top) * (height - TOP - BOTTOM);
  const timeAt = (px: number): number => start + (Math.max(0, Math.min(room, px - LEFT)) / room) * (end - start);
  const { drag, hover, handlers } = useDrag(frame, {
    timeAt,
    intervalMs,
    onRange: props.onRange,
    bucketAt: (at) => bucketAt(buckets, intervalMs, at),
  });
  return (
    <div className={css.frame} ref={frame} style={{ height }} {...handlers} role="img" aria-label={props.label}>
      {width > 0 && (
        <svg width={width} height={height} aria-hidden>
          {[top, top / 2].filter(Number.isInteger).map((count) => (
            <g key={count}>
              <line x1={LEFT} x2={width - RIGHT} y1={y(count)} y2={y(count)} className={css.grid} />
              <text x={LEFT - 6} y={y(count) + 4} textAnchor="end" className={css.tick}>
                {formatNumber(count, language)}
              </text>
            </g>
          ))}
          {buckets.map(({ from, count }) => {
            const left = Math.max(LEFT, x(from));
            const wide = Math.max(1, x(from + intervalMs) - left - (room / buckets.length > 4 ? 1 : 0));
            const tall = count === 0 ? 0 : Math.max(1, y(0) - y(count));
            return (
              <rect
                key={from}
                x={left}
                y={y(0) - tall}
                width={wide}
                height={tall}
                className={hover?.from === from ? css.barHere : css.bar}
              />
            );
          })}
          <line x1={LEFT} x2={width - RIGHT} y1={y(0)} y2={y(0)} className={css.zero} />
          <text x={LEFT - 6} y={y(0) + 4} textAnchor="end" className={css.tick}>
            0
          </text>
          {timeTicks(start, end, Math.floor(room / PER_TICK)).map(({ at, label }) => (
            <text key={at} x={Math.min(x(at), width - 22)} y={height - 4} textAnchor="middle" className={css.tick}>
              {label}
            </text>
          ))}
          {drag && (
            <rect x={x(drag[0])} y={TOP} width={Math.max(1, x(drag[1]) - x(drag[0]))} height={height - TOP - BOTTOM} className={css.drag} />
          )}
        </svg>
      )}
      {(drag !== undefined || hover !== undefined) && (
        <Readout
          at={drag ? (x(drag[0]) + x(drag[1])) / 2 : x((hover?.from ?? 0) + intervalMs / 2)}
          width={width}
          text={drag ? spanText(...drag) : spanText(hover?.from ?? 0, (hover?.from ?? 0) + intervalMs)}
          count={formatNumber(drag ? countWithin(buckets, intervalMs, drag) : (hover?.count ?? 0), language)}
        />
      )}
    </div>
  );
}

function Readout({ at, width, text, count }: { at: number; width: number; text: string; count: string }): ReactNode {
  const side = at > width / 2 ? { right: width - at + 10 } : { left: at + 10 };
  return (
    <div className={css.readout} style={side}>
      <b>{count}</b> <span className="mono">{text}</span>
    </div>
  );
}

function bucketAt(buckets: readonly TimeBucket[], intervalMs: number, at: number): TimeBucket | undefined {
  const first = buckets[0]?.from ?? 0;
  return buckets[Math.floor((at - first) / intervalMs)];
}

/** Events of the buckets that the stretch touches, which is what is read when it is chosen. */
function countWithin(buckets: readonly TimeBucket[], intervalMs: number, [from, to]: readonly [number, number]): number {
  return buckets.reduce((sum, bucket) => (bucket.from < to && bucket.from + intervalMs > from ? sum + bucket.count : sum), 0);
}

function useWidth(frame: RefObject<HTMLDivElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    setWidth(element.clientWidth);
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [frame]);
  return width;
}

interface DragOptions {
  readonly timeAt: (px: number) => number;
  readonly intervalMs: number;
  readonly bucketAt: (at: number) => TimeBucket | undefined;
  readonly onRange: ((from: number, to: number) => void) | undefined;
}

const CLICK_PX = 4;

/** A drag chooses a stretch; less than a few pixels of it is a click on one bucket. */
function useDrag(frame: RefObject<HTMLDivElement | null>, { timeAt, intervalMs, bucketAt: find, onRange }: DragOptions) {
  const [began, setBegan] = useState<number>();
  const [at, setAt] = useState<number>();
  const [inside, setInside] = useState(false);
  const px = (event: PointerEvent): number => event.clientX - (frame.current?.getBoundingClientRect().left ?? 0);
  const dragging = began !== undefined && at !== undefined && Math.abs(at - began) > CLICK_PX;
  const stretch = dragging ? ([timeAt(Math.min(began, at)), timeAt(Math.max(began, at))] as const) : undefined;
  const hover = inside && !dragging && at !== undefined ? find(timeAt(at)) : undefined;
  const handlers = {
    onPointerDown: (event: PointerEvent<HTMLDivElement>) => {
      if (event.button !== 0 || !onRange) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      setBegan(px(event));
      setAt(px(event));
    },
    onPointerMove: (event: PointerEvent) => {
      setInside(true);
      setAt(px(event));
    },
    onPointerLeave: () => setInside(false),
    onPointerCancel: () => setBegan(undefined),
    onPointerUp: () => {
      if (began === undefined || at === undefined) return;
      setBegan(undefined);
      if (stretch) onRange?.(Math.floor(stretch[0]), Math.ceil(stretch[1]));
      else {
        const one = find(timeAt(at));
        if (one) onRange?.(one.from, one.from + intervalMs);
      }
    },
  };
  return { drag: stretch, hover, handlers };
}
