import { memo, useEffect, useMemo, useRef, useState, type ReactNode, type RefObject } from 'react';
import { ActionIcon, TextInput } from '@mantine/core';
import { IconArrowLeft, IconArrowRight, IconLayoutSidebarLeftCollapse, IconMinus, IconPlus, IconRestore } from '@tabler/icons-react';
import type { FieldInfo } from '@vong/platform/events';
import { useView } from '../../client/view.ts';
import { useLanguage } from '../../i18n/words.ts';
import { formatNumber } from '../../ui/format.ts';
import { Skeleton } from '../../ui/states.tsx';
import css from './fields.module.css';
import { sections, TYPE_MARKS } from './field-sections.ts';
import { TopValues } from './TopValues.tsx';
import type { SearchQuery } from './useHunt.ts';
import { columnsOf, DEFAULT_COLUMNS, KIND, moved, SUMMARY, toggled, type HuntView } from './view.ts';
import { useWords } from './words.ts';

interface FieldListProps {
  /** Undefined until they are known. */
  fields: readonly FieldInfo[] | undefined;
  query: SearchQuery;
  /** They are those of the search before. */
  old: boolean;
  search: RefObject<HTMLInputElement | null>;
  onHide: () => void;
}

/** The fields of what was found: a click shows the most frequent values, the plus makes a column. */
export const FieldList = memo(function FieldList({ fields, query, old, search, onHide }: FieldListProps): ReactNode {
  const t = useWords();
  const [typed, setTyped] = useState('');
  const [{ field: open }, change] = useView<HuntView>();
  const { common, all } = useMemo(() => sections(fields ?? [], typed), [fields, typed]);
  const sample = fields?.reduce((most, { count }) => Math.max(most, count), 1) ?? 1;
  const lines = (list: readonly FieldInfo[]): ReactNode =>
    list.map((field) => (
      <FieldLine
        key={field.name}
        field={field}
        share={field.count / sample}
        open={open === field.name}
        onOpen={() => change({ field: open === field.name ? undefined : field.name }, { replace: true })}
        query={query}
      />
    ));
  return (
    <aside className={css.fields} aria-label={t('fields.label')}>
      <div className={css.search}>
        <TextInput
          ref={search}
          style={{ flex: 1 }}
          placeholder={t('fields.search')}
          aria-label={t('fields.search')}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') event.currentTarget.blur();
          }}
        />
        <ActionIcon size={22} onClick={onHide} aria-label={t('fields.hide')} title={t('fields.hide')}>
          <IconLayoutSidebarLeftCollapse size={16} />
        </ActionIcon>
      </div>
      <div className={`${css.list} ${old ? css.old : ''}`}>
        {typed === '' && <ChosenColumns />}
        {!fields && <Skeleton rows={10} />}
        {common.length > 0 && <h3>{t('fields.common')}</h3>}
        {lines(common)}
        {all.length > 0 && <h3>{t('fields.all', { count: all.length })}</h3>}
        {lines(all)}
        {fields !== undefined && typed !== '' && all.length + common.length === 0 && <p className={css.none}>{t('fields.none')}</p>}
      </div>
    </aside>
  );
});

function ChosenColumns(): ReactNode {
  const t = useWords();
  const [view, change] = useView<HuntView>();
  const columns = columnsOf(view);
  const special: Readonly<Record<string, string>> = { [KIND]: t('column.kind'), [SUMMARY]: t('column.summary') };
  const set = (next: string): void => change({ columns: next }, { replace: true });
  return (
    <>
      <h3>
        {t('fields.columns')}
        {columns !== DEFAULT_COLUMNS && (
          <ActionIcon size={18} onClick={() => change({ columns: undefined })} aria-label={t('fields.reset')} title={t('fields.reset')}>
            <IconRestore size={14} />
          </ActionIcon>
        )}
      </h3>
      {columns.map((name, at) => (
        <div key={name} className={css.line}>
          <span className={`${css.name} ${special[name] === undefined ? 'mono' : ''}`} title={name}>
            {special[name] ?? name}
          </span>
          <span className={css.acts}>
            {at > 0 && <Act label={t('fields.left', { name })} icon={IconArrowLeft} onClick={() => set(moved(columns, name, -1))} />}
            {at < columns.length - 1 && (
              <Act label={t('fields.right', { name })} icon={IconArrowRight} onClick={() => set(moved(columns, name, 1))} />
            )}
            <Act label={t('fields.remove', { name })} icon={IconMinus} onClick={() => set(toggled(columns, name))} />
          </span>
        </div>
      ))}
    </>
  );
}

interface FieldLineProps {
  field: FieldInfo;
  /** Of the newest events, how many have it: 0…1. */
  share: number;
  open: boolean;
  onOpen: () => void;
  query: SearchQuery;
}

function FieldLine({ field, share, open, onOpen, query }: FieldLineProps): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const [view, change] = useView<HuntView>();
  const columns = columnsOf(view);
  const { name, type } = field;
  const shown = columns.includes(name);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (open) place.current?.scrollIntoView({ block: 'nearest' });
  }, [open]);
  const percent = `${formatNumber(Math.max(1, Math.round(share * 100)), language)} %`;
  return (
    <>
      <div ref={place} className={`${css.line} ${open ? css.open : ''}`}>
        <button
          type="button"
          className={css.head}
          onClick={onOpen}
          aria-expanded={open}
          title={`${name} · ${t(`type.${type}`)} · ${t('fields.share', { share: percent })}`}
        >
          <span className={css.type} aria-hidden>
            {TYPE_MARKS[type]}
          </span>
          <span className={`${css.name} mono`}>{name}</span>
        </button>
        <span className={css.acts}>
          <Act
            label={t(shown ? 'fields.remove' : 'fields.add', { name })}
            icon={shown ? IconMinus : IconPlus}
            onClick={() => change({ columns: toggled(columns, name) }, { replace: true })}
          />
        </span>
      </div>
      {open && <TopValues field={name} query={query} />}
    </>
  );
}

/** A plain button: there are hundreds of them. */
function Act({ label, icon: Icon, onClick }: { label: string; icon: typeof IconPlus; onClick: () => void }): ReactNode {
  return (
    <button type="button" className={css.act} onClick={onClick} aria-label={label} title={label}>
      <Icon size={14} />
    </button>
  );
}
