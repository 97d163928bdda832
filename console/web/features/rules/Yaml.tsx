import { useMemo, type ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Findings } from '../../ui/checks/Findings.tsx';
import { findingsQuery, pipelinesQuery, severestByLine } from '../../ui/checks/findings.ts';
import css from './rules.module.css';
import { yamlParts } from './yaml.ts';

/** A rule's text with what the checks say of it; weight and shade tell keys and comments apart, because colour means severity and state. */
export function Yaml({ text }: { text: string }): ReactNode {
  const lines = useMemo(() => text.replace(/\n$/, '').split('\n').map(yamlParts), [text]);
  // What the checks say is beside the point of the page: without them, or while they load, the text stands alone.
  const { data: pipelines, isPending } = useQuery(pipelinesQuery);
  const { data: findings = [] } = useQuery({ ...findingsQuery(text, pipelines?.texts), enabled: !isPending });
  const marked = useMemo(() => severestByLine(findings), [findings]);
  return (
    <>
      <pre className={css.yaml} tabIndex={0}>
        {lines.map((parts, number) => (
          // oxlint-disable-next-line no-array-index-key -- lines have no other identity
          <div key={number} className={css[`line-${marked.get(number + 1) ?? 'plain'}`]}>
            {parts.length === 0
              ? '\n'
              : parts.map((part, at) => (
                  // oxlint-disable-next-line no-array-index-key -- nor have their parts
                  <span key={at} className={css[part.kind]}>
                    {part.text}
                  </span>
                ))}
          </div>
        ))}
      </pre>
      <Findings findings={findings} />
    </>
  );
}
