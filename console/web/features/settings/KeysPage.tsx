import { useMemo, useState, type FormEvent, type ReactNode } from 'react';
import { Button, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { KeyCreate, KeyView } from '@vong/platform/identity';
import { agencyName, useAgencies } from '../../client/agencies.ts';
import { api } from '../../client/api.ts';
import { mayAdminister, useMe } from '../../client/session.ts';
import { useView } from '../../client/view.ts';
import { useLanguage } from '../../i18n/words.ts';
import { ConfirmModal } from '../../ui/ConfirmModal.tsx';
import { DataTable, type DataColumn } from '../../ui/DataTable.tsx';
import { AgencySelect } from '../../ui/intake/AgencySelect.tsx';
import { DetailPane } from '../../ui/list/DetailPane.tsx';
import css from '../../ui/list/list.module.css';
import { Split } from '../../ui/Split.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../ui/states.tsx';
import { StateMark } from '../../ui/StateMark.tsx';
import { toasts } from '../../ui/toasts.ts';
import { TimeText } from '../../ui/values.tsx';
import { keysQuery, useChange } from './data.ts';
import { RoleSelect } from './NewPerson.tsx';
import { Once } from './Once.tsx';
import own from './settings.module.css';
import { SettingsBar } from './SettingsBar.tsx';
import { NEW, sortKeys, within, type ItemView } from './view.ts';
import { useWords } from './words.ts';

const idOf = (key: KeyView): string => key.id;

export function KeysPage(): ReactNode {
  const t = useWords();
  const may = mayAdminister(useMe());
  const keys = useQuery({ ...keysQuery, enabled: may });
  const agencies = useAgencies();
  const [{ item, agency }, change] = useView<ItemView>();
  const rows = useMemo(() => sortKeys(within(keys.data ?? [], { agency, agencies }, ({ name }) => name)), [keys.data, agency, agencies]);
  const [asking, setAsking] = useState<KeyView>();
  const revoke = useChange({
    run: ({ id }: KeyView) => api.delete(`/api/keys/${encodeURIComponent(id)}`),
    marks: ['keys'],
    done: (_answer, { name }) => toasts.done(t('key.revoked.done', { name })),
  });
  const columns = useColumns(setAsking);
  const leave = (): void => change({ item: undefined });
  return (
    <div className={css.page}>
      <SettingsBar here="keys">
        {may && (
          <Button leftSection={<IconPlus size={14} />} onClick={() => change({ item: NEW })}>
            {t('keys.new')}
          </Button>
        )}
      </SettingsBar>
      <div className={css.main}>
        <Split
          name="keys"
          initial={420}
          right={item === NEW && may ? <NewKey onLeave={leave} /> : undefined}
          left={
            keys.error ? (
              <ErrorState error={keys.error} onRetry={() => void keys.refetch()} />
            ) : (
              <div className={css.list}>
                <DataTable
                  name="keys"
                  label={t('keys.label')}
                  columns={columns}
                  rows={rows}
                  getId={idOf}
                  rowState={({ revokedAt }) => ({ faded: revokedAt !== undefined })}
                  empty={keys.isLoading ? <Skeleton rows={4} /> : <EmptyState title={t('keys.none')}>{t('keys.none.text')}</EmptyState>}
                />
              </div>
            )
          }
        />
      </div>
      <ConfirmModal
        opened={asking !== undefined}
        title={t('key.revoke.title', { name: asking?.name ?? '' })}
        action={t('key.revoke')}
        busy={revoke.isPending}
        onClose={() => setAsking(undefined)}
        onConfirm={() => asking && revoke.mutate(asking, { onSettled: () => setAsking(undefined) })}
      >
        {t('key.revoke.text')}
      </ConfirmModal>
    </div>
  );
}

function useColumns(onRevoke: (key: KeyView) => void): readonly DataColumn<KeyView>[] {
  const t = useWords();
  const language = useLanguage();
  const agencies = useAgencies();
  return useMemo(
    () => [
      { id: 'name', header: t('key.name'), size: 180, grow: true, cell: ({ name }) => <span className="cut">{name}</span> },
      { id: 'role', header: t('person.role'), size: 110, cell: ({ role }) => t(`role.${role}`) },
      {
        id: 'agency',
        header: t('person.agency'),
        size: 180,
        grow: true,
        cell: ({ agency }) => <span className="cut">{agencyName(agencies, agency, language)}</span>,
      },
      {
        id: 'state',
        header: t('person.state'),
        size: 120,
        cell: ({ revokedAt }) => (
          <StateMark tone={revokedAt === undefined ? 'ok' : 'waiting'}>{t(revokedAt === undefined ? 'key.live' : 'key.revoked')}</StateMark>
        ),
      },
      { id: 'created', header: t('person.created'), size: 158, cell: ({ createdAt }) => <TimeText at={createdAt} /> },
      {
        id: 'used',
        header: t('key.used'),
        size: 158,
        cell: ({ lastUsedAt }) => (lastUsedAt === undefined ? <span className="dim">{t('key.never')}</span> : <TimeText at={lastUsedAt} />),
      },
      {
        id: 'revoke',
        header: '',
        size: 92,
        cell: (key) =>
          key.revokedAt === undefined && (
            <Button variant="subtle" size="compact-xs" onClick={() => onRevoke(key)}>
              {t('key.revoke')}
            </Button>
          ),
      },
    ],
    [t, agencies, language, onRevoke],
  );
}

function NewKey({ onLeave }: { onLeave: () => void }): ReactNode {
  const t = useWords();
  const me = useMe();
  const [form, setForm] = useState<KeyCreate>({ name: '', role: 'analyst', agency: me.agency });
  const [made, setMade] = useState<{ key: KeyView; secret: string }>();
  const create = useChange({
    run: (body: KeyCreate) => api.post<{ key: KeyView; secret: string }>('/api/keys', body),
    marks: ['keys'],
    done: setMade,
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate({ ...form, name: form.name.trim() });
  };
  return (
    <DetailPane title={made ? made.key.name : t('keys.new')} onLeave={onLeave}>
      {made ? (
        <Once title={t('key.secret.title', { name: made.key.name })} text={t('key.secret.text')} secret={made.secret} />
      ) : (
        <form className={own.form} onSubmit={submit}>
          <TextInput
            label={t('key.name')}
            maxLength={100}
            autoFocus
            value={form.name}
            onChange={({ currentTarget: { value } }) => setForm({ ...form, name: value })}
          />
          <RoleSelect value={form.role} onChange={(role) => setForm({ ...form, role })} />
          <AgencySelect value={form.agency} onChange={(agency) => setForm({ ...form, agency })} />
          <div className={own.buttons}>
            <Button type="submit" loading={create.isPending} disabled={form.name.trim() === ''}>
              {t('key.create')}
            </Button>
          </div>
        </form>
      )}
    </DetailPane>
  );
}
