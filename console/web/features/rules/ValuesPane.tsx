import { useState, type FormEvent, type ReactNode } from 'react';
import { Button, Checkbox, Textarea } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { PlaceholderView } from '@vong/engine/contracts';
import { mayAdminister, useMe } from '../../client/session.ts';
import { useAgency } from '../../client/view.ts';
import { DetailPane, FactList, Section } from '../../ui/list/DetailPane.tsx';
import { TimeText } from '../../ui/values.tsx';
import { useGiveValues } from './data.ts';
import css from './rules.module.css';
import { linesOf } from './view.ts';
import { useWords } from './words.ts';

interface ValuesPaneProps {
  agency: string;
  view: PlaceholderView;
  onLeave: () => void;
}

/** One placeholder: what comes from above, what the agency gives itself, which rules look at it. */
export function ValuesPane({ agency, view, onLeave }: ValuesPaneProps): ReactNode {
  const t = useWords();
  const may = mayAdminister(useMe());
  const { own, inherited } = view;
  return (
    <DetailPane title={`%${view.name}%`} onLeave={onLeave}>
      <Section title={t('values.inherited')}>
        {inherited.length === 0 ? <p className="dim">{t('values.inherited.none')}</p> : <List values={inherited} />}
      </Section>
      {may ? (
        <OwnForm key={`${own?.updatedAt ?? 0}`} agency={agency} view={view} />
      ) : (
        own && (
          <Section title={t('values.own')}>
            <List values={own.values} />
          </Section>
        )
      )}
      {own && (
        <FactList
          facts={[
            [
              t('values.changed'),
              <span key="changed">
                <TimeText at={own.updatedAt} /> {t('values.changed.by', { name: own.updatedBy })}
              </span>,
            ],
          ]}
        />
      )}
      <Section title={t('values.used')}>
        <UsedBy rules={view.rules} />
      </Section>
    </DetailPane>
  );
}

function List({ values }: { values: readonly string[] }): ReactNode {
  return (
    <ul className={`mono ${css.values}`}>
      {values.map((value) => (
        <li key={value}>{value}</li>
      ))}
    </ul>
  );
}

function UsedBy({ rules }: Pick<PlaceholderView, 'rules'>): ReactNode {
  const t = useWords();
  const agency = useAgency();
  if (rules.length === 0) return <p className="dim">{t('values.used.none')}</p>;
  return (
    <ul className={css.values}>
      {rules.map(({ id, title }) => (
        <li key={id}>
          <Link to="/rules" search={{ ...(agency === undefined ? {} : { agency }), rule: id }}>
            {title}
          </Link>
        </li>
      ))}
    </ul>
  );
}

function OwnForm({ agency, view }: { agency: string; view: PlaceholderView }): ReactNode {
  const t = useWords();
  const give = useGiveValues();
  const { own } = view;
  const [typed, setTyped] = useState(own?.values.join('\n') ?? '');
  const [replaces, setReplaces] = useState(own?.replaces ?? false);
  const [sending, setSending] = useState(false);
  const values = linesOf(typed);
  const changed = values.join('\n') !== (own?.values.join('\n') ?? '') || replaces !== (own?.replaces ?? false);
  const send = (given: { values: string[]; replaces: boolean } | undefined): void => {
    setSending(true);
    void give({ agency, view }, given).finally(() => setSending(false));
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    send({ values, replaces });
  };
  return (
    <form className={css.form} onSubmit={submit}>
      <Textarea
        label={t('values.own')}
        description={t('values.own.hint')}
        autosize
        minRows={4}
        maxRows={16}
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--vg-mono)' } }}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <Checkbox label={t('values.replaces')} checked={replaces} onChange={(event) => setReplaces(event.currentTarget.checked)} />
      <div className={css.buttons}>
        <Button type="submit" loading={sending} disabled={!changed}>
          {t('values.save')}
        </Button>
        {own && (
          <Button variant="default" disabled={sending} onClick={() => send(undefined)}>
            {t('values.take')}
          </Button>
        )}
      </div>
    </form>
  );
}
