import { useState, type FormEvent, type ReactNode } from 'react';
import { Button, Select, Switch } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReplayCreate, ReplayView } from '@vong/range/contracts';
import { api } from '../../client/api.ts';
import { useMe } from '../../client/session.ts';
import { useAgency } from '../../client/view.ts';
import { AgencySelect } from '../../ui/intake/AgencySelect.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { toasts } from '../../ui/toasts.ts';
import { replaysQuery } from './data.ts';
import { RecordingChoice } from './RecordingChoice.tsx';
import { mergeReplays, shortName, SPEEDS } from './replay.ts';
import css from './start.module.css';
import { useWords } from './words.ts';

/** Chooses what to replay, for which agency and how fast, and starts it. */
export function Replay(): ReactNode {
  const t = useWords();
  const me = useMe();
  const client = useQueryClient();
  const agency = useAgency();
  const [form, setForm] = useState<ReplayCreate>({ recording: '', agency: agency ?? me.agency, speed: 0, shiftTime: true });
  const set = (part: Partial<ReplayCreate>): void => setForm((before) => ({ ...before, ...part }));
  const begin = useMutation({
    mutationFn: (body: ReplayCreate) => api.post<ReplayView>('/api/replays', body),
    onSuccess: (replay) => {
      client.setQueryData(replaysQuery.queryKey, (known: ReplayView[] = []) => mergeReplays(known, [replay]));
      toasts.done(t('replay.started', { name: shortName(replay.recording) }));
    },
  });
  const speedWord = (speed: number): string =>
    speed === 0 ? t('replay.speed.full') : speed === 1 ? t('replay.speed.recorded') : t('replay.speed.times', { speed });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    begin.mutate(form);
  };
  return (
    <form className={css.stack} onSubmit={submit}>
      <RecordingChoice value={form.recording} onChange={(recording) => set({ recording })} />
      <div className={css.pair}>
        <AgencySelect value={form.agency} onChange={(code) => set({ agency: code })} />
        <Select
          label={t('replay.speed')}
          data={SPEEDS.map((speed) => ({ value: String(speed), label: speedWord(speed) }))}
          value={String(form.speed)}
          allowDeselect={false}
          onChange={(speed) => set({ speed: Number(speed ?? 0) })}
        />
      </div>
      <Switch
        label={t('replay.shift')}
        title={t('replay.shift.hint')}
        checked={form.shiftTime ?? true}
        onChange={(event) => set({ shiftTime: event.currentTarget.checked })}
      />
      {begin.error && <ErrorState error={begin.error} />}
      <div className={css.row}>
        <Button type="submit" loading={begin.isPending} disabled={form.recording === ''}>
          {t('replay.start')}
        </Button>
      </div>
    </form>
  );
}
