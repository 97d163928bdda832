import { useState, type ReactNode } from 'react';
import { Button, Menu } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import type { AlertSummary } from '@vong/engine/contracts';
import { useView } from '../../../client/view.ts';
import { useKeys } from '../../../ui/keys.ts';
import { useWords as useUiWords } from '../../../ui/words/index.ts';
import { AlertStatusMark } from '../AlertStatusMark.tsx';
import { CloseForm } from '../CloseForm.tsx';
import { useTriage, type Triage } from '../useTriage.ts';
import type { AlertsView } from '../view.ts';
import { useWords } from '../words.ts';
import css from './detail.module.css';

/** Where the alert stands, who has it, and what one can do about it. */
export function AlertActions({ alert }: { alert: AlertSummary }): ReactNode {
  const t = useWords();
  const ui = useUiWords();
  const triage = useTriage();
  const [closing, setClosing] = useState(false);
  const [view, change] = useView<AlertsView>();
  const own = view.alert === undefined;
  const run = {
    assign: () => triage.apply([alert], { assignee: triage.me.id }),
    acknowledge: () => triage.apply([alert], { status: 'acknowledged' }),
    reopen: () => triage.apply([alert], { status: 'open', verdict: null }),
    close: () => setClosing(true),
  };
  // Beside the queue its own keys do the same to the alert the cursor is on.
  useKeys(
    [
      { keys: 'e', label: t('act.assignMe'), run: run.assign },
      { keys: 'a', label: t('act.acknowledge'), run: run.acknowledge },
      { keys: 'c', label: t('act.close'), run: run.close },
    ],
    own && triage.allowed && alert.status !== 'closed',
  );
  return (
    <div className={css.actions}>
      <AlertStatusMark status={alert.status} />
      {alert.verdict && <b style={{ fontWeight: 500 }}>{ui(`verdict.${alert.verdict}`)}</b>}
      {alert.status === 'closed' && alert.verdictReason !== undefined && (
        <span className="dim cut" title={alert.verdictReason}>
          {alert.verdictReason}
        </span>
      )}
      <Assignee alert={alert} triage={triage} />
      <span style={{ flex: 1 }} />
      {triage.allowed && alert.assignee?.id !== triage.me.id && <Act label={t('act.assignMe')} keys="E" onClick={run.assign} />}
      {triage.allowed && alert.status === 'open' && <Act label={t('act.acknowledge')} keys="A" onClick={run.acknowledge} />}
      {triage.allowed && alert.status !== 'closed' && <Act label={t('act.close')} keys="C" onClick={run.close} />}
      {triage.allowed && alert.status === 'closed' && <Act label={t('act.reopen')} onClick={run.reopen} />}
      <Act label={t('act.comment')} onClick={() => change({ tab: 'history' })} />
      <CloseForm
        count={closing ? 1 : 0}
        onCancel={() => setClosing(false)}
        onClose={(verdict, reason) => {
          triage.apply([alert], { status: 'closed', verdict, reason });
          setClosing(false);
        }}
      />
    </div>
  );
}

function Act({ label, keys, onClick }: { label: string; keys?: string; onClick: () => void }): ReactNode {
  return (
    <Button variant="default" size="compact-xs" onClick={onClick} title={keys === undefined ? label : `${label} (${keys.toLowerCase()})`}>
      {label}
    </Button>
  );
}

/** Who works on it; a click gives it to someone else. */
function Assignee({ alert, triage }: { alert: AlertSummary; triage: Triage }): ReactNode {
  const t = useWords();
  const name = alert.assignee?.name ?? t('detail.nobody');
  if (!triage.allowed) return <span>{name}</span>;
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button variant="subtle" color="gray" size="compact-xs" rightSection={<IconChevronDown size={14} />} title={t('act.assignTo')}>
          {name}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={320} style={{ overflow: 'auto' }}>
        <Menu.Label>{t('act.assignTo')}</Menu.Label>
        {triage.people.map((person) => (
          <Menu.Item key={person.id} onClick={() => triage.apply([alert], { assignee: person.id })}>
            {person.name}
          </Menu.Item>
        ))}
        {alert.assignee && <Menu.Divider />}
        {alert.assignee && <Menu.Item onClick={() => triage.apply([alert], { assignee: null })}>{t('act.unassign')}</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  );
}
