import { useEffect, useRef, useState, type ReactNode, type RefObject } from 'react';
import { useVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import css from './table.module.css';
import { useColumnLayout, type ColumnLayout, type DataColumn } from './table-columns.ts';
import { TableHead, type TableSort } from './TableHead.tsx';
import { BlankRow, TableRow, type RowHandlers, type RowSelection } from './TableRow.tsx';

export type { DataColumn, RowSelection, TableSort };

export const ROW_HEIGHT = 28;
const HEAD_HEIGHT = 24;
const TICK_WIDTH = 26;

export interface DataTableProps<Row> {
  /** Column widths are remembered under this name. */
  name: string;
  /** What is listed, for screen readers. */
  label: string;
  columns: readonly DataColumn<Row>[];
  /** What has been loaded, in order. */
  rows: readonly Row[];
  /** How many there are in all; those not loaded yet are drawn as grey bars. */
  total?: number;
  getId: (row: Row) => string;
  /** The row the keyboard stands on. */
  active?: string | undefined;
  onPick?: (row: Row) => void;
  onOpen?: (row: Row) => void;
  selection?: RowSelection | undefined;
  sort?: TableSort | undefined;
  /** Called while rows are drawn: indices of the first and last on screen. */
  onRange?: (first: number, last: number) => void;
  rowState?: (row: Row) => { readonly faded?: boolean; readonly entering?: boolean };
  /** Shown instead of rows. */
  empty?: ReactNode;
}

type Rows = Virtualizer<HTMLDivElement, Element>;

/** A virtual table: rows of 28 px, as many as you like, widths to the person's taste. */
export function DataTable<Row>(props: DataTableProps<Row>): ReactNode {
  const { rows, active, selection, columns } = props;
  // In the state, not in a ref: the rows can only be placed once the element is there.
  const [scroll, setScroll] = useState<HTMLDivElement | null>(null);
  const total = Math.max(props.total ?? 0, rows.length);
  const layout = useColumnLayout(props.name, columns, selection ? TICK_WIDTH : 0);
  return (
    <div className={css.table}>
      <div
        className={css.scroll}
        ref={setScroll}
        role="grid"
        tabIndex={0}
        aria-label={props.label}
        aria-rowcount={total + 1}
        aria-activedescendant={active === undefined ? undefined : rowDomId(props.name, active)}
      >
        <TableHead columns={columns} layout={layout} sort={props.sort} selection={selection} />
        {total === 0 && props.empty}
        {total > 0 && scroll && <Body {...props} scroll={scroll} total={total} layout={layout} />}
      </div>
    </div>
  );
}

function rowDomId(name: string, id: string): string {
  return `${name}-${id}`;
}

interface BodyProps<Row> extends DataTableProps<Row> {
  scroll: HTMLDivElement;
  total: number;
  layout: ColumnLayout;
}

const height = (): number => ROW_HEIGHT;

/** Only this is drawn again while scrolling. */
function Body<Row>(props: BodyProps<Row>): ReactNode {
  const { scroll, total, layout, columns, rows, getId, active, selection } = props;
  // No keys from the rows here: making 100,000 of them anew whenever one row changes would be felt.
  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => scroll,
    estimateSize: height,
    overscan: 8,
    scrollPaddingStart: HEAD_HEIGHT,
  });
  const handlers = useHandlers(props);
  useRange(virtual, props.onRange);
  useActiveInView(virtual, { rows, getId, active });
  return (
    <div role="rowgroup" style={{ height: virtual.getTotalSize(), minWidth: layout.minWidth, position: 'relative' }}>
      {virtual.getVirtualItems().map(({ index, start }) => {
        const row = rows[index];
        if (row === undefined) {
          return (
            <BlankRow key={index} columns={columns} index={index} top={start} template={layout.template} ticks={selection !== undefined} />
          );
        }
        const id = getId(row);
        const { faded = false, entering = false } = props.rowState?.(row) ?? {};
        return (
          <TableRow
            key={id}
            row={row}
            id={id}
            domId={rowDomId(props.name, id)}
            columns={columns}
            index={index}
            top={start}
            template={layout.template}
            active={id === active}
            selected={selection?.has(id)}
            faded={faded}
            entering={entering}
            handlers={handlers}
          />
        );
      })}
    </div>
  );
}

/** The same functions for as long as the table is shown, so that rows which have not changed are not drawn again. */
function useHandlers<Row>(props: DataTableProps<Row>): RowHandlers<Row> {
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  const [handlers] = useState<RowHandlers<Row>>(() => ({
    onPick: (row) => latest.current.onPick?.(row),
    onOpen: (row) => latest.current.onOpen?.(row),
    onToggle: (id, range) => latest.current.selection?.toggle(id, range),
  }));
  return handlers;
}

function useRange(virtual: Rows, onRange: DataTableProps<unknown>['onRange']): void {
  const range = virtual.range;
  const first = range?.startIndex ?? -1;
  const last = range?.endIndex ?? -1;
  const latest = useRef(onRange);
  useEffect(() => {
    latest.current = onRange;
  });
  const count = virtual.options.count;
  useEffect(() => {
    if (first >= 0) latest.current?.(first, last);
  }, [first, last, count]);
}

interface ActiveRow<Row> {
  readonly rows: readonly Row[];
  readonly getId: (row: Row) => string;
  readonly active: string | undefined;
}

/** Brings the active row into view when another becomes active, not when rows arrive above it. */
function useActiveInView<Row>(virtual: Rows, { rows, getId, active }: ActiveRow<Row>): void {
  const previous: RefObject<string | undefined> = useRef(undefined);
  useEffect(() => {
    if (active === previous.current) return;
    const at = active === undefined ? -1 : rows.findIndex((row) => getId(row) === active);
    if (at < 0) return;
    previous.current = active;
    virtual.scrollToIndex(at, { align: 'auto' });
  }, [active, rows, getId, virtual]);
}
