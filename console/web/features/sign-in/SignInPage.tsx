import { useState, type FormEvent, type ReactNode } from 'react';
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { api, ApiError } from '../../client/api.ts';
import { sessionQuery, type SessionUser } from '../../client/session.ts';
import { useView } from '../../client/view.ts';
import { useLanguage } from '../../i18n/words.ts';
import { formatClock, formatDuration } from '../../ui/format.ts';
import { now } from '../../ui/now.ts';
import { ErrorState } from '../../ui/states.tsx';
import { Card } from './Card.tsx';
import css from './page.module.css';
import { safeTarget } from './rules.ts';
import { useWords } from './words.ts';

interface Failure {
  readonly error: unknown;
  readonly at: number;
}

export function SignInPage(): ReactNode {
  const t = useWords();
  const [view] = useView<{ to?: string }>();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  const enter = useEnter();
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFailure(undefined);
    try {
      const { user } = await api.post<{ user: SessionUser }>('/api/session', { name, password }, { expect401: true });
      enter(user, safeTarget(view.to));
    } catch (error) {
      setFailure({ error, at: now() });
      setPassword('');
      setBusy(false);
    }
  };
  return (
    <Card title={t('signIn.title')}>
      <form className={css.form} onSubmit={(event) => void submit(event)}>
        {failure && <Problem failure={failure} />}
        <TextInput
          label={t('signIn.name')}
          name="username"
          autoComplete="username"
          autoFocus
          required
          withAsterisk={false}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <PasswordInput
          label={t('signIn.password')}
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" size="sm" loading={busy}>
          {t('signIn.action')}
        </Button>
      </form>
    </Card>
  );
}

/** Puts the person into the cache and opens what they were on the way to. */
export function useEnter(): (user: SessionUser, to: string) => void {
  const client = useQueryClient();
  const router = useRouter();
  return (user, to) => {
    client.clear();
    client.setQueryData(sessionQuery.queryKey, user);
    router.history.push(to);
  };
}

function Problem({ failure: { error, at } }: { failure: Failure }): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const known = error instanceof ApiError ? error : undefined;
  if (known?.status === 423) {
    const wait = Number(known.details['retryAfterSeconds'] ?? 0) * 1000;
    return (
      <p className={css.problem} role="alert">
        {t('signIn.locked', { time: formatDuration(wait, language), at: formatClock(at + wait) })}
      </p>
    );
  }
  if (known?.status === 401) {
    return (
      <p className={css.problem} role="alert">
        {t('signIn.refused')}
      </p>
    );
  }
  return <ErrorState error={error} />;
}
