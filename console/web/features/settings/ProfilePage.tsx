import { useState, type FormEvent, type ReactNode } from 'react';
import { Button, PasswordInput, SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../client/api.ts';
import { useMe, usePreference } from '../../client/session.ts';
import listCss from '../../ui/list/list.module.css';
import { Panel } from '../../ui/Panel.tsx';
import { ErrorState, Skeleton } from '../../ui/states.tsx';
import { toasts } from '../../ui/toasts.ts';
import { TimeText } from '../../ui/values.tsx';
import { sessionsQuery, useChange, type OwnSession } from './data.ts';
import css from './settings.module.css';
import { SettingsBar } from './SettingsBar.tsx';
import { useWords } from './words.ts';

const MIN_PASSWORD = 12;
// The names of languages are written in themselves everywhere: they are no words of a catalogue.
const LANGUAGE_NAMES = [
  { value: 'vi', label: 'Tiếng Việt' },
  { value: 'en', label: 'English' },
];
const THEMES = ['light', 'dark', 'auto'] as const;

export function ProfilePage(): ReactNode {
  const t = useWords();
  return (
    <div className={listCss.page}>
      <SettingsBar here="profile" />
      <div className={css.profile}>
        <div className={css.column}>
          <Panel title={t('profile.display')}>
            <Display />
          </Panel>
          <Panel title={t('password.title')}>
            <PasswordForm />
          </Panel>
        </div>
        <Panel title={t('sessions.title')} flush>
          <Sessions />
        </Panel>
      </div>
    </div>
  );
}

function Display(): ReactNode {
  const t = useWords();
  const me = useMe();
  const keep = usePreference();
  return (
    <div className={css.form}>
      <span>{t('profile.language')}</span>
      <SegmentedControl
        aria-label={t('profile.language')}
        data={LANGUAGE_NAMES}
        value={me.language}
        onChange={(language) => keep({ language: language === 'en' ? 'en' : 'vi' })}
      />
      <span>{t('profile.theme')}</span>
      <SegmentedControl
        aria-label={t('profile.theme')}
        data={THEMES.map((theme) => ({ value: theme, label: t(`theme.${theme}`) }))}
        value={me.theme}
        onChange={(theme) => keep({ theme: THEMES.find((one) => one === theme) ?? 'auto' })}
      />
    </div>
  );
}

const BLANK = { password: '', next: '', repeat: '' };

function PasswordForm(): ReactNode {
  const t = useWords();
  const [form, setForm] = useState(BLANK);
  const set = (part: Partial<typeof BLANK>): void => setForm((before) => ({ ...before, ...part }));
  const change = useChange({
    run: ({ password, next }: typeof BLANK) => api.patch('/api/session', { password, newPassword: next }),
    marks: ['sessions'],
    done: () => {
      toasts.done(t('password.done'));
      setForm(BLANK);
    },
  });
  const ready = form.password !== '' && Array.from(form.next).length >= MIN_PASSWORD && form.next === form.repeat;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    change.mutate(form);
  };
  return (
    <form className={css.form} onSubmit={submit}>
      <PasswordInput
        label={t('password.present')}
        autoComplete="current-password"
        value={form.password}
        onChange={(event) => set({ password: event.currentTarget.value })}
      />
      <PasswordInput
        label={t('password.next')}
        autoComplete="new-password"
        value={form.next}
        onChange={(event) => set({ next: event.currentTarget.value })}
      />
      <PasswordInput
        label={t('password.repeat')}
        autoComplete="new-password"
        value={form.repeat}
        error={form.repeat !== '' && form.repeat !== form.next ? t('password.differs') : undefined}
        onChange={(event) => set({ repeat: event.currentTarget.value })}
      />
      <p className="dim">{t('password.hint', { count: MIN_PASSWORD })}</p>
      <div className={css.buttons}>
        <Button type="submit" loading={change.isPending} disabled={!ready}>
          {t('password.action')}
        </Button>
      </div>
    </form>
  );
}

function Sessions(): ReactNode {
  const t = useWords();
  const sessions = useQuery(sessionsQuery);
  const end = useChange({
    run: ({ id }: OwnSession) => api.delete(`/api/sessions/${encodeURIComponent(id)}`),
    marks: ['sessions'],
    done: () => toasts.done(t('sessions.ended')),
  });
  if (sessions.error) return <ErrorState error={sessions.error} onRetry={() => void sessions.refetch()} />;
  if (!sessions.data) return <Skeleton rows={3} />;
  return (
    <table className={css.sessions}>
      <thead>
        <tr>
          <th>{t('sessions.seen')}</th>
          <th>{t('sessions.created')}</th>
          <th>{t('sessions.from')}</th>
          <th>{t('sessions.program')}</th>
          <th />
        </tr>
      </thead>
      <tbody>
        {sessions.data.map((session) => (
          <tr key={session.id}>
            <td style={{ whiteSpace: 'nowrap' }}>
              <TimeText at={session.seenAt} />
            </td>
            <td style={{ whiteSpace: 'nowrap' }}>
              <TimeText at={session.createdAt} />
            </td>
            <td className="mono">{session.from}</td>
            <td className="cut" style={{ maxWidth: 200 }} title={session.program}>
              {session.program}
            </td>
            <td style={{ textAlign: 'right', whiteSpace: 'nowrap' }}>
              {session.current ? (
                <span className="dim">{t('sessions.current')}</span>
              ) : (
                <Button variant="subtle" size="compact-xs" onClick={() => end.mutate(session)}>
                  {t('sessions.end')}
                </Button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
