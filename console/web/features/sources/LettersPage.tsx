import { useMemo, type ReactNode } from 'react';
import { Button, Select } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { DeadLetterView } from '@vong/collector/contracts';
import { mayTriage, useMe } from '../../client/session.ts';
import { useView } from '../../client/view.ts';
import { DataTable } from '../../ui/DataTable.tsx';
import { BulkBar } from '../../ui/list/BulkBar.tsx';
import css from '../../ui/list/list.module.css';
import { useList } from '../../ui/list/useList.ts';
import { Split } from '../../ui/Split.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../ui/states.tsx';
import { agentsQuery, useLetters, useReplayLetters, waitingLettersQuery } from './data.ts';
import { useLetterColumns } from './letter-columns.tsx';
import { LetterPane } from './LetterPane.tsx';
import { SourcesBar } from './SourcesBar.tsx';
import type { LettersView } from './view.ts';
import { useWords } from './words.ts';

const AHEAD = 100;
const MAX_IDS = 500;
const idOf = (letter: DeadLetterView): string => letter.id;

export function LettersPage(): ReactNode {
  const t = useWords();
  const [view, change] = useView<LettersView>();
  const letters = useLetters(view.agent);
  const rows = useMemo(() => letters.data?.pages.flatMap(({ items }) => items) ?? [], [letters.data]);
  const open = view.letter;
  const show = (letter: string | undefined): void => change({ letter }, { replace: open !== undefined && letter !== undefined });
  const onRange = (_first: number, last: number): void => {
    if (last > rows.length - AHEAD && letters.hasNextPage && !letters.isFetchingNextPage && !letters.isError) void letters.fetchNextPage();
  };
  const found = rows.find(({ id }) => id === open);
  const empty = letters.isPending ? <Skeleton rows={12} /> : <EmptyState title={t('letters.none')}>{t('letters.none.text')}</EmptyState>;
  return (
    <div className={css.page}>
      <SourcesBar here="letters">
        <LetterTools />
      </SourcesBar>
      <div className={css.main}>
        <Split
          name="letters"
          initial={660}
          right={
            open === undefined || letters.isPending ? undefined : <LetterPane key={open} letter={found} onLeave={() => show(undefined)} />
          }
          left={
            letters.error && !letters.data ? (
              <ErrorState error={letters.error} onRetry={() => void letters.refetch()} />
            ) : (
              <LetterTable rows={rows} show={show} onRange={onRange} empty={empty} />
            )
          }
        />
      </div>
    </div>
  );
}

/** Which agent's, and everything at once. */
function LetterTools(): ReactNode {
  const t = useWords();
  const [view, change] = useView<LettersView>();
  const agents = useQuery(agentsQuery).data ?? [];
  const waiting = useQuery(waitingLettersQuery).data ?? 0;
  const { replay, busy } = useReplayLetters();
  const chosen = agents.filter(({ deadLettered, id }) => deadLettered > 0 || id === view.agent);
  return (
    <>
      <Select
        w={220}
        aria-label={t('letter.agent')}
        placeholder={t('letters.everyone')}
        clearable
        searchable
        data={chosen.map(({ id, name }) => ({ value: id, label: t('letters.of', { name }) }))}
        value={view.agent ?? null}
        onChange={(agent) => change({ agent: agent ?? undefined, letter: undefined })}
      />
      {mayTriage(useMe()) && (
        <Button leftSection={<IconRefresh size={14} />} loading={busy} disabled={waiting === 0} onClick={() => replay({ all: true })}>
          {t('letters.all')}
        </Button>
      )}
    </>
  );
}

interface LetterTableProps {
  rows: readonly DeadLetterView[];
  show: (letter: string | undefined) => void;
  onRange: (first: number, last: number) => void;
  empty: ReactNode;
}

function LetterTable({ rows, show, onRange, empty }: LetterTableProps): ReactNode {
  const t = useWords();
  const may = mayTriage(useMe());
  const [view] = useView<LettersView>();
  const ids = useMemo(() => rows.map(idOf), [rows]);
  const list = useList({ ids, open: view.letter, show, select: may });
  const { replay, busy } = useReplayLetters();
  const columns = useLetterColumns(view.letter !== undefined);
  const some = (): void => {
    const chosen = [...list.selected];
    for (let at = 0; at < chosen.length; at += MAX_IDS) replay({ ids: chosen.slice(at, at + MAX_IDS) });
    list.clear();
  };
  return (
    <div className={css.list}>
      <BulkBar count={list.selected.size} onClear={list.clear}>
        <Button variant="subtle" size="compact-xs" loading={busy} onClick={some}>
          {t('letters.some')}
        </Button>
      </BulkBar>
      <DataTable
        name={view.letter === undefined ? 'letters' : 'letters-compact'}
        label={t('letters.label')}
        columns={columns}
        rows={rows}
        getId={idOf}
        active={list.active}
        onPick={({ id }) => list.pick(id)}
        selection={may ? list.selection : undefined}
        rowState={({ replayedAt }) => ({ faded: replayedAt !== undefined })}
        onRange={onRange}
        empty={empty}
      />
    </div>
  );
}
