import { useMemo, useState, type ReactNode } from 'react';
import { Popover, TextInput } from '@mantine/core';
import { IconChevronDown, IconSitemap } from '@tabler/icons-react';
import { agencyName, inTreeOrder, useAgencies } from '../../client/agencies.ts';
import { useAgency, useView } from '../../client/view.ts';
import { useLanguage } from '../../i18n/words.ts';
import { fold } from '../../ui/format.ts';
import { useWords } from '../words.ts';
import css from './frame.module.css';

/** Which part of the tree is looked at; lives in the URL as `?agency=`. */
export function AgencySwitcher(): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const agencies = useAgencies();
  const chosen = useAgency();
  const [open, setOpen] = useState(false);
  const name = chosen === undefined ? t('agency.all') : agencyName(agencies, chosen, language);
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-start" width={380} trapFocus>
      <Popover.Target>
        <button type="button" className={css.agency} onClick={() => setOpen(!open)} aria-label={t('agency.label', { name })} title={name}>
          <IconSitemap size={16} color="var(--vg-icon)" />
          <span className="cut">{name}</span>
          <IconChevronDown size={14} color="var(--vg-icon)" />
        </button>
      </Popover.Target>
      <Popover.Dropdown p={8}>{open && <AgencyList chosen={chosen} onDone={() => setOpen(false)} />}</Popover.Dropdown>
    </Popover>
  );
}

interface Option {
  readonly code: string | undefined;
  readonly name: string;
  readonly depth: number;
}

function useOptions(typed: string): Option[] {
  const t = useWords();
  const language = useLanguage();
  const agencies = useAgencies();
  return useMemo(() => {
    const wanted = fold(typed.trim());
    const tree = inTreeOrder(agencies, language).map(({ agency, depth }) => ({ code: agency.code, name: agency.name[language], depth }));
    const all: Option[] = [{ code: undefined, name: t('agency.all'), depth: 0 }, ...tree];
    if (wanted === '') return all;
    return all.filter(({ code, name }) => fold(`${name} ${code ?? ''}`).includes(wanted)).map((option) => ({ ...option, depth: 0 }));
  }, [agencies, language, typed, t]);
}

const MAX_SHOWN = 300;

function AgencyList({ chosen, onDone }: { chosen: string | undefined; onDone: () => void }): ReactNode {
  const t = useWords();
  const [, change] = useView<{ agency?: string }>();
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const options = useOptions(typed).slice(0, MAX_SHOWN);
  const choose = (option: Option | undefined): void => {
    if (!option) return;
    change({ agency: option.code });
    onDone();
  };
  return (
    <>
      <TextInput
        aria-label={t('agency.search')}
        placeholder={t('agency.search')}
        value={typed}
        autoFocus
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') setAt(Math.min(at + 1, options.length - 1));
          else if (event.key === 'ArrowUp') setAt(Math.max(at - 1, 0));
          else if (event.key === 'Enter') choose(options[at]);
          else return;
          event.preventDefault();
        }}
      />
      <div className={css.options}>
        {options.length === 0 && <div className={`${css.option} dim`}>{t('agency.none')}</div>}
        {options.map((option, index) => (
          <button
            type="button"
            key={option.code ?? ''}
            ref={(node) => {
              if (index === at) node?.scrollIntoView({ block: 'nearest' });
            }}
            className={`${css.option} ${index === at ? css.at : ''} ${option.code === chosen ? css.chosen : ''}`}
            style={{ paddingLeft: 8 + option.depth * 16 }}
            onClick={() => choose(option)}
          >
            <span className="cut">{option.name}</span>
            {option.code !== undefined && <span className={`${css.code} mono`}>{option.code}</span>}
          </button>
        ))}
      </div>
    </>
  );
}
