/** What the checks say of a rule's text. They run here, in the browser, and are loaded when a rule is first looked at. */
import { queryOptions } from '@tanstack/react-query';
import type { Finding } from 'sigma-rules-ts/lint';

/** Rules that come with the product or are imported often leave these out, and nobody has to act on it. */
const UNSAID: readonly Finding['code'][] = [
  'custom-attribute',
  'missing-falsepositives',
  'missing-references',
  'short-value',
  'trailing-space',
];

export function findingsQuery(text: string) {
  return queryOptions({
    queryKey: ['rule-checks', text],
    queryFn: async () => await findingsOf(text),
    staleTime: Infinity,
    gcTime: 60_000,
  });
}

/** Findings by line; hints about cost and layout are left out. */
export async function findingsOf(text: string): Promise<readonly Finding[]> {
  const { lintSigma } = await import('sigma-rules-ts/lint');
  return lintSigma([{ file: '', text }]).filter(({ code }) => !UNSAID.includes(code));
}

const ORDER: readonly Finding['severity'][] = ['info', 'warning', 'error'];

/** The severest finding of each line that has one. */
export function severestByLine(findings: readonly Finding[]): ReadonlyMap<number, Finding['severity']> {
  return new Map(
    findings.toSorted((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity)).map(({ line, severity }) => [line, severity]),
  );
}
