import { memo, type ReactNode } from 'react';
import css from './table.module.css';
import type { DataColumn } from './table-columns.ts';
import { useWords } from './words/index.ts';

export interface RowSelection {
  readonly has: (id: string) => boolean;
  /** `range` is true with Shift: everything from the last one selected to here. */
  readonly toggle: (id: string, range: boolean) => void;
}

export interface RowHandlers<Row> {
  readonly onPick: (row: Row) => void;
  readonly onOpen: (row: Row) => void;
  readonly onToggle: (id: string, range: boolean) => void;
}

interface RowProps<Row> {
  row: Row;
  id: string;
  domId: string;
  columns: readonly DataColumn<Row>[];
  index: number;
  /** Pixels from the first row. */
  top: number;
  template: string;
  active: boolean;
  /** Undefined: rows cannot be selected. */
  selected: boolean | undefined;
  faded: boolean;
  entering: boolean;
  handlers: RowHandlers<Row>;
}

function Row<Item>(props: RowProps<Item>): ReactNode {
  const { row, id, columns, active, selected, faded, entering, handlers } = props;
  const names = [css.row, active && css.active, selected && css.selected, faded && css.faded, entering && css.entering];
  return (
    <div
      id={props.domId}
      className={names.filter(Boolean).join(' ')}
      role="row"
      aria-rowindex={props.index + 2}
      aria-selected={selected ?? active}
      style={{ top: props.top, gridTemplateColumns: props.template }}
      onClick={() => handlers.onPick(row)}
      onDoubleClick={() => handlers.onOpen(row)}
    >
      {selected !== undefined && <Tick id={id} selected={selected} onToggle={handlers.onToggle} />}
      {columns.map((column) => (
        <span key={column.id} role="gridcell" className={`${css.cell} ${column.align === 'end' ? css.end : ''}`}>
          {column.cell(row)}
        </span>
      ))}
    </div>
  );
}

// A memoised component loses its type parameter; this gives it back.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as said above
export const TableRow = memo(Row) as typeof Row;

interface TickProps {
  id: string;
  selected: boolean;
  onToggle: (id: string, range: boolean) => void;
}

function Tick({ id, selected, onToggle }: TickProps): ReactNode {
  const t = useWords();
  return (
    <span role="gridcell" className={css.cell} onClick={(event) => event.stopPropagation()}>
      <input
        type="checkbox"
        tabIndex={-1}
        className={css.tick}
        checked={selected}
        aria-label={t('select.row')}
        onClick={(event) => onToggle(id, event.shiftKey)}
        onChange={() => undefined}
      />
    </span>
  );
}

interface BlankProps {
  columns: readonly { readonly id: string }[];
  index: number;
  top: number;
  template: string;
  ticks: boolean;
}

/** A row that is known to exist but has not been loaded. */
export function BlankRow({ columns, index, top, template, ticks }: BlankProps): ReactNode {
  return (
    <div className={css.row} role="row" aria-rowindex={index + 2} aria-busy style={{ top, gridTemplateColumns: template }}>
      {ticks && <span />}
      {columns.map((column) => (
        <span key={column.id} className={css.cell}>
          <span className={css.bone} />
        </span>
      ))}
    </div>
  );
}
