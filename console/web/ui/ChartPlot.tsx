import type { ReactNode } from 'react';
import { Bar, BarChart, CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import type { ChartProps } from './Chart.tsx';

/** Greys and dashes first: printed without colour the series stay apart. */
const NEUTRAL = ['var(--vg-icon)', 'var(--vg-line-strong)', 'var(--vg-text)', 'var(--vg-dim)', 'var(--vg-line)'];
const DASHES = ['', '6 3', '2 3', '8 3 2 3', '1 2'];
const tick = { fill: 'var(--vg-dim)', fontSize: 12, fontFamily: 'var(--vg-mono)' };

export function ChartPlot({ kind, points, series, height, formatX, formatY, onPoint }: ChartProps): ReactNode {
  const data = points.map((point) => ({ x: point.x, ...point.values }));
  const axes = [
    <CartesianGrid key="grid" vertical={false} stroke="var(--vg-line)" />,
    <XAxis key="x" dataKey="x" tickFormatter={formatX} tick={tick} stroke="var(--vg-line-strong)" minTickGap={40} />,
    <YAxis
      key="y"
      tickFormatter={formatY}
      tick={tick}
      stroke="var(--vg-line-strong)"
      width={56}
      domain={[0, 'auto']}
      allowDecimals={false}
    />,
    <Tooltip
      key="tip"
      labelFormatter={(x) => formatX(Number(x))}
      formatter={(value) => formatY(Number(value))}
      isAnimationActive={false}
      cursor={{ fill: 'var(--vg-hover)', stroke: 'var(--vg-line-strong)' }}
      contentStyle={{ background: 'var(--vg-panel)', border: '1px solid var(--vg-line-strong)', borderRadius: 4, padding: '4px 8px' }}
      itemStyle={{ color: 'var(--vg-text)', padding: 0 }}
    />,
  ];
  const onClick = (state: { activeTooltipIndex?: unknown }): void => {
    const point = points[Number(state.activeTooltipIndex)];
    if (point) onPoint?.(point);
  };
  const common = { data, onClick, margin: { top: 8, right: 28, bottom: 0, left: 0 }, accessibilityLayer: true };
  return (
    <ResponsiveContainer width="100%" height={height ?? 140}>
      {kind === 'bars' ? (
        <BarChart {...common} barCategoryGap={1} maxBarSize={32}>
          {axes}
          {series.map((one, at) => (
            <Bar
              key={one.key}
              dataKey={one.key}
              name={one.label}
              stackId="all"
              fill={one.color ?? NEUTRAL[at % 5] ?? ''}
              isAnimationActive={false}
            />
          ))}
        </BarChart>
      ) : (
        <LineChart {...common}>
          {axes}
          {series.map((one, at) => (
            <Line
              key={one.key}
              dataKey={one.key}
              name={one.label}
              stroke={one.color ?? NEUTRAL[at % 5] ?? ''}
              strokeDasharray={DASHES[at % 5] ?? ''}
              strokeWidth={1.5}
              dot={false}
              isAnimationActive={false}
            />
          ))}
        </LineChart>
      )}
    </ResponsiveContainer>
  );
}
