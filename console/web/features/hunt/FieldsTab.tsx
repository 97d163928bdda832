import { useMemo, useState, type ReactNode } from 'react';
import { ActionIcon, TextInput } from '@mantine/core';
import { IconColumnInsertRight, IconColumnRemove } from '@tabler/icons-react';
import type { EcsEvent } from '@vong/platform/events';
import { listFields } from '../../client/event-fields.ts';
import { useView } from '../../client/view.ts';
import { fold } from '../../ui/format.ts';
import { PivotValue } from '../../ui/PivotValue.tsx';
import css from './pane.module.css';
import { columnsOf, toggled, type HuntView } from './view.ts';
import { useWords } from './words.ts';

/** Every field with its values; each value is a way on, each name can become a column. */
export function FieldsTab({ event }: { event: EcsEvent }): ReactNode {
  const t = useWords();
  const [typed, setTyped] = useState('');
  const [view, change] = useView<HuntView>();
  const columns = columnsOf(view);
  const fields = useMemo(() => listFields(event), [event]);
  const wanted = fold(typed.trim());
  const found = fields.filter(([name, values]) => fold(`${name} ${values.join(' ')}`).includes(wanted));
  return (
    <div className={css.section}>
      <TextInput
        aria-label={t('pane.filter')}
        placeholder={t('pane.filter')}
        value={typed}
        onChange={(input) => setTyped(input.currentTarget.value)}
        rightSectionWidth={90}
        rightSection={<span className="dim">{t('pane.count', { count: found.length })}</span>}
      />
      {found.length === 0 && <p className="dim">{t('pane.none')}</p>}
      <table className={css.table}>
        <tbody>
          {found.map(([name, values]) => {
            const shown = columns.includes(name);
            const label = t(shown ? 'fields.remove' : 'fields.add', { name });
            return (
              <tr key={name} className={shown ? css.shown : undefined}>
                <td className="mono">
                  {name}
                  <ActionIcon
                    size={18}
                    className={css.add}
                    aria-label={label}
                    title={label}
                    onClick={() => change({ columns: toggled(columns, name) }, { replace: true })}
                  >
                    {shown ? <IconColumnRemove size={14} /> : <IconColumnInsertRight size={14} />}
                  </ActionIcon>
                </td>
                <td className="mono">
                  <div className={css.values}>
                    {values.map((value, at) => (
                      <PivotValue key={at} field={name} value={value}>
                        <span className={css.text}>{value}</span>
                      </PivotValue>
                    ))}
                  </div>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
