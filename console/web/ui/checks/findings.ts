/** What the checks say of rules' texts. They run here, in the browser, and are loaded when a rule is first looked at. */
import { queryOptions } from '@tanstack/react-query';
import type { Finding, LintContext, LintFile } from 'sigma-rules-ts/lint';
import type { RulePipelines } from '@vong/engine/contracts';
import { api } from '../../client/api.ts';

/**
 * Rules that come with the product or are imported often leave these out, and nobody has to act on it. Which rules there are is known
 * to the server: a reference to one that is not there shows as the state of the rule.
 */
const UNSAID: readonly Finding['code'][] = [
  'custom-attribute',
  'missing-falsepositives',
  'missing-references',
  'short-value',
  'trailing-space',
  'unknown-rule',
];

const PIPELINES_MS = 10_000;
/** Checking blocks the thread: let others in at least this often. */
const SLICE_MS = 15;

/** The server's pipelines: which are in use, and their texts for the checks. */
export const pipelinesQuery = queryOptions({
  queryKey: ['rules', 'pipelines'],
  refetchInterval: PIPELINES_MS,
  queryFn: async ({ signal }) => await api.get<RulePipelines>('/api/rules/pipelines', { signal }),
});

export function findingsQuery(text: string, pipelines: RulePipelines['texts'] | undefined) {
  return queryOptions({
    queryKey: ['rule-checks', text, pipelines],
    queryFn: async () => await findingsOf(text, pipelines),
    staleTime: Infinity,
    gcTime: 60_000,
  });
}

/** Findings by line; hints about cost and layout are left out. Without pipelines, log sources and fields are not compared. */
export async function findingsOf(text: string, pipelines?: RulePipelines['texts']): Promise<readonly Finding[]> {
  const { lintSigma } = await import('sigma-rules-ts/lint');
  return said(lintSigma([{ file: '', text }], await contextOf(pipelines)));
}

/** Findings of many files, each checked alone, without holding the thread. `onFile` is told after each how many are done. */
export async function findingsOfFiles(
  files: readonly LintFile[],
  { pipelines, onFile, signal }: { pipelines: RulePipelines['texts'] | undefined; onFile: (done: number) => void; signal: AbortSignal },
): Promise<readonly Finding[]> {
  const { lintSigma } = await import('sigma-rules-ts/lint');
  const context = await contextOf(pipelines);
  const found: Finding[] = [];
  let slice = performance.now();
  for (const [index, file] of files.entries()) {
    found.push(...said(lintSigma([file], context)));
    if (performance.now() - slice < SLICE_MS) continue;
    onFile(index + 1);
    await new Promise((resolve) => setTimeout(resolve));
    if (signal.aborted) return [];
    slice = performance.now();
  }
  onFile(files.length);
  return found;
}

async function contextOf(pipelines: RulePipelines['texts'] | undefined): Promise<LintContext> {
  if (pipelines === undefined) return {};
  const { loadPipelines, loadProcessingPipeline } = await import('sigma-rules-ts/lint');
  return { pipelines: loadPipelines(pipelines.events), processing: pipelines.processing.map((text) => loadProcessingPipeline(text, '')) };
}

function said(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ code }) => !UNSAID.includes(code));
}

const ORDER: readonly Finding['severity'][] = ['info', 'warning', 'error'];

/** The severest finding of each line that has one. */
export function severestByLine(findings: readonly Finding[]): ReadonlyMap<number, Finding['severity']> {
  return new Map(
    findings.toSorted((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity)).map(({ line, severity }) => [line, severity]),
  );
}

export interface FileFindings {
  readonly file: string;
  readonly errors: readonly Finding[];
  /** Warnings and hints. */
  readonly others: readonly Finding[];
}

/** By file: those with errors first, then those with the most warnings; files without findings are left out. */
export function byFile(findings: readonly Finding[]): FileFindings[] {
  return [...Map.groupBy(findings, ({ file }) => file)]
    .map(([file, all]) => ({
      file,
      errors: all.filter(({ severity }) => severity === 'error'),
      others: all.filter(({ severity }) => severity !== 'error'),
    }))
    .toSorted((a, b) => b.errors.length - a.errors.length || b.others.length - a.others.length || (a.file < b.file ? -1 : 1));
}

/** What a message is about: the texts it quotes, each once, and the one it proposes instead. */
export function quoted(message: string): { readonly about: readonly string[]; readonly instead?: string } {
  const instead = /did you mean "([^"]+)"/.exec(message)?.[1];
  const all = [...new Set([...message.matchAll(/"([^"]+)"/g)].map(([, text = '']) => text))];
  return { about: all.filter((text) => text !== instead), ...(instead === undefined ? {} : { instead }) };
}
