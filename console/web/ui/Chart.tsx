import { lazy, Suspense, useState, type ReactNode } from 'react';
import { ActionIcon } from '@mantine/core';
import { IconChartBar, IconTable } from '@tabler/icons-react';
import css from './chart.module.css';
import { useWords } from './words/index.ts';

export interface ChartSeries {
  readonly key: string;
  readonly label: string;
  /** A token of the theme: `var(--vg-critical)`. Neutral when absent. */
  readonly color?: string;
}

export interface ChartPoint {
  /** What stands on the horizontal axis; for a time axis milliseconds since the epoch. */
  readonly x: number;
  readonly values: Readonly<Record<string, number>>;
}

export interface ChartProps {
  /** Read by screen readers and shown above. */
  title: string;
  /** Unit of the vertical axis, in words: "events", "ms". */
  unit: string;
  kind: 'bars' | 'lines';
  points: readonly ChartPoint[];
  /** At most five; add the rest up as "other" before. */
  series: readonly ChartSeries[];
  height?: number;
  formatX: (x: number) => string;
  formatY: (y: number) => string;
  onPoint?: (point: ChartPoint) => void;
}

// recharts is half as large as everything else together: it is loaded with the first chart.
const Plot = lazy(() => import('./ChartPlot.tsx').then((module) => ({ default: module.ChartPlot })));

/** A chart with axes and units, exact figures on hover, and the same numbers as a table. */
export function Chart(props: ChartProps): ReactNode {
  const t = useWords();
  const [table, setTable] = useState(false);
  const height = props.height ?? 140;
  return (
    <figure className={css.figure}>
      <figcaption className={css.caption}>
        <span className="cut">
          {props.title} <span className="dim">({props.unit})</span>
        </span>
        <ActionIcon
          size={22}
          onClick={() => setTable(!table)}
          aria-label={t(table ? 'chart.chart' : 'chart.table')}
          title={t(table ? 'chart.chart' : 'chart.table')}
        >
          {table ? <IconChartBar size={16} /> : <IconTable size={16} />}
        </ActionIcon>
      </figcaption>
      {table ? (
        <ChartTable {...props} height={height} />
      ) : (
        <Suspense fallback={<div style={{ height }} />}>
          <Plot {...props} height={height} />
        </Suspense>
      )}
    </figure>
  );
}

function ChartTable({ points, series, height, formatX, formatY, unit }: ChartProps): ReactNode {
  return (
    <div style={{ maxHeight: height, overflow: 'auto' }}>
      <table className={css.table}>
        <thead>
          <tr>
            <th />
            {series.map((one) => (
              <th key={one.key}>{one.label || unit}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {points.map((point) => (
            <tr key={point.x}>
              <td className="mono">{formatX(point.x)}</td>
              {series.map((one) => (
                <td key={one.key}>{formatY(point.values[one.key] ?? 0)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
