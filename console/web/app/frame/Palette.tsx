import { useMemo, useState, type ReactNode } from 'react';
import { Modal, TextInput } from '@mantine/core';
import { useAgencies } from '../../client/agencies.ts';
import type { Feature } from '../../client/feature.ts';
import { useGo, useView } from '../../client/view.ts';
import { useLanguage } from '../../i18n/words.ts';
import { fold } from '../../ui/format.ts';
import { useWords } from '../words.ts';
import css from './frame.module.css';
import { THEMES, usePreferences } from './preferences.ts';

interface Command {
  readonly id: string;
  readonly label: string;
  readonly hint?: string;
  readonly run: () => void;
}

const MAX_SHOWN = 12;

interface PaletteProps {
  features: readonly Feature[];
  opened: boolean;
  onClose: () => void;
}

/** Everything by its name: pages, agencies, commands, and what was typed as a search. */
export function Palette({ features, opened, onClose }: PaletteProps): ReactNode {
  return (
    <Modal opened={opened} onClose={onClose} withCloseButton={false} padding={8} size={560} yOffset={80} centered={false}>
      {opened && <PaletteBody features={features} onClose={onClose} />}
    </Modal>
  );
}

function PaletteBody({ features, onClose }: Omit<PaletteProps, 'opened'>): ReactNode {
  const t = useWords();
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const commands = useCommands(features);
  const searches = useSearches(features, typed.trim());
  const wanted = fold(typed.trim());
  const found = [
    ...commands.filter((command) => fold(`${command.label} ${command.hint ?? ''}`).includes(wanted)).slice(0, MAX_SHOWN),
    ...searches,
  ];
  const run = (command: Command | undefined): void => {
    if (!command) return;
    onClose();
    command.run();
  };
  return (
    <>
      <TextInput
        size="sm"
        autoFocus
        aria-label={t('palette.open')}
        placeholder={t('palette.placeholder')}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') setAt(Math.min(at + 1, found.length - 1));
          else if (event.key === 'ArrowUp') setAt(Math.max(at - 1, 0));
          else if (event.key === 'Enter') run(found[at]);
          else return;
          event.preventDefault();
        }}
      />
      <div className={css.options}>
        {found.length === 0 && <div className={`${css.option} dim`}>{t('palette.none')}</div>}
        {found.map((command, index) => (
          <button type="button" key={command.id} className={`${css.option} ${index === at ? css.at : ''}`} onClick={() => run(command)}>
            <span className="cut">{command.label}</span>
            {command.hint !== undefined && <span className={`${css.code} mono`}>{command.hint}</span>}
          </button>
        ))}
      </div>
    </>
  );
}

function usePages(features: readonly Feature[]): Command[] {
  const t = useWords();
  const go = useGo();
  return features.flatMap(({ rail }) => {
    if (!rail) return [];
    return [{ id: rail.path, label: t('palette.go', { name: rail.useLabel() }), hint: `g ${rail.key}`, run: () => go(rail.path) }];
  });
}

function useCommands(features: readonly Feature[]): Command[] {
  const t = useWords();
  const language = useLanguage();
  const agencies = useAgencies();
  const [, change] = useView<{ agency?: string }>();
  const { choose } = usePreferences();
  const pages = usePages(features);
  const places = useMemo(
    () =>
      agencies.map((agency) => ({
        id: `agency ${agency.code}`,
        label: t('palette.agency', { name: agency.name[language] }),
        hint: agency.code,
        run: () => change({ agency: agency.code }),
      })),
    [agencies, language, t, change],
  );
  const settings: Command[] = [
    ...THEMES.map((theme) => ({
      id: `theme ${theme}`,
      label: t('palette.theme', { name: t(`theme.${theme}`) }),
      run: () => choose({ theme }),
    })),
    { id: 'language', label: t('palette.language'), run: () => choose({ language: language === 'vi' ? 'en' : 'vi' }) },
  ];
  return [...pages, ...settings, ...places];
}

/** What was typed, as a search in the features that can. */
function useSearches(features: readonly Feature[], text: string): Command[] {
  const t = useWords();
  const go = useGo();
  if (text === '') return [];
  const has = (path: string): boolean => features.some(({ rail }) => rail?.path === path);
  return [
    ...(has('/alerts') ? [{ id: 'alerts', label: t('palette.alerts', { text }), run: () => go('/alerts', { q: text }) }] : []),
    ...(has('/hunt') ? [{ id: 'hunt', label: t('palette.hunt', { text }), run: () => go('/hunt', { q: text }) }] : []),
  ];
}
