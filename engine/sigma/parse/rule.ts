/** A YAML document to a typed rule, and a file to rules and failures: **one bad rule never stops the others**. */
import { SigmaError, type Place } from '../errors.ts';
import { LEVELS, type LogSource, type RuleFailure, type SigmaRule, STATUSES } from '../model.ts';
import { parseCondition } from './condition.ts';
import { readDetections } from './detection.ts';
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

function parseRule(document: YamlDocument, file: string): SigmaRule {
  if (document.root instanceof SigmaError) throw document.root;
  if (document.root.kind !== 'map') throw new SigmaError('SIGMA_DOCUMENT', { reason: 'it is not a map of attributes' }, document.place);
  const at = new Attributes(document.root);
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
  if (node === undefined) return fail('detection', 'it is missing', place);
  if (node.kind !== 'map') return fail('detection', 'it is not a map', node.place);
  const condition = node.entries.find((entry) => entry.key === 'condition')?.value ?? fail('detection', 'it has no condition', node.place);
  const detections = readDetections(node.entries.filter((entry) => entry.key !== 'condition' && entry.key !== 'timeframe'));
  const names = detections.map((detection) => detection.name);
  const texts = condition.kind === 'list' ? condition.items : [condition];
  if (texts.length === 0) fail('condition', 'the list is empty', condition.place);
  const conditions = texts.map((text) => {
    if (text.kind !== 'scalar' || typeof text.value !== 'string') return fail('condition', 'it is not a text', text.place);
    return parseCondition(text.value, names, text.place);
  });
  return { detections, conditions };
}

function readLogSource(node: YamlNode | undefined, place: Place): LogSource {
  if (node === undefined) return fail('logsource', 'it is missing', place);
  if (node.kind !== 'map') return fail('logsource', 'it is not a map', node.place);
  const at = new Attributes(node);
  const lower = (key: string): string | undefined => at.text(key)?.toLowerCase();
  const values = { product: lower('product'), service: lower('service'), category: lower('category'), definition: at.text('definition') };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== ''));
}

function fail(attribute: string, reason: string, place: Place): never {
  throw new SigmaError('SIGMA_ATTRIBUTE', { attribute, reason }, place);
}

/** Typed access to the attributes of a map; what is optional and of the wrong type is an error, not a guess. */
class Attributes {
  private readonly root: YamlNode & { kind: 'map' };

  constructor(root: YamlNode & { kind: 'map' }) {
    this.root = root;
  }

  node(key: string): YamlNode | undefined {
    const value = this.root.entries.find((entry) => entry.key === key)?.value;
    return value?.kind === 'scalar' && value.value === null ? undefined : value;
  }

  place(key: string): Place {
    return this.node(key)?.place ?? this.root.place;
  }

  text(key: string): string | undefined {
    const node = this.node(key);
    if (node === undefined) return undefined;
    return node.kind === 'scalar' ? String(node.value) : fail(key, 'it is not a text', node.place);
  }

  oneOf<Word extends string>(key: string, words: readonly Word[]): Word | undefined {
    const text = this.text(key)?.toLowerCase();
    if (text === undefined) return undefined;
    return words.find((word) => word === text) ?? fail(key, `"${text}" is none of ${words.join(', ')}`, this.place(key));
  }

  texts(key: string): string[] {
    const node = this.node(key);
    if (node === undefined) return [];
    const items = node.kind === 'list' ? node.items : [node];
    return items.flatMap((item) => (item.kind === 'scalar' && item.value !== null ? [String(item.value)] : []));
  }

  related(): { id: string; type: string }[] {
    const node = this.node('related');
    if (node?.kind !== 'list') return [];
    return node.items.flatMap((item) => {
      if (item.kind !== 'map') return [];
      const at = new Attributes(item);
      const id = at.text('id');
      return id === undefined ? [] : [{ id, type: at.text('type') ?? 'similar' }];
    });
  }
}
