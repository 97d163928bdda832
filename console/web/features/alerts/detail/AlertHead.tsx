import type { ReactNode } from 'react';
import { ActionIcon } from '@mantine/core';
import { IconArrowLeft, IconExternalLink, IconX } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { AlertSummary } from '@vong/engine/contracts';
import { agencyName, useAgencies } from '../../../client/agencies.ts';
import { useLanguage } from '../../../i18n/words.ts';
import { PivotValue } from '../../../ui/PivotValue.tsx';
import { formatTime } from '../../../ui/format.ts';
import { SeverityMark } from '../../../ui/SeverityMark.tsx';
import { AlertActions } from './AlertActions.tsx';
import { DelayStrip } from './DelayStrip.tsx';
import css from './detail.module.css';
import { useWords } from '../words.ts';

interface AlertHeadProps {
  alert: AlertSummary;
  onLeave: (() => void) | undefined;
}

export function AlertHead({ alert, onLeave }: AlertHeadProps): ReactNode {
  const t = useWords();
  return (
    <header className={css.head}>
      <div className={css.titleRow}>
        {!onLeave && (
          <ActionIcon
            size={22}
            renderRoot={(props) => <Link to="/alerts" {...props} />}
            aria-label={t('detail.back')}
            title={t('detail.back')}
          >
            <IconArrowLeft size={16} />
          </ActionIcon>
        )}
        <h2>{alert.rule.title}</h2>
        {onLeave && (
          <>
            <ActionIcon
              size={22}
              renderRoot={(props) => <Link to={`/alerts/${alert.id}`} {...props} />}
              aria-label={t('detail.page')}
              title={t('detail.page')}
            >
              <IconExternalLink size={16} />
            </ActionIcon>
            <ActionIcon size={22} onClick={onLeave} aria-label={t('detail.leave')} title={t('detail.leave')}>
              <IconX size={16} />
            </ActionIcon>
          </>
        )}
      </div>
      <Facts alert={alert} />
      <AlertActions alert={alert} />
      <DelayStrip times={alert.times} />
    </header>
  );
}

function Facts({ alert }: { alert: AlertSummary }): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const agencies = useAgencies();
  return (
    <div className={css.facts}>
      <SeverityMark level={alert.rule.level} />
      <PivotFact field="host.name" label={t('column.host')} value={alert.host} />
      <PivotFact field="user.name" label={t('column.user')} value={alert.user} />
      <span className={css.fact}>
        <span className="dim">{t('column.agency')}</span>
        {agencyName(agencies, alert.agency, language)}
      </span>
      <span title={t('detail.span', { first: formatTime(alert.first), last: formatTime(alert.last) })}>
        {t('detail.events', { count: alert.count })} <span className="dim mono">{formatTime(alert.last)}</span>
      </span>
    </div>
  );
}

function PivotFact({ field, label, value }: { field: string; label: string; value: string }): ReactNode {
  if (value === '') return null;
  return (
    <span className={css.fact}>
      <span className="dim">{label}</span>
      <PivotValue field={field} value={value}>
        <span className="cut" title={value}>
          {value}
        </span>
      </PivotValue>
    </span>
  );
}
