import { useEffect, useState, type ReactNode, type RefObject } from 'react';
import { ActionIcon, Button } from '@mantine/core';
import { IconSearch, IconX } from '@tabler/icons-react';
import { useView } from '../../client/view.ts';
import { queryFault, type QueryFault } from './kql-error.ts';
import css from './query.module.css';
import { QueryBox } from './QueryBox.tsx';
import { SavedSearches } from './SavedSearches.tsx';
import { SyntaxHelp } from './SyntaxHelp.tsx';
import { TimePicker } from './TimePicker.tsx';
import type { Hunt } from './useHunt.ts';
import type { HuntView } from './view.ts';
import { useWords } from './words.ts';

/** What is searched for, and when. */
export function QueryBar({ hunt, box }: { hunt: Hunt; box: RefObject<HTMLTextAreaElement | null> }): ReactNode {
  const t = useWords();
  const [{ q = '' }, change] = useView<HuntView>();
  const [typed, setTyped] = useState(q);
  useEffect(() => setTyped(q), [q]);
  const found = hunt.busy ? undefined : queryFault(hunt.error);
  const fault = found && { ...found, query: q };
  const wanted = typed.trim();
  const run = (): void => {
    if (wanted === q) hunt.refresh();
    else change({ q: wanted, event: undefined });
  };
  const show = (): void => {
    box.current?.focus();
    if (fault) box.current?.setSelectionRange(fault.position, fault.position);
  };
  const insert = (example: string): void => {
    setTyped(wanted === '' ? example : `${wanted} and ${example}`);
    box.current?.focus();
  };
  return (
    <div className={css.bar}>
      <div className={css.line}>
        <QueryBox box={box} typed={typed} onType={setTyped} onRun={run} fields={hunt.fields} query={hunt.query} fault={fault} />
        <div className={css.tools}>
          {typed !== '' && (
            <ActionIcon
              size={24}
              aria-label={t('query.clear')}
              title={t('query.clear')}
              onClick={() => {
                setTyped('');
                change({ q: undefined, event: undefined });
              }}
            >
              <IconX size={14} />
            </ActionIcon>
          )}
          <SyntaxHelp onExample={insert} />
        </div>
        <TimePicker />
        <SavedSearches query={wanted} />
        <Button leftSection={<IconSearch size={14} />} variant={wanted === q ? 'default' : 'filled'} onClick={run} miw={92}>
          {t(wanted === q ? 'query.refresh' : 'query.run')}
        </Button>
      </div>
      {fault && fault.query === typed && <FaultLine fault={fault} onShow={show} />}
    </div>
  );
}

function FaultLine({ fault, onShow }: { fault: QueryFault; onShow: () => void }): ReactNode {
  const t = useWords();
  const expected = t(`expected.${fault.expected ?? 'other'}`);
  return (
    <div className={css.fault} role="alert">
      <span>
        {t('fault.at', { position: fault.position + 1 })}{' '}
        {fault.found === undefined ? t('fault.end', { expected }) : t('fault.found', { expected, found: fault.found })}
      </span>
      <Button variant="subtle" size="compact-xs" onClick={onShow}>
        {t('fault.show')}
      </Button>
    </div>
  );
}
