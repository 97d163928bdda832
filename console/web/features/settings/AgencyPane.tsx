import { useState, type FormEvent, type ReactNode } from 'react';
import { Button, TextInput } from '@mantine/core';
import type { AgencyChange } from '@vong/platform/identity';
import { agencyName, useAgencies, type AgencyView } from '../../client/agencies.ts';
import { api } from '../../client/api.ts';
import { mayAdminister, useMe } from '../../client/session.ts';
import { useLanguage } from '../../i18n/words.ts';
import { AgencySelect } from '../../ui/intake/AgencySelect.tsx';
import { DetailPane, FactList } from '../../ui/list/DetailPane.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { toasts } from '../../ui/toasts.ts';
import { useChange } from './data.ts';
import css from './settings.module.css';
import { below } from './view.ts';
import { useWords } from './words.ts';

export function AgencyPane({ agency, onLeave }: { agency: AgencyView | undefined; onLeave: () => void }): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const agencies = useAgencies();
  const me = useMe();
  if (!agency) return agencies.length === 0 ? null : <EmptyState title={t('agencies.none')}>{t('agencies.none.text')}</EmptyState>;
  return (
    <DetailPane title={agency.name[language]} onLeave={onLeave}>
      <FactList
        facts={[
          [
            t('agencies.code'),
            <span key="code" className="mono">
              {agency.code}
            </span>,
          ],
          [t('agencies.kind'), t(`kind.${agency.kind}`)],
          [t('agency.path'), agency.path.map((code) => agencyName(agencies, code, language)).join(' › ')],
        ]}
      />
      {mayAdminister(me) && <ChangeForm key={`${agency.name.vi} ${agency.name.en} ${agency.parent ?? ''}`} agency={agency} />}
    </DetailPane>
  );
}

function ChangeForm({ agency }: { agency: AgencyView }): ReactNode {
  const t = useWords();
  const agencies = useAgencies();
  const [form, setForm] = useState({ nameVi: agency.name.vi, nameEn: agency.name.en, parent: agency.parent });
  const change = useChange({
    run: (body: AgencyChange) => api.patch<AgencyView>(`/api/agencies/${encodeURIComponent(agency.code)}`, body),
    marks: ['agencies'],
    done: () => toasts.done(t('saved')),
  });
  const part: AgencyChange = {
    ...(form.nameVi === agency.name.vi ? {} : { nameVi: form.nameVi.trim() }),
    ...(form.nameEn === agency.name.en ? {} : { nameEn: form.nameEn.trim() }),
    ...(form.parent === agency.parent || form.parent === null ? {} : { parent: form.parent }),
  };
  const ready = Object.keys(part).length > 0 && form.nameVi.trim() !== '' && form.nameEn.trim() !== '';
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    change.mutate(part);
  };
  return (
    <form className={css.form} onSubmit={submit}>
      <TextInput
        label={t('agency.nameVi')}
        maxLength={200}
        value={form.nameVi}
        onChange={({ currentTarget: { value } }) => setForm({ ...form, nameVi: value })}
      />
      <TextInput
        label={t('agency.nameEn')}
        maxLength={200}
        value={form.nameEn}
        onChange={({ currentTarget: { value } }) => setForm({ ...form, nameEn: value })}
      />
      {agency.parent !== null && (
        <AgencySelect
          label={t('agency.parent')}
          value={form.parent}
          without={below(agencies, agency.code)}
          onChange={(parent) => setForm({ ...form, parent })}
        />
      )}
      <div className={css.buttons}>
        <Button type="submit" loading={change.isPending} disabled={!ready}>
          {t('save')}
        </Button>
      </div>
    </form>
  );
}
