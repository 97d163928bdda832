/** The column model of a `DataTable`: widths that a person can change and that are remembered on this machine. */
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { columnResizingFeature, columnSizingFeature, tableFeatures, useTable, type ColumnDef } from '@tanstack/react-table';

export interface DataColumn<Row> {
  readonly id: string;
  readonly header: string;
  /** Pixels. */
  readonly size: number;
  /** Takes the room that is left, never less than `size`. */
  readonly grow?: boolean;
  readonly align?: 'end';
  /** Clicking the head asks for this order; `onSort` gets the column's id. */
  readonly sortable?: boolean;
  readonly cell: (row: Row) => ReactNode;
}

const features = tableFeatures({ columnSizingFeature, columnResizingFeature });
type Blank = Record<string, never>;
// The table holds no rows: they are drawn by the virtual list straight from the query's pages.
const NO_ROWS: Blank[] = [];

const MIN_SIZE = 24;
/** Room left and right of a row, as in the style sheet. */
const EDGE = 8;

function remembered(name: string): Record<string, number> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(`vong.columns.${name}`) ?? '{}');
    if (typeof kept !== 'object' || kept === null) return {};
    return Object.fromEntries(Object.entries(kept).filter(([, size]) => typeof size === 'number' && size >= MIN_SIZE && size < 4000));
  } catch {
    return {};
  }
}

export interface ColumnLayout {
  /** `grid-template-columns` of every row. */
  readonly template: string;
  /** Pixels below which the table scrolls sideways. */
  readonly minWidth: number;
  /** Starts a change of width from a pointer. */
  readonly resizer: (id: string) => ((event: unknown) => void) | undefined;
}

export function useColumnLayout<Row>(name: string, columns: readonly DataColumn<Row>[], lead: number): ColumnLayout {
  const [columnSizing, setColumnSizing] = useState(() => remembered(name));
  const definitions = useMemo(
    () => columns.map(({ id, size }): ColumnDef<typeof features, Blank> => ({ id, size, minSize: MIN_SIZE, header: id })),
    [columns],
  );
  const table = useTable({
    features,
    columns: definitions,
    data: NO_ROWS,
    columnResizeMode: 'onChange',
    state: { columnSizing },
    onColumnSizingChange: setColumnSizing,
  });
  useEffect(() => {
    localStorage.setItem(`vong.columns.${name}`, JSON.stringify(columnSizing));
  }, [name, columnSizing]);
  const headers = table.getHeaderGroups()[0]?.headers ?? [];
  const widths = columns.map((column) => headers.find((one) => one.column.id === column.id)?.getSize() ?? column.size);
  const sizes = columns.map((column, at) => {
    const size = widths[at] ?? column.size;
    return column.grow === true && columnSizing[column.id] === undefined ? `minmax(${size}px, 1fr)` : `${size}px`;
  });
  return {
    template: [...(lead > 0 ? [`${lead}px`] : []), ...sizes].join(' '),
    minWidth: widths.reduce((sum, size) => sum + size, lead + 2 * EDGE),
    resizer: (id) => headers.find((one) => one.column.id === id)?.getResizeHandler(),
  };
}
