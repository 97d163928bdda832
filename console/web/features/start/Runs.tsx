import type { ReactNode } from 'react';
import { ActionIcon } from '@mantine/core';
import { IconPlayerStop } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReplayView } from '@vong/range/contracts';
import { api } from '../../client/api.ts';
import { useLiveChanges } from '../../client/live-react.ts';
import { mayTriage, useMe } from '../../client/session.ts';
import { MiddleTruncate } from '../../ui/MiddleTruncate.tsx';
import { Progress } from '../../ui/Progress.tsx';
import { StateMark, type StateTone } from '../../ui/StateMark.tsx';
import { toasts } from '../../ui/toasts.ts';
import { replaysQuery } from './data.ts';
import { mergeReplays, partOf, shortName } from './replay.ts';
import css from './start.module.css';
import { useWords } from './words.ts';

const MOST = 4;
const TONES: Record<ReplayView['state'], StateTone> = { running: 'waiting', done: 'ok', cancelled: 'waiting', failed: 'failed' };

/** The last replays, moving as they go. */
export function Runs(): ReactNode {
  const t = useWords();
  const client = useQueryClient();
  const { data = [] } = useQuery(replaysQuery);
  const put = (came: readonly ReplayView[]): void => {
    client.setQueryData(replaysQuery.queryKey, (known: ReplayView[] = []) => mergeReplays(known, came));
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the body of a `replay` change is a ReplayView by contract
  useLiveChanges('replay', (changes) => put(changes.map(({ body }) => body as ReplayView)));
  const cancel = useMutation({
    mutationFn: ({ id }: ReplayView) => api.delete<ReplayView>(`/api/replays/${encodeURIComponent(id)}`),
    onSuccess: (replay) => {
      put([replay]);
      toasts.done(t('replay.cancelled', { name: shortName(replay.recording) }));
    },
    onError: (error) => toasts.failed(t('replay.failed', { message: error.message })),
  });
  if (data.length === 0) return null;
  return (
    <ul className={css.runs} aria-label={t('replay.runs')}>
      {data.slice(0, MOST).map((replay) => (
        <Run key={replay.id} replay={replay} onCancel={() => cancel.mutate(replay)} />
      ))}
    </ul>
  );
}

function Run({ replay, onCancel }: { replay: ReplayView; onCancel: () => void }): ReactNode {
  const t = useWords();
  const me = useMe();
  const { state, sent, total } = replay;
  const counted = total > 0 || state !== 'running' ? t('replay.progress', { sent, total: Math.max(sent, total) }) : t('replay.counting');
  return (
    <li className={css.run}>
      <MiddleTruncate text={replay.recording} mono />
      <span className={css.row}>
        <StateMark tone={TONES[state]}>{t(`replay.state.${state}`)}</StateMark>
        {state === 'running' && mayTriage(me) && (
          <ActionIcon size={20} onClick={onCancel} aria-label={t('replay.cancel')} title={t('replay.cancel')}>
            <IconPlayerStop size={14} />
          </ActionIcon>
        )}
      </span>
      {state === 'running' && <Progress part={partOf(replay)} label={counted} />}
      <span className="dim">{replay.error ?? counted}</span>
    </li>
  );
}
