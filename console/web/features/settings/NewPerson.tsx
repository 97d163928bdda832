import { useState, type FormEvent, type ReactNode } from 'react';
import { Button, Select, TextInput } from '@mantine/core';
import type { UserCreate, UserLink, UserView } from '@vong/platform/identity';
import { api } from '../../client/api.ts';
import { useMe } from '../../client/session.ts';
import { useAgency } from '../../client/view.ts';
import { AgencySelect } from '../../ui/intake/AgencySelect.tsx';
import { DetailPane } from '../../ui/list/DetailPane.tsx';
import { useChange } from './data.ts';
import { PasswordLink } from './PasswordLink.tsx';
import css from './settings.module.css';
import { isPersonName, ROLES, suggestName, type Role } from './view.ts';
import { useWords } from './words.ts';

/** Makes a person and their one-time link, in one step. */
export function NewPerson({ onLeave }: { onLeave: () => void }): ReactNode {
  const t = useWords();
  const [made, setMade] = useState<{ person: UserView; link: UserLink }>();
  return (
    <DetailPane title={made ? made.person.displayName : t('people.new')} onLeave={onLeave}>
      {made ? <PasswordLink {...made} /> : <Form onMade={setMade} />}
    </DetailPane>
  );
}

function Form({ onMade }: { onMade: (made: { person: UserView; link: UserLink }) => void }): ReactNode {
  const t = useWords();
  const me = useMe();
  const chosen = useAgency();
  const [form, setForm] = useState<UserCreate>({ name: '', displayName: '', role: 'analyst', agency: chosen ?? me.agency });
  const [own, setOwn] = useState(false);
  const set = (part: Partial<UserCreate>): void => setForm((before) => ({ ...before, ...part }));
  const create = useChange({
    run: async (body: UserCreate) => {
      const person = await api.post<UserView>('/api/users', body);
      return { person, link: await api.post<UserLink>(`/api/users/${encodeURIComponent(person.id)}/link`) };
    },
    marks: ['people'],
    done: onMade,
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate({ ...form, displayName: form.displayName.trim() });
  };
  return (
    <form className={css.form} onSubmit={submit}>
      <TextInput
        label={t('person.display')}
        maxLength={200}
        autoFocus
        value={form.displayName}
        onChange={({ currentTarget: { value } }) => set({ displayName: value, ...(own ? {} : { name: suggestName(value) }) })}
      />
      <TextInput
        label={t('person.name')}
        maxLength={63}
        value={form.name}
        error={form.name !== '' && !isPersonName(form.name) ? t('person.name.hint') : undefined}
        onChange={({ currentTarget: { value } }) => {
          setOwn(value !== '');
          set({ name: value.toLowerCase() });
        }}
      />
      <RoleSelect value={form.role} onChange={(role) => set({ role })} />
      <AgencySelect value={form.agency} onChange={(agency) => set({ agency })} />
      <div className={css.buttons}>
        <Button type="submit" loading={create.isPending} disabled={form.displayName.trim() === '' || !isPersonName(form.name)}>
          {t('person.create')}
        </Button>
      </div>
    </form>
  );
}

export function RoleSelect({ value, onChange }: { value: Role; onChange: (role: Role) => void }): ReactNode {
  const t = useWords();
  return (
    <Select
      label={t('person.role')}
      data={ROLES.map((role) => ({ value: role, label: t(`role.${role}`) }))}
      value={value}
      allowDeselect={false}
      onChange={(role) => onChange(ROLES.find((one) => one === role) ?? value)}
    />
  );
}
