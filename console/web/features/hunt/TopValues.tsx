import { use, type ReactNode } from 'react';
import { ActionIcon, Button } from '@mantine/core';
import { IconFilter, IconFilterOff } from '@tabler/icons-react';
import { useView } from '../../client/view.ts';
import { useLanguage } from '../../i18n/words.ts';
import { formatNumber } from '../../ui/format.ts';
import { PivotContext } from '../../ui/pivot.ts';
import { ErrorState, Skeleton } from '../../ui/states.tsx';
import css from './fields.module.css';
import { fieldName, narrowed } from './kql-text.ts';
import { useFieldValues, type SearchQuery } from './useHunt.ts';
import type { HuntView } from './view.ts';
import { useWords } from './words.ts';

const TOP = 8;

/** The most frequent values among everything found, not only among what is loaded. */
export function TopValues({ field, query }: { field: string; query: SearchQuery }): ReactNode {
  const t = useWords();
  const [{ q = '' }, change] = useView<HuntView>();
  const values = useFieldValues(field, query, { limit: TOP });
  if (values.error) return <ErrorState error={values.error} onRetry={() => void values.refetch()} />;
  if (!values.data) return <Skeleton rows={4} />;
  const { values: top, other, missing } = values.data;
  const most = Math.max(other, missing, top[0]?.count ?? 1, 1);
  const total = top.reduce((sum, { count }) => sum + count, other + missing);
  return (
    <div className={css.top}>
      {top.length === 0 && <p className={css.none}>{t('top.none')}</p>}
      {top.map(({ value, count }) => (
        <TopLine key={value} label={value} share={count / most} count={count} total={total} pivot={{ field, value }} />
      ))}
      {other > 0 && <TopLine label={t('top.other')} share={other / most} count={other} total={total} />}
      {missing > 0 && <TopLine label={t('top.missing')} share={missing / most} count={missing} total={total} />}
      <Button variant="subtle" size="compact-xs" onClick={() => change({ q: narrowed(q, `${fieldName(field)}: *`) })}>
        <span className="cut">{t('fields.exists', { name: field })}</span>
      </Button>
    </div>
  );
}

interface TopLineProps {
  label: string;
  /** Of the longest bar: 0…1. */
  share: number;
  count: number;
  total: number;
  pivot?: { readonly field: string; readonly value: string };
}

function TopLine({ label, share, count, total, pivot }: TopLineProps): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const { only, without } = use(PivotContext);
  const percent = formatNumber((count / Math.max(1, total)) * 100, language);
  return (
    <div className={css.topLine} title={`${label} · ${formatNumber(count, language)} · ${percent} %`}>
      <span className={css.bar} style={{ width: `${share * 100}%` }} />
      <span className={`${css.topName} ${pivot ? 'mono' : 'dim'}`}>{label}</span>
      <span className={css.number}>{formatNumber(count, language)}</span>
      {pivot && (
        <span className={css.acts}>
          <ActionIcon
            size={20}
            onClick={() => only?.(pivot.field, pivot.value)}
            aria-label={t('top.only', { value: label })}
            title={t('top.only', { value: label })}
          >
            <IconFilter size={14} />
          </ActionIcon>
          <ActionIcon
            size={20}
            onClick={() => without?.(pivot.field, pivot.value)}
            aria-label={t('top.without', { value: label })}
            title={t('top.without', { value: label })}
          >
            <IconFilterOff size={14} />
          </ActionIcon>
        </span>
      )}
    </div>
  );
}
