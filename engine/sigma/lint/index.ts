/** Checks of Sigma files: what the engine refuses, what the specification forbids, and what was hardly meant. Pure: no clock, no files. */
import { SigmaError } from '../errors.ts';
import { parseCorrelation } from '../correlation/parse.ts';
import { parseFilter } from '../filters/parse.ts';
import { parseRule, toFailure } from '../parse/rule.ts';
import { readYaml, type YamlDocument } from '../parse/yaml.ts';
import { checkAcross } from './across.ts';
import { checkAttributes } from './attributes.ts';
import { checkConditions } from './conditions.ts';
import { checkContradictions } from './contradictions.ts';
import { checkCorrelation, checkFilter } from './correlations.ts';
import { detectionEntries, readLintDetections } from './detections.ts';
import { type DocumentKind, type LintDocument, type MapNode, mapAt, reportInto, textAt, valueOf } from './document.ts';
import { checkLayout } from './layout.ts';
import { checkFields, checkLogSource } from './logsources.ts';
import { checkDates, checkExpected } from './metadata.ts';
import type { Finding, LintContext, LintFile } from './model.ts';
import { checkRedundancy } from './redundancy.ts';
import { checkRegexes } from './regexes.ts';
import { Source } from './source.ts';
import { checkTags } from './tags.ts';
import { checkLeading, checkValues } from './values.ts';

export { CHECKS, type LintCode } from './catalogue.ts';
export { applyFixes } from './fix.ts';
export { loadPipelines } from '../pipelines/load.ts';
export { loadProcessingPipeline } from '../processing/load.ts';
export type { Finding, LintContext, LintEdit, LintFile, LintFix, LintSeverity } from './model.ts';

/**
 * Checks rules, correlations and filters, each file alone and all of them together. Findings come in the order of the files and lines.
 * Never throws for what a file holds. A rule that the engine refuses has at least one finding of severity `error`.
 */
export function lintSigma(files: readonly LintFile[], context: LintContext = {}): Finding[] {
  const findings: Finding[] = [];
  const documents: LintDocument[] = [];
  const names = new Map<LintDocument, string>();
  for (const [index, { file, text }] of files.entries()) {
    const source = new Source(text);
    findings.push(...checkLayout(source, file));
    const read = readYaml(text);
    if (read.length === 0) reportInto(findings, file, undefined)('not-a-rule', { line: 1, column: 1 }, 'The file is empty.');
    for (const document of read) {
      const found = lintDocument(document, { findings, file, source, context });
      if (found === undefined) continue;
      documents.push(found);
      names.set(found, file);
    }
    context.onFile?.(index + 1);
  }
  checkAcross(documents, (document) => names.get(document) ?? '');
  const order = new Map(files.map(({ file }, index) => [file, index]));
  return findings.sort(
    (a, b) => (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0) || a.line - b.line || a.column - b.column || (a.code < b.code ? -1 : 1),
  );
}

interface Lint {
  readonly findings: Finding[];
  readonly file: string;
  readonly source: Source;
  readonly context: LintContext;
}

function lintDocument(document: YamlDocument, { findings, file, source, context }: Lint): LintDocument | undefined {
  const { root, place } = document;
  const anonymous = reportInto(findings, file, undefined);
  if (root instanceof SigmaError) {
    anonymous('unreadable', root.place ?? place, root.message);
    return undefined;
  }
  const kind = root.kind === 'map' ? kindOf(root) : undefined;
  if (root.kind !== 'map' || kind === undefined) {
    anonymous(
      'not-a-rule',
      place,
      root.kind === 'map' ? 'It has neither "detection", "correlation" nor "filter".' : 'It is not a map of attributes.',
    );
    return undefined;
  }
  const rule = textAt(root, 'id')?.text ?? textAt(root, 'title')?.text;
  const found: LintDocument = { kind, root, place, source, context, report: reportInto(findings, file, rule) };
  const before = findings.length;
  checkAttributes(found);
  checkDates(found);
  checkExpected(found);
  checkTags(found);
  if (kind === 'correlation') checkCorrelation(found);
  else checkSearches(found);
  if (kind === 'filter') checkFilter(found);
  if (!findings.slice(before).some(({ severity }) => severity === 'error')) checkRefused(document, file, found);
  return found;
}

function kindOf(root: MapNode): DocumentKind | undefined {
  for (const kind of ['correlation', 'filter'] as const) if (valueOf(root, kind) !== undefined) return kind;
  if (valueOf(root, 'action') !== undefined) return undefined;
  return ['detection', 'logsource', 'title'].some((key) => valueOf(root, key) !== undefined) ? 'rule' : undefined;
}

/** The detections and conditions of a rule or filter. */
function checkSearches(document: LintDocument): void {
  const logsource = checkLogSource(document);
  const section = mapAt(document.root, document.kind === 'filter' ? 'filter' : 'detection');
  if (section === undefined) return;
  const timeframe = section.entries.find(({ key }) => key === 'timeframe');
  if (timeframe !== undefined) document.report('obsolete-timeframe', timeframe.place, '"timeframe" has no effect; write a correlation.');
  const entries = detectionEntries(section.entries, document.kind === 'filter' ? ['rules'] : []);
  const detections = readLintDetections(entries, document);
  const condition = valueOf(section, 'condition');
  if (condition === undefined && document.kind === 'rule')
    document.report('missing-attribute', section.place, 'The detection has no "condition".');
  const conditions = condition === undefined ? [] : checkConditions(condition, detections, document);
  checkValues(detections, document);
  checkLeading(detections, document);
  checkRedundancy(detections, document);
  checkRegexes(detections, document);
  checkContradictions(conditions, detections, document);
  if (logsource !== undefined) checkFields(logsource, detections, document);
}

/** What the engine refuses and no check has named: limits, above all. */
function checkRefused(document: YamlDocument, file: string, { kind, place, report }: LintDocument): void {
  try {
    if (kind === 'rule') parseRule(document, file);
    else if (kind === 'correlation') parseCorrelation(document, file, file);
    else parseFilter(document, file);
  } catch (error) {
    const { line = place.line, column = place.column, reason } = toFailure(error, file, place);
    report('refused-rule', { line, column }, reason);
  }
}
