/** A YAML document to a typed rule, and a file to rules and failures: **one bad rule never stops the others**. */
import { SigmaError, type Place } from '../errors.ts';
import { LEVELS, type RuleFailure, type SigmaRule, STATUSES } from '../model.ts';
import { attributesOf, fail, readLogSource } from './attributes.ts';
import { readSearches } from './searches.ts';
import { readYaml, type YamlDocument, type YamlNode } from './yaml.ts';

/** Reads every rule of a YAML text. `file` is used in messages, and as the id of a rule that has neither `id` nor `name`. */
export function parseRules(text: string, file: string): { rules: SigmaRule[]; failures: RuleFailure[] } {
  const rules: SigmaRule[] = [];
  const failures: RuleFailure[] = [];
  for (const document of readYaml(text)) {
    try {
      rules.push(parseRule(document, file));
    } catch (error) {
      failures.push(toFailure(error, file, document.place));
    }
  }
  if (rules.length === 0 && failures.length === 0)
    failures.push({ file, line: 1, column: 1, code: 'SIGMA_DOCUMENT', reason: 'The file is empty.' });
  return { rules, failures };
}

/** Turns whatever was thrown into a located failure. */
export function toFailure(error: unknown, file: string, fallback: Place): RuleFailure {
  if (!(error instanceof SigmaError)) {
    // A bug of ours must not stop the other rules of the file; the message says which rule shows it.
    return { file, ...fallback, code: 'SIGMA_DOCUMENT', reason: `Unexpected: ${error instanceof Error ? error.message : String(error)}` };
  }
  const place = error.place ?? fallback;
  return { file, line: place.line, column: place.column, code: error.code, reason: error.message };
}

/** Reads a document that is a detection rule. Throws a `SigmaError` with its place. */
export function parseRule(document: YamlDocument, file: string): SigmaRule {
  const at = attributesOf(document);
  for (const other of ['correlation', 'filter', 'action'])
    if (at.node(other) !== undefined) throw new SigmaError('SIGMA_DOCUMENT', { reason: `it is a "${other}" document` }, at.place(other));
  const title = at.text('title') ?? fail('title', 'it is missing', document.place);
  if (title.length > 1_000) fail('title', 'it is longer than 256 characters', at.place('title'));
  const name = at.text('name');
  const optional = {
    name,
    description: at.text('description'),
    license: at.text('license'),
    author: at.text('author'),
    date: at.text('date'),
    modified: at.text('modified'),
  };
  return {
    id: at.text('id') ?? name ?? file,
    title,
    ...(Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)) as Partial<
      Record<keyof typeof optional, string>
    >),
    taxonomy: at.text('taxonomy') ?? 'sigma',
    status: at.oneOf('status', STATUSES) ?? 'experimental',
    level: at.oneOf('level', LEVELS) ?? 'medium',
    references: at.texts('references'),
    tags: at.texts('tags'),
    fields: at.texts('fields'),
    falsepositives: at.texts('falsepositives'),
    scope: at.texts('scope'),
    related: at.related(),
    logsource: readLogSource(at.node('logsource'), document.place),
    ...readDetection(at.node('detection'), document.place),
    file,
    line: document.place.line,
    source: document.source,
  };
}

function readDetection(node: YamlNode | undefined, place: Place): Pick<SigmaRule, 'detections' | 'conditions'> {
  return readSearches('detection', node ?? fail('detection', 'it is missing', place), ['timeframe']);
}
