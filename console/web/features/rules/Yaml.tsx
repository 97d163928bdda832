import { useMemo, type ReactNode } from 'react';
import css from './rules.module.css';
import { yamlParts } from './yaml.ts';

/** A rule's text; weight and shade tell keys and comments apart, because colour means severity and state. */
export function Yaml({ text }: { text: string }): ReactNode {
  const lines = useMemo(() => text.replace(/\n$/, '').split('\n').map(yamlParts), [text]);
  return (
    <pre className={css.yaml} tabIndex={0}>
      {lines.map((parts, number) => (
        // oxlint-disable-next-line no-array-index-key -- lines have no other identity
        <div key={number}>
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
  );
}
