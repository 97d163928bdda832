import type { ReactNode } from 'react';
import { Button } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { mayAdminister, useMe } from '../../client/session.ts';
import { useGo } from '../../client/view.ts';
import { useLanguage } from '../../i18n/words.ts';
import { pipelinesQuery } from '../../ui/checks/findings.ts';
import { formatNumber } from '../../ui/format.ts';
import { PageBar } from '../../ui/list/PageBar.tsx';
import css from '../../ui/list/list.module.css';
import { failuresQuery } from './data.ts';
import { IMPORT } from './view.ts';
import { useWords } from './words.ts';

interface RulesBarProps {
  here: 'rules' | 'values' | 'pipelines' | 'failures';
  total?: number | undefined;
  onImport?: () => void;
  children?: ReactNode;
}

export function RulesBar({ here, total, onImport, children }: RulesBarProps): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const go = useGo();
  const failures = useQuery(failuresQuery).data?.length;
  const pipelines = useQuery(pipelinesQuery).data?.processing.length;
  const number = (count: number | undefined): string | undefined => (count === undefined ? undefined : formatNumber(count, language));
  return (
    <PageBar
      title={t('title')}
      tabs={[
        { label: t('tab.rules'), path: '/rules', here: here === 'rules', count: number(total) },
        { label: t('tab.values'), path: '/rules/values', here: here === 'values' },
        { label: t('tab.pipelines'), path: '/rules/pipelines', here: here === 'pipelines', count: number(pipelines) },
        { label: t('tab.failures'), path: '/rules/failures', here: here === 'failures', count: number(failures) },
      ]}
    >
      <span className={css.grow} />
      {children}
      {mayAdminister(useMe()) && (
        <Button
          style={{ flexShrink: 0 }}
          leftSection={<IconUpload size={14} />}
          onClick={onImport ?? (() => go('/rules', { rule: IMPORT }))}
        >
          {t('import')}
        </Button>
      )}
    </PageBar>
  );
}
