import type { ReactNode } from 'react';
import { mayAdminister, mayTriage, useMe } from '../../client/session.ts';
import { ConnectAgent } from '../../ui/intake/ConnectAgent.tsx';
import { RuleImportPanel } from '../../ui/intake/RuleImportPanel.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Facts } from './Facts.tsx';
import { Following } from './Following.tsx';
import { NewestAlerts } from './NewestAlerts.tsx';
import { Replay } from './Replay.tsx';
import { Runs } from './Runs.tsx';
import css from './start.module.css';
import { useWords } from './words.ts';

/** The three ways to get something to see, each done in place, and what has come of it. */
export function StartPage(): ReactNode {
  const t = useWords();
  const me = useMe();
  const administers = mayAdminister(me);
  return (
    <div className={css.page}>
      <header className={css.head}>
        <h1>{t('title')}</h1>
        <Facts />
      </header>
      <div className={css.grid}>
        <Panel title={t('connect.title')}>
          <p className={css.text}>{t('connect.text')}</p>
          {administers ? <ConnectAgent /> : <p className="dim">{t('right.administrator')}</p>}
        </Panel>
        <Panel title={t('rules.title')}>
          <p className={css.text}>{t('rules.text')}</p>
          {administers ? <RuleImportPanel /> : <p className="dim">{t('right.administrator')}</p>}
        </Panel>
        <Panel title={t('replay.title')}>
          <p className={css.text}>{t('replay.text')}</p>
          {mayTriage(me) ? <Replay /> : <p className="dim">{t('right.analyst')}</p>}
          <Runs />
        </Panel>
      </div>
      <div className={css.below}>
        <Following />
        <NewestAlerts />
      </div>
    </div>
  );
}
