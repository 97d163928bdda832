import { useState, type FormEvent, type ReactNode } from 'react';
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { IconCheck, IconMinus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { SetupView } from '@vong/platform/identity';
import { api, ApiError } from '../../client/api.ts';
import { rememberedLanguage } from '../../client/language.ts';
import type { SessionUser } from '../../client/session.ts';
import { EmptyState, ErrorState, Skeleton } from '../../ui/states.tsx';
import { Card } from './Card.tsx';
import css from './page.module.css';
import { isUserName, MIN_PASSWORD, passwordRules, type PasswordRule } from './rules.ts';
import { useEnter } from './SignInPage.tsx';
import { useWords } from './words.ts';

export function SetupPage(): ReactNode {
  const t = useWords();
  const { token = '' }: { token?: string } = useParams({ strict: false });
  const link = useQuery({
    queryKey: ['setup', token],
    staleTime: Infinity,
    queryFn: ({ signal }) => api.get<SetupView>(`/api/setup/${encodeURIComponent(token)}`, { signal, expect401: true }),
  });
  if (link.error instanceof ApiError && link.error.status === 404) {
    return (
      <Card title={t('setup.title')}>
        <EmptyState title={t('setup.invalid')}>{t('setup.invalid.text')}</EmptyState>
      </Card>
    );
  }
  return (
    <Card title={t('setup.title')}>
      {link.isPending && <Skeleton rows={4} />}
      {link.error && <ErrorState error={link.error} onRetry={() => void link.refetch()} />}
      {link.data && <SetupForm token={token} link={link.data} />}
    </Card>
  );
}

function SetupForm({ token, link }: { token: string; link: SetupView }): ReactNode {
  const t = useWords();
  const first = link.kind === 'setup';
  const [form, setForm] = useState({ name: link.name ?? '', displayName: link.displayName ?? '', password: '', repeat: '' });
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const enter = useEnter();
  const set = (part: Partial<typeof form>): void => setForm((before) => ({ ...before, ...part }));
  const rules = passwordRules(form.password, form.name);
  const ready = (!first || isUserName(form.name)) && rules.every((rule) => rule.met) && form.password === form.repeat;
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const { name, displayName, password } = form;
      const body = first ? { token, name, displayName, password } : { token, password };
      const { user } = await api.post<{ user: SessionUser }>('/api/setup', body, { expect401: true });
      // A new person is Vietnamese-speaking until said otherwise; on this page it has been said.
      const chosen = rememberedLanguage();
      if (chosen !== user.language) await api.patch('/api/session', { language: chosen });
      enter({ ...user, language: chosen }, '/');
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <form className={css.form} onSubmit={(event) => void submit(event)}>
      <p style={{ margin: 0 }}>{first ? t('setup.first') : t('setup.person', { name: form.displayName })}</p>
      {error !== undefined && <ErrorState error={error} />}
      {first && <Names form={form} set={set} />}
      <PasswordInput
        label={t('setup.password')}
        autoComplete="new-password"
        required
        withAsterisk={false}
        value={form.password}
        onChange={(event) => set({ password: event.currentTarget.value })}
        aria-describedby="password-rules"
      />
      <Rules rules={rules} />
      <PasswordInput
        label={t('setup.repeat')}
        autoComplete="new-password"
        required
        withAsterisk={false}
        value={form.repeat}
        onChange={(event) => set({ repeat: event.currentTarget.value })}
        error={form.repeat !== '' && form.repeat !== form.password ? t('setup.repeat.differs') : undefined}
      />
      <Button type="submit" size="sm" loading={busy} disabled={!ready}>
        {t('setup.action')}
      </Button>
    </form>
  );
}

interface NamesProps {
  form: { name: string; displayName: string };
  set: (part: { name?: string; displayName?: string }) => void;
}

function Names({ form, set }: NamesProps): ReactNode {
  const t = useWords();
  return (
    <>
      <TextInput
        label={t('setup.displayName')}
        autoComplete="name"
        required
        withAsterisk={false}
        maxLength={200}
        autoFocus
        value={form.displayName}
        onChange={(event) => set({ displayName: event.currentTarget.value })}
      />
      <TextInput
        label={t('setup.name')}
        description={t('setup.name.hint')}
        autoComplete="username"
        required
        withAsterisk={false}
        error={form.name.length > 1 && !isUserName(form.name) ? t('setup.name.wrong') : undefined}
        value={form.name}
        onChange={(event) => set({ name: event.currentTarget.value.toLowerCase() })}
      />
    </>
  );
}

function Rules({ rules }: { rules: readonly PasswordRule[] }): ReactNode {
  const t = useWords();
  const text = (rule: PasswordRule): string => (rule.id === 'length' ? t('rule.length', { count: MIN_PASSWORD }) : t(`rule.${rule.id}`));
  return (
    <ul className={css.rules} id="password-rules">
      {rules.map((rule) => (
        <li key={rule.id} className={rule.met ? css.met : undefined}>
          {rule.met ? <IconCheck size={14} /> : <IconMinus size={14} />}
          {text(rule)}
          <span className="hidden-text">{t(rule.met ? 'rule.met' : 'rule.open')}</span>
        </li>
      ))}
    </ul>
  );
}
