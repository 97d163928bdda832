import { useState, type FormEvent, type ReactNode } from 'react';
import { Button, Select, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { AgencyCreate, AgencyView } from '@vong/platform/identity';
import { agenciesQuery } from '../../client/agencies.ts';
import { api } from '../../client/api.ts';
import { useMe } from '../../client/session.ts';
import { useLanguage } from '../../i18n/words.ts';
import { ErrorState } from '../states.tsx';
import { toasts } from '../toasts.ts';
import { AgencySelect } from './AgencySelect.tsx';
import { isAgencyCode, suggestCode } from './enrol.ts';
import css from './intake.module.css';
import { useWords } from './words.ts';

interface AgencyFormProps {
  /** Under which agency it is made at first. */
  parent?: string | undefined;
  onCreated: (agency: AgencyView) => void;
  onCancel: () => void;
}

const KINDS = ['ministry', 'province', 'unit'] as const;

/** A new agency in the tree. Its code follows the name until the person writes one. */
export function AgencyForm({ parent, onCreated, onCancel }: AgencyFormProps): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const me = useMe();
  const client = useQueryClient();
  const [form, setForm] = useState<AgencyCreate>({ code: '', nameVi: '', nameEn: '', kind: 'unit', parent: parent ?? me.agency });
  const [own, setOwn] = useState(false);
  const set = (part: Partial<AgencyCreate>): void => setForm((before) => ({ ...before, ...part }));
  const create = useMutation({
    mutationFn: (body: AgencyCreate) => api.post<AgencyView>('/api/agencies', body),
    onSuccess: async (agency) => {
      await client.invalidateQueries({ queryKey: agenciesQuery.queryKey });
      toasts.done(t('agency.created', { name: agency.name[language] }));
      onCreated(agency);
    },
  });
  const ready = form.nameVi.trim() !== '' && isAgencyCode(form.code);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const nameVi = form.nameVi.trim();
    create.mutate({ ...form, nameVi, nameEn: form.nameEn.trim() || nameVi });
  };
  return (
    <form className={css.stack} onSubmit={submit}>
      <TextInput
        label={t('agency.nameVi')}
        value={form.nameVi}
        maxLength={200}
        data-autofocus
        autoFocus
        onChange={({ currentTarget: { value } }) => set({ nameVi: value, ...(own ? {} : { code: suggestCode(value) }) })}
      />
      <TextInput
        label={t('agency.nameEn')}
        value={form.nameEn}
        maxLength={200}
        onChange={(event) => set({ nameEn: event.currentTarget.value })}
      />
      <div className={css.pair}>
        <TextInput
          label={t('agency.code')}
          title={t('agency.code.hint')}
          value={form.code}
          maxLength={63}
          error={form.code !== '' && !isAgencyCode(form.code) ? t('agency.code.wrong') : undefined}
          onChange={({ currentTarget: { value } }) => {
            setOwn(value !== '');
            set({ code: value.toLowerCase() });
          }}
        />
        <Select
          label={t('agency.kind')}
          data={KINDS.map((kind) => ({ value: kind, label: t(`agency.kind.${kind}`) }))}
          value={form.kind}
          allowDeselect={false}
          onChange={(kind) => set({ kind: KINDS.find((one) => one === kind) ?? 'unit' })}
        />
      </div>
      <AgencySelect label={t('agency.parent')} value={form.parent} onChange={(code) => set({ parent: code })} />
      {create.error && <ErrorState error={create.error} />}
      <div className={css.row}>
        <Button type="submit" loading={create.isPending} disabled={!ready}>
          {t('agency.create')}
        </Button>
        <Button variant="default" onClick={onCancel}>
          {t('cancel')}
        </Button>
      </div>
    </form>
  );
}
