import { useMemo, useRef, type ReactNode, type RefObject } from 'react';
import { Button, Checkbox, TextInput } from '@mantine/core';
import { IconPlus, IconSearch } from '@tabler/icons-react';
import type { AgentView } from '@vong/collector/contracts';
import { useAgencies } from '../../client/agencies.ts';
import { mayAdminister, useMe } from '../../client/session.ts';
import { useView } from '../../client/view.ts';
import { DataTable } from '../../ui/DataTable.tsx';
import { ConnectAgent } from '../../ui/intake/ConnectAgent.tsx';
import { DetailPane } from '../../ui/list/DetailPane.tsx';
import css from '../../ui/list/list.module.css';
import { useList } from '../../ui/list/useList.ts';
import { Split } from '../../ui/Split.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../ui/states.tsx';
import { useAgentColumns } from './agent-columns.tsx';
import { AgentPane } from './AgentPane.tsx';
import { useAgents } from './data.ts';
import { SourcesBar } from './SourcesBar.tsx';
import { CONNECT, listed, type AgentsView } from './view.ts';
import { useWords } from './words.ts';

const idOf = (agent: AgentView): string => agent.id;

export function AgentsPage(): ReactNode {
  const t = useWords();
  const [view, change] = useView<AgentsView>();
  const agents = useAgents();
  const agencies = useAgencies();
  const rows = useMemo(() => listed(agents.data ?? [], view, agencies), [agents.data, view, agencies]);
  const ids = useMemo(() => rows.map(idOf), [rows]);
  const search = useRef<HTMLInputElement>(null);
  const open = view.agent;
  const show = (agent: string | undefined): void => change({ agent }, { replace: open !== undefined && agent !== undefined });
  const list = useList({ ids, open: open === CONNECT ? undefined : open, show, search });
  const columns = useAgentColumns(open !== undefined);
  const leave = (): void => show(undefined);
  const table = (
    <div className={css.list}>
      <DataTable
        name={open === undefined ? 'agents' : 'agents-compact'}
        label={t('agents.label')}
        columns={columns}
        rows={rows}
        getId={idOf}
        active={list.active}
        onPick={({ id }) => list.pick(id)}
        rowState={({ state }) => ({ faded: state === 'revoked' })}
        empty={
          agents.isPending ? <Skeleton rows={12} /> : <NoAgents any={(agents.data ?? []).length > 0} onConnect={() => show(CONNECT)} />
        }
      />
    </div>
  );
  const right =
    open === CONNECT ? (
      <DetailPane title={t('connect.title')} onLeave={leave}>
        <ConnectAgent />
      </DetailPane>
    ) : (
      open !== undefined && agents.data && <AgentPane key={open} agent={agents.data.find(({ id }) => id === open)} onLeave={leave} />
    );
  return (
    <div className={css.page}>
      <SourcesBar here="agents">
        <AgentFilters search={search} onConnect={() => show(CONNECT)} />
      </SourcesBar>
      <div className={css.main}>
        <Split
          name="sources"
          right={right || undefined}
          left={agents.error && !agents.data ? <ErrorState error={agents.error} onRetry={() => void agents.refetch()} /> : table}
        />
      </div>
    </div>
  );
}

function AgentFilters({ search, onConnect }: { search: RefObject<HTMLInputElement | null>; onConnect: () => void }): ReactNode {
  const t = useWords();
  const [view, change] = useView<AgentsView>();
  return (
    <>
      <Checkbox
        label={t('filter.revoked')}
        checked={view.revoked === 'yes'}
        onChange={(event) => change({ revoked: event.currentTarget.checked ? 'yes' : undefined })}
      />
      <TextInput
        ref={search}
        w={200}
        aria-label={t('search')}
        placeholder={t('search')}
        maxLength={255}
        leftSection={<IconSearch size={14} />}
        value={view.q ?? ''}
        onChange={({ currentTarget: { value } }) => change({ q: value === '' ? undefined : value }, { replace: true })}
        onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
      />
      {mayAdminister(useMe()) && (
        <Button leftSection={<IconPlus size={14} />} onClick={onConnect}>
          {t('connect')}
        </Button>
      )}
    </>
  );
}

function NoAgents({ any, onConnect }: { any: boolean; onConnect: () => void }): ReactNode {
  const t = useWords();
  const administers = mayAdminister(useMe());
  if (any) return <EmptyState title={t('agents.filtered')}>{t('agents.filtered.text')}</EmptyState>;
  return (
    <EmptyState title={t('agents.none')} action={administers && <Button onClick={onConnect}>{t('connect')}</Button>}>
      {t('agents.none.text')}
    </EmptyState>
  );
}
