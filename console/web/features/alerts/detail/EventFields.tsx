import { useMemo, useState, type ReactNode } from 'react';
import { TextInput } from '@mantine/core';
import type { AlertSummary } from '@vong/engine/contracts';
import type { EcsEvent } from '@vong/platform/events';
import { listFields } from '../../../client/event-fields.ts';
import { Breakable } from '../../../ui/Breakable.tsx';
import { fold } from '../../../ui/format.ts';
import { PivotValue } from '../../../ui/PivotValue.tsx';
import { useWords } from '../words.ts';
import css from './detail.module.css';
import { Marked } from './Marked.tsx';
import { useExplanation } from './useExplanation.ts';

/** Every field of the event; those that made the rule match stand out. */
export function EventFields({ alert, event }: { alert: AlertSummary; event: EcsEvent }): ReactNode {
  const t = useWords();
  const [typed, setTyped] = useState('');
  const { data } = useExplanation(alert, event);
  const fields = useMemo(() => listFields(event), [event]);
  const wanted = fold(typed.trim());
  const found = fields.filter(([name, values]) => fold(`${name} ${values.join(' ')}`).includes(wanted));
  const spansOf = (name: string, value: string): [number, number][] =>
    data?.matches.flatMap(({ path, value: matched, span }) => (path === name && matched === value && span ? [span] : [])) ?? [];
  return (
    <section className={css.section}>
      <TextInput
        aria-label={t('fields.filter')}
        placeholder={t('fields.filter')}
        value={typed}
        onChange={(change) => setTyped(change.currentTarget.value)}
        rightSectionWidth={90}
        rightSection={<span className="dim">{t('fields.count', { count: found.length })}</span>}
        mb={8}
      />
      {found.length === 0 && <p className={css.empty}>{t('fields.none')}</p>}
      <table className={css.table}>
        <tbody>
          {found.map(([name, values]) => (
            <tr key={name} className={data?.matches.some(({ path }) => path === name) ? css.hit : undefined}>
              <td className="mono">
                <Breakable text={name} />
              </td>
              <td className="mono">
                <div className={css.values}>
                  {values.map((value, at) => (
                    <PivotValue key={at} field={name} value={value}>
                      <Marked value={value} spans={spansOf(name, value)} />
                    </PivotValue>
                  ))}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
