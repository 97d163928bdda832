import type { ReactNode } from 'react';
import { IconArrowNarrowDown, IconArrowNarrowUp } from '@tabler/icons-react';
import css from './table.module.css';
import type { ColumnLayout, DataColumn } from './table-columns.ts';
import type { RowSelection } from './TableRow.tsx';
import { useWords } from './words/index.ts';

export interface TableSort {
  /** Id of the column the rows are in the order of. */
  readonly column: string;
  readonly direction: 'ascending' | 'descending';
  readonly onSort: (column: string) => void;
}

interface HeadProps<Row> {
  columns: readonly DataColumn<Row>[];
  layout: ColumnLayout;
  sort: TableSort | undefined;
  selection: RowSelection | undefined;
}

export function TableHead<Row>({ columns, layout, sort, selection }: HeadProps<Row>): ReactNode {
  const t = useWords();
  return (
    <div className={css.head} role="row" aria-rowindex={1} style={{ gridTemplateColumns: layout.template, minWidth: layout.minWidth }}>
      {selection && <span role="columnheader" />}
      {columns.map((column) => {
        const sorted = sort?.column === column.id;
        return (
          <span
            key={column.id}
            className={`${css.cell} ${css.headCell} ${column.align === 'end' ? css.end : ''} ${sorted ? css.sorted : ''}`}
            role="columnheader"
            aria-sort={sorted ? sort.direction : undefined}
          >
            {column.sortable === true && sort ? (
              <button
                type="button"
                className={css.sort}
                onClick={() => sort.onSort(column.id)}
                title={t('sort.by', { name: column.header })}
              >
                <span className="cut">{column.header}</span>
                {sorted && (sort.direction === 'descending' ? <IconArrowNarrowDown size={14} /> : <IconArrowNarrowUp size={14} />)}
              </button>
            ) : (
              <span className="cut">{column.header}</span>
            )}
            <span
              className={css.handle}
              aria-hidden
              title={t('column.width', { name: column.header })}
              onPointerDown={(event) => {
                event.preventDefault();
                layout.resizer(column.id)?.(event.nativeEvent instanceof PointerEvent ? asMouse(event.nativeEvent) : event);
              }}
            />
          </span>
        );
      })}
    </div>
  );
}

/** The column model follows `mousemove`; it only wants to know where the pointer went down. */
function asMouse(event: PointerEvent): MouseEvent {
  return new MouseEvent('mousedown', { clientX: event.clientX, clientY: event.clientY });
}
