import { useMemo, type ReactNode } from 'react';
import { IconCheck, IconX } from '@tabler/icons-react';
import type {
  AlertCorrelation,
  AlertSummary,
  ExplainMatch,
  ExplainNode,
  ExplainSeen,
  Explanation,
  RuleDetail,
} from '@vong/engine/contracts';
import type { EcsEvent } from '@vong/platform/events';
import { ApiError } from '../../../client/api.ts';
import { Breakable } from '../../../ui/Breakable.tsx';
import { CopyButton } from '../../../ui/CopyButton.tsx';
import { PivotValue } from '../../../ui/PivotValue.tsx';
import { ErrorState, Skeleton } from '../../../ui/states.tsx';
import { useWords } from '../words.ts';
import { Correlated } from './Correlated.tsx';
import css from './detail.module.css';
import { Marked } from './Marked.tsx';
import { RuleNotes } from './RuleNotes.tsx';
import { useExplanation } from './useExplanation.ts';
import { markYaml } from './yaml-marks.ts';

interface WhyProps {
  alert: AlertSummary;
  event: EcsEvent;
  rule: RuleDetail | undefined;
  correlation: AlertCorrelation | undefined;
}

/** Of a correlation's alert, what was correlated comes first; then why the event itself is part of it. */
export function Why({ correlation, ...rest }: WhyProps): ReactNode {
  return (
    <>
      {correlation && <Correlated correlation={correlation} />}
      <WhyEvent {...rest} />
    </>
  );
}

/** The event's fields that matched, the rule's conditions, and its text with the matching lines marked. */
function WhyEvent({ alert, event, rule }: Omit<WhyProps, 'correlation'>): ReactNode {
  const t = useWords();
  const query = useExplanation(alert, event);
  if (query.error instanceof ApiError && query.error.status === 404) return <p className={css.empty}>{t('why.missing')}</p>;
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton rows={12} />;
  return (
    <>
      <Explained explanation={query.data} />
      {rule && <RuleNotes rule={rule} />}
    </>
  );
}

function Explained({ explanation }: { explanation: Explanation }): ReactNode {
  const t = useWords();
  return (
    <>
      <section className={css.section}>
        <h3>{t('why.matches')}</h3>
        <table className={css.table}>
          <tbody>
            {merge(explanation.matches).map((matches) => (
              <MatchRow key={`${matches[0].path} ${matches[0].value}`} matches={matches} />
            ))}
          </tbody>
        </table>
      </section>
      <section className={css.section}>
        <h3>{t('why.conditions')}</h3>
        <ul className={css.tree}>
          {explanation.conditions.map((node, at) => (
            <Node key={at} node={node} />
          ))}
        </ul>
      </section>
      <section className={css.section}>
        <h3 style={{ display: 'flex', alignItems: 'center', gap: 6 }}>
          {t('why.rule')} <CopyButton value={explanation.yaml} />
        </h3>
        <RuleText yaml={explanation.yaml} matches={explanation.matches} />
      </section>
    </>
  );
}

type Group = [ExplainMatch, ...ExplainMatch[]];

/** Matches in the same value stand in one row, with every span marked. */
function merge(matches: readonly ExplainMatch[]): Group[] {
  const groups = Map.groupBy(matches, ({ path, value }) => `${path}\0${value}`);
  return [...groups.values()].flatMap(([first, ...rest]) => (first ? [[first, ...rest] satisfies Group] : []));
}

function MatchRow({ matches }: { matches: Group }): ReactNode {
  const t = useWords();
  const [{ path, value }] = matches;
  return (
    <tr>
      <td className="mono">
        <Breakable text={path} />
        {matches.map(({ field, modifiers, pattern }) => (
          <div key={`${field}${modifiers.join()}${pattern}`} className="dim">
            <Breakable text={[field ?? t('why.keyword'), ...modifiers].join('|')} />
          </div>
        ))}
      </td>
      <td className="mono">
        <PivotValue field={path} value={value}>
          <Marked value={value} spans={matches.flatMap(({ span }) => (span ? [span] : []))} />
        </PivotValue>
      </td>
    </tr>
  );
}

function Node({ node }: { node: ExplainNode }): ReactNode {
  const t = useWords();
  const word = t(node.result ? 'why.true' : 'why.false');
  return (
    <li>
      <div className={`${css.node} mono ${node.result ? '' : css.false}`} title={word}>
        {node.result ? <IconCheck size={14} color="var(--vg-ok)" aria-label={word} /> : <IconX size={14} aria-label={word} />}
        <span>{node.label}</span>
      </div>
      {node.seen && <Seen seen={node.seen} />}
      {node.children.length > 0 && (
        <ul>
          {node.children.map((child, at) => (
            <Node key={at} node={child} />
          ))}
          {node.omitted !== undefined && <li className="dim">{t('why.omitted', { count: node.omitted })}</li>}
        </ul>
      )}
    </li>
  );
}

/** What a field held where nothing matched. */
function Seen({ seen: { path, absent, values } }: { seen: ExplainSeen }): ReactNode {
  const t = useWords();
  return (
    <div className={`${css.seen} dim mono`}>
      <Breakable text={path} />: {absent ? t('why.absent') : <Breakable text={values.map((value) => value ?? 'null').join(' · ')} />}
    </div>
  );
}

function RuleText({ yaml, matches }: { yaml: string; matches: readonly ExplainMatch[] }): ReactNode {
  const marked = useMemo(() => markYaml(yaml, matches), [yaml, matches]);
  return (
    <div className={css.code} tabIndex={0} role="region">
      {yaml
        .trimEnd()
        .split('\n')
        .map((line, at) => (
          <div key={at} className={marked.has(at) ? css.hit : undefined}>
            {line === '' ? ' ' : line}
          </div>
        ))}
    </div>
  );
}
