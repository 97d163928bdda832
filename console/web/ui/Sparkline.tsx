import type { ReactNode } from 'react';
import css from './sparkline.module.css';

const BAR = 2;
const HEIGHT = 14;

/** Counts over time in the height of a row: the shape only; figures stand beside it. */
export function Sparkline({ counts }: { counts: readonly number[] }): ReactNode {
  const top = Math.max(1, ...counts);
  return (
    <svg className={css.spark} width={counts.length * BAR} height={HEIGHT} aria-hidden>
      {counts.map((count, at) => {
        const tall = count === 0 ? 0 : Math.max(1, Math.round((count / top) * (HEIGHT - 1)));
        // oxlint-disable-next-line react/no-array-index-key -- a bar is its place
        return <rect key={at} x={at * BAR} y={HEIGHT - 1 - tall} width={BAR - 0.5} height={tall} />;
      })}
      <line x1={0} x2={counts.length * BAR} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
    </svg>
  );
}
