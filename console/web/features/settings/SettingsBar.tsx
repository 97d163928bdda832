import type { ReactNode } from 'react';
import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useMe } from '../../client/session.ts';
import { useView } from '../../client/view.ts';
import { PageBar } from '../../ui/list/PageBar.tsx';
import css from '../../ui/list/list.module.css';
import { partsFor, pathOf, type ItemView, type Part } from './view.ts';
import { useWords } from './words.ts';

export function SettingsBar({ here, children }: { here: Part; children?: ReactNode }): ReactNode {
  const t = useWords();
  const parts = partsFor(useMe().role);
  return (
    <PageBar title={t('title')} tabs={parts.map((part) => ({ label: t(`tab.${part}`), path: pathOf(part), here: part === here }))}>
      <span className={css.grow} />
      {children}
    </PageBar>
  );
}

export function ItemSearch(): ReactNode {
  const t = useWords();
  const [{ q = '' }, change] = useView<ItemView>();
  return (
    <TextInput
      w={200}
      aria-label={t('agencies.search')}
      placeholder={t('agencies.search')}
      maxLength={255}
      leftSection={<IconSearch size={14} />}
      value={q}
      onChange={({ currentTarget: { value } }) => change({ q: value === '' ? undefined : value }, { replace: true })}
      onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
    />
  );
}
