import { useState, type FormEvent, type ReactNode } from 'react';
import { Button, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { AgentCreate, AgentCreated } from '@vong/collector/contracts';
import { api } from '../../client/api.ts';
import { useMe } from '../../client/session.ts';
import { useAgency } from '../../client/view.ts';
import { ErrorState } from '../states.tsx';
import { AgencyForm } from './AgencyForm.tsx';
import { AgencySelect } from './AgencySelect.tsx';
import { AgentArrival } from './AgentArrival.tsx';
import { isAgentName } from './enrol.ts';
import css from './intake.module.css';
import { useWords } from './words.ts';

/** Names an agent, shows its command once, and waits for its first batch. For administrators. */
export function ConnectAgent(): ReactNode {
  const [created, setCreated] = useState<AgentCreated>();
  if (created) return <AgentArrival created={created} onAnother={() => setCreated(undefined)} />;
  return <ConnectForm onCreated={setCreated} />;
}

function ConnectForm({ onCreated }: { onCreated: (created: AgentCreated) => void }): ReactNode {
  const t = useWords();
  const me = useMe();
  const client = useQueryClient();
  const chosen = useAgency();
  const [agency, setAgency] = useState(chosen ?? me.agency);
  const [name, setName] = useState('');
  const [making, setMaking] = useState(false);
  const create = useMutation({
    mutationFn: (body: AgentCreate) => api.post<AgentCreated>('/api/agents', body),
    onSuccess: (answer) => {
      void client.invalidateQueries({ queryKey: ['agents'] });
      onCreated(answer);
    },
  });
  if (making) {
    const done = ({ code }: { code: string }): void => {
      setAgency(code);
      setMaking(false);
    };
    return <AgencyForm parent={agency} onCreated={done} onCancel={() => setMaking(false)} />;
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate({ agency, name });
  };
  return (
    <form className={css.stack} onSubmit={submit}>
      <div>
        <AgencySelect value={agency} onChange={setAgency} />
        <Button variant="subtle" size="compact-xs" mt={4} leftSection={<IconPlus size={14} />} onClick={() => setMaking(true)}>
          {t('agency.new')}
        </Button>
      </div>
      <TextInput
        label={t('agent.name')}
        placeholder={t('agent.name.hint')}
        value={name}
        maxLength={64}
        error={name !== '' && !isAgentName(name) ? t('agent.name.wrong') : undefined}
        onChange={(event) => setName(event.currentTarget.value.trim())}
      />
      {create.error && <ErrorState error={create.error} />}
      <div className={css.row}>
        <Button type="submit" loading={create.isPending} disabled={!isAgentName(name)}>
          {t('agent.create')}
        </Button>
      </div>
    </form>
  );
}
