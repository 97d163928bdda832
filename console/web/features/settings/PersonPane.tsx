import { useState, type FormEvent, type ReactNode } from 'react';
import { Button, TextInput } from '@mantine/core';
import type { UserChange, UserLink, UserView } from '@vong/platform/identity';
import { agencyName, useAgencies } from '../../client/agencies.ts';
import { api } from '../../client/api.ts';
import { mayAdminister, useMe } from '../../client/session.ts';
import { useLanguage } from '../../i18n/words.ts';
import { AgencySelect } from '../../ui/intake/AgencySelect.tsx';
import { DetailPane, FactList } from '../../ui/list/DetailPane.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { toasts } from '../../ui/toasts.ts';
import { TimeText } from '../../ui/values.tsx';
import { useChange } from './data.ts';
import { RoleSelect } from './NewPerson.tsx';
import { PasswordLink } from './PasswordLink.tsx';
import { PersonMark } from './PeoplePage.tsx';
import css from './settings.module.css';
import { personState } from './view.ts';
import { useWords } from './words.ts';

export function PersonPane({ person, onLeave }: { person: UserView | undefined; onLeave: () => void }): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const agencies = useAgencies();
  const administers = mayAdminister(useMe());
  const [link, setLink] = useState<UserLink>();
  if (!person) return <EmptyState title={t('person.gone')} />;
  return (
    <DetailPane
      title={person.displayName}
      onLeave={onLeave}
      actions={administers ? <Actions person={person} onLink={setLink} /> : <PersonMark person={person} />}
    >
      {link && <PasswordLink person={person} link={link} />}
      <FactList
        facts={[
          [
            t('person.name'),
            <span key="name" className="mono">
              {person.name}
            </span>,
          ],
          [t('person.role'), t(`role.${person.role}`)],
          [t('person.agency'), agencyName(agencies, person.agency, language)],
          [t('person.locked'), person.lockedUntil === undefined ? undefined : <TimeText at={person.lockedUntil} />],
          [t('person.seen'), person.lastSignInAt === undefined ? undefined : <TimeText at={person.lastSignInAt} />],
          [t('person.created'), <TimeText key="created" at={person.createdAt} />],
        ]}
      />
      {administers && <ChangeForm key={`${person.displayName} ${person.role} ${person.agency}`} person={person} />}
    </DetailPane>
  );
}

const pathOf = ({ id }: UserView): string => `/api/users/${encodeURIComponent(id)}`;

function Actions({ person, onLink }: { person: UserView; onLink: (link: UserLink) => void }): ReactNode {
  const t = useWords();
  const me = useMe();
  const name = person.displayName;
  const marks = ['people'];
  const link = useChange({ run: () => api.post<UserLink>(`${pathOf(person)}/link`), marks, done: onLink });
  const set = useChange({ run: (body: UserChange) => api.patch<UserView>(pathOf(person), body), marks });
  const disable = (disabled: boolean, undoable: boolean): void =>
    set.mutate(
      { disabled },
      {
        onSuccess: () =>
          toasts.done(
            t(disabled ? 'person.disabled.done' : 'person.enabled.done', { name }),
            undoable ? () => disable(!disabled, false) : undefined,
          ),
      },
    );
  const unlock = (): void => set.mutate({ unlock: true }, { onSuccess: () => toasts.done(t('person.unlocked.done', { name })) });
  return (
    <>
      <PersonMark person={person} />
      {personState(person) === 'locked' && (
        <Button variant="default" loading={set.isPending} onClick={unlock}>
          {t('person.unlock')}
        </Button>
      )}
      {!person.disabled && (
        <Button variant="default" loading={link.isPending} onClick={() => link.mutate(undefined)}>
          {t('person.link')}
        </Button>
      )}
      {person.id !== me.id && (
        <Button variant="default" loading={set.isPending} onClick={() => disable(!person.disabled, true)}>
          {t(person.disabled ? 'person.enable' : 'person.disable')}
        </Button>
      )}
    </>
  );
}

function ChangeForm({ person }: { person: UserView }): ReactNode {
  const t = useWords();
  const { displayName, role, agency } = person;
  const [form, setForm] = useState({ displayName, role, agency });
  const set = (part: Partial<typeof form>): void => setForm((before) => ({ ...before, ...part }));
  const save = useChange({
    run: (body: UserChange) => api.patch<UserView>(pathOf(person), body),
    marks: ['people'],
    done: () => toasts.done(t('saved')),
  });
  const changed = form.displayName !== displayName || form.role !== role || form.agency !== agency;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate({ ...form, displayName: form.displayName.trim() });
  };
  return (
    <form className={css.form} onSubmit={submit}>
      <TextInput
        label={t('person.display')}
        maxLength={200}
        value={form.displayName}
        onChange={({ currentTarget: { value } }) => set({ displayName: value })}
      />
      <RoleSelect value={form.role} onChange={(next) => set({ role: next })} />
      <AgencySelect value={form.agency} onChange={(next) => set({ agency: next })} />
      <div className={css.buttons}>
        <Button type="submit" loading={save.isPending} disabled={!changed || form.displayName.trim() === ''}>
          {t('save')}
        </Button>
      </div>
    </form>
  );
}
