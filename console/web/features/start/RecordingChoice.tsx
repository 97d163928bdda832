import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Button, FileButton, Select } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { RecordingView } from '@vong/range/contracts';
import { ApiError } from '../../client/api.ts';
import { useLanguage } from '../../i18n/words.ts';
import { fold, formatBytes } from '../../ui/format.ts';
import { upload } from '../../ui/intake/upload.ts';
import { Progress } from '../../ui/Progress.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { recordingsQuery } from './data.ts';
import css from './start.module.css';
import { useWords } from './words.ts';

interface RecordingChoiceProps {
  value: string;
  onChange: (id: string) => void;
}

const MAX_SHOWN = 200;

/** A recording of the server, or one from this machine. */
export function RecordingChoice({ value, onChange }: RecordingChoiceProps): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const recordings = useQuery(recordingsQuery);
  const items = recordings.data ?? [];
  const sizes = new Map(items.map(({ id, bytes }) => [id, bytes]));
  return (
    <div className={css.stack}>
      <Select
        label={t('replay.recording')}
        placeholder={t('replay.recording.hint', { count: items.length })}
        data={items.map(({ id, name }) => ({ value: id, label: name }))}
        value={value === '' ? null : value}
        onChange={(id) => id !== null && onChange(id)}
        searchable
        allowDeselect={false}
        limit={MAX_SHOWN}
        maxDropdownHeight={320}
        comboboxProps={{ width: 560, position: 'bottom-end' }}
        nothingFoundMessage={t('replay.recording.none')}
        filter={({ options, search }) => {
          const wanted = fold(search.trim()).split(/\s+/);
          return options.filter((option) => 'value' in option && wanted.every((word) => fold(option.label).includes(word)));
        }}
        renderOption={({ option }) => (
          <span className={css.row} style={{ width: '100%' }}>
            <span className={`${css.grow} mono`} style={{ overflowWrap: 'anywhere' }}>
              {option.label}
            </span>
            <span className="dim" style={{ whiteSpace: 'nowrap' }}>
              {formatBytes(sizes.get(option.value) ?? 0, language)}
            </span>
          </span>
        )}
      />
      {recordings.error && <ErrorState error={recordings.error} onRetry={() => void recordings.refetch()} />}
      <RecordingUpload onDone={onChange} />
    </div>
  );
}

function RecordingUpload({ onDone }: { onDone: (id: string) => void }): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const client = useQueryClient();
  const [sending, setSending] = useState<{ file: File; part: number }>();
  const [error, setError] = useState<unknown>();
  const stopper = useRef<AbortController>(undefined);
  useEffect(() => () => stopper.current?.abort(), []);
  const send = async (file: File): Promise<void> => {
    const control = new AbortController();
    stopper.current = control;
    setError(undefined);
    setSending({ file, part: 0 });
    const form = new FormData();
    form.append('file', file, file.name);
    try {
      const onProgress = (part: number): void => setSending({ file, part });
      const { id } = await upload<RecordingView>({ path: '/api/recordings', form, onProgress, signal: control.signal });
      await client.invalidateQueries({ queryKey: recordingsQuery.queryKey });
      onDone(id);
    } catch (failure) {
      if (!(failure instanceof ApiError && failure.code === 'ABORTED')) setError(failure);
    }
    setSending(undefined);
  };
  if (sending) {
    const { file, part } = sending;
    const sent = formatBytes(file.size * part, language);
    const text = t('replay.uploading', { name: file.name, sent, size: formatBytes(file.size, language) });
    return (
      <div className={css.stack} role="status">
        <span className="cut">{text}</span>
        <div className={css.row}>
          <span className={css.grow}>
            <Progress part={part} label={text} />
          </span>
          <Button variant="default" size="compact-xs" onClick={() => stopper.current?.abort()}>
            {t('replay.stop')}
          </Button>
        </div>
      </div>
    );
  }
  return (
    <div>
      <FileButton onChange={(file) => file && void send(file)}>
        {(props) => (
          <Button {...props} variant="subtle" size="compact-xs" leftSection={<IconUpload size={14} />}>
            {t('replay.upload')}
          </Button>
        )}
      </FileButton>
      {error !== undefined && <ErrorState error={error} />}
    </div>
  );
}
