import type { ReactNode } from 'react';
import css from './table.module.css';
import type { DataColumn } from './table-columns.ts';
import { useWords } from './words/index.ts';

export interface RowSelection {
  readonly has: (id: string) => boolean;
  /** `range` is true with Shift: everything from the last one selected to here. */
  readonly toggle: (id: string, range: boolean) => void;
}

export interface RowPlace {
  readonly index: number;
  readonly top: number;
  readonly template: string;
}

interface RowProps<Row> {
  row: Row;
  id: string;
  domId: string;
  columns: readonly DataColumn<Row>[];
  place: RowPlace;
  active: boolean;
  selection: RowSelection | undefined;
  state: { readonly faded?: boolean; readonly entering?: boolean };
  onPick: ((row: Row) => void) | undefined;
  onOpen: ((row: Row) => void) | undefined;
}

export function TableRow<Row>(props: RowProps<Row>): ReactNode {
  const { row, id, columns, place, active, selection, state } = props;
  const selected = selection?.has(id) ?? false;
  const names = [css.row, active && css.active, selected && css.selected, state.faded && css.faded, state.entering && css.entering];
  return (
    <div
      id={props.domId}
      className={names.filter(Boolean).join(' ')}
      role="row"
      aria-rowindex={place.index + 2}
      aria-selected={selection ? selected : active}
      style={{ top: place.top, gridTemplateColumns: place.template }}
      onClick={() => props.onPick?.(row)}
      onDoubleClick={() => props.onOpen?.(row)}
    >
      {selection && <Tick id={id} selected={selected} selection={selection} />}
      {columns.map((column) => (
        <span key={column.id} role="gridcell" className={`${css.cell} ${column.align === 'end' ? css.end : ''}`}>
          {column.cell(row)}
        </span>
      ))}
    </div>
  );
}

function Tick({ id, selected, selection }: { id: string; selected: boolean; selection: RowSelection }): ReactNode {
  const t = useWords();
  return (
    <span role="gridcell" className={css.cell} onClick={(event) => event.stopPropagation()}>
      <input
        type="checkbox"
        tabIndex={-1}
        className={css.tick}
        checked={selected}
        aria-label={t('select.row')}
        onClick={(event) => selection.toggle(id, event.shiftKey)}
        onChange={() => undefined}
      />
    </span>
  );
}

/** A row that is known to exist but has not been loaded. */
export function BlankRow<Row>({
  columns,
  place,
  ticks,
}: {
  columns: readonly DataColumn<Row>[];
  place: RowPlace;
  ticks: boolean;
}): ReactNode {
  return (
    <div
      className={css.row}
      role="row"
      aria-rowindex={place.index + 2}
      aria-busy
      style={{ top: place.top, gridTemplateColumns: place.template }}
    >
      {ticks && <span />}
      {columns.map((column) => (
        <span key={column.id} className={css.cell}>
          <span className={css.bone} />
        </span>
      ))}
    </div>
  );
}
