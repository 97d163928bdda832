import type { ReactNode } from 'react';
import { cutAt } from './spans.ts';

/** A value with the parts that matched marked. */
export function Marked({ value, spans }: { value: string; spans: readonly (readonly [number, number])[] }): ReactNode {
  return (
    <span style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
      {cutAt(value, spans).map(({ text, marked }, at) => (marked ? <mark key={at}>{text}</mark> : <span key={at}>{text}</span>))}
    </span>
  );
}
