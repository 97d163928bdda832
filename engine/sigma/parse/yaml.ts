/** YAML text to a tree that knows where each node stands. Aliases are followed, bounded in number and in what they expand to. */
import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import { SigmaError, type Place } from '../errors.ts';
import { LIMITS } from '../limits.ts';

export type Scalar = string | number | boolean | null;
export type YamlNode =
  | { readonly kind: 'map'; readonly entries: readonly YamlEntry[]; readonly place: Place }
  | { readonly kind: 'list'; readonly items: readonly YamlNode[]; readonly place: Place }
  | { readonly kind: 'scalar'; readonly value: Scalar; readonly place: Place };
export interface YamlEntry {
  readonly key: string;
  readonly value: YamlNode;
  readonly place: Place;
}

/** One document of a file: a tree, or the reason why there is none. */
export interface YamlDocument {
  readonly root: YamlNode | SigmaError;
  readonly place: Place;
  readonly source: string;
}

/** Reads all documents of a file. Never throws: what cannot be read stands in its document's place. */
export function readYaml(text: string): YamlDocument[] {
  const start = { line: 1, column: 1 };
  const refuse = (error: SigmaError): YamlDocument[] => [{ root: error, place: start, source: text }];
  if (text.length > LIMITS.fileLength)
    return refuse(new SigmaError('SIGMA_LIMIT', { reason: `${text.length} characters, ${LIMITS.fileLength} are allowed` }, start));
  const tooDeep = nestedTooDeep(text);
  if (tooDeep) return refuse(new SigmaError('SIGMA_LIMIT', { reason: 'brackets are nested too deep' }, start));
  try {
    const lines = new LineCounter();
    const documents = parseAllDocuments(text, {
      lineCounter: lines,
      // The library compares each key with all before it, in quadratic time: `TreeReader` looks for twins itself.
      uniqueKeys: false,
      logLevel: 'silent',
      prettyErrors: false,
      merge: false,
    });
    if (!Array.isArray(documents)) return [];
    if (documents.length > LIMITS.documentsPerFile)
      return refuse(new SigmaError('SIGMA_LIMIT', { reason: `${documents.length} documents` }, start));
    return documents
      .filter((document) => document.contents !== null || document.errors.length > 0)
      .map((document) => readDocument(document, lines, text));
  } catch (error) {
    const reason = error instanceof RangeError ? 'it is nested too deep' : String(error instanceof Error ? error.message : error);
    return refuse(new SigmaError('SIGMA_YAML', { reason }, start));
  }
}

function readDocument(document: Document.Parsed, lines: LineCounter, text: string): YamlDocument {
  const [from, , to] = document.range;
  const source = text.slice(from, to).replace(/^---[^\n]*\n/, '');
  const place = placeOf(lines, document.contents?.range?.[0] ?? from);
  const problem = document.errors[0];
  if (problem !== undefined)
    return {
      root: new SigmaError('SIGMA_YAML', { reason: problem.message.split('\n')[0] }, placeOf(lines, problem.pos[0])),
      place,
      source,
    };
  try {
    return { root: new TreeReader(document, lines).read(document.contents, 0), place, source };
  } catch (error) {
    if (error instanceof SigmaError) return { root: error, place, source };
    throw error;
  }
}

class TreeReader {
  private readonly document: Document.Parsed;
  private readonly lines: LineCounter;
  private nodes = 0;
  private aliases = 0;

  constructor(document: Document.Parsed, lines: LineCounter) {
    this.document = document;
    this.lines = lines;
  }

  read(node: unknown, depth: number): YamlNode {
    const place = placeOf(this.lines, rangeStart(node));
    if (depth > LIMITS.yamlDepth) throw new SigmaError('SIGMA_LIMIT', { reason: `more than ${LIMITS.yamlDepth} levels` }, place);
    if (++this.nodes > LIMITS.yamlNodes) throw new SigmaError('SIGMA_LIMIT', { reason: `more than ${LIMITS.yamlNodes} nodes` }, place);
    if (isAlias(node)) {
      if (++this.aliases > LIMITS.aliasesPerFile) throw new SigmaError('SIGMA_LIMIT', { reason: 'too many aliases' }, place);
      const target = node.resolve(this.document);
      if (target === undefined) throw new SigmaError('SIGMA_YAML', { reason: `the anchor of *${node.source} is missing` }, place);
      return this.read(target, depth + 1);
    }
    if (isMap(node)) {
      const entries = node.items.map((pair) => this.entry(pair.key, pair.value, depth));
      refuseTwins(entries);
      return { kind: 'map', place, entries };
    }
    if (isSeq(node)) return { kind: 'list', place, items: node.items.map((item) => this.read(item, depth + 1)) };
    return { kind: 'scalar', place, value: isScalar(node) ? scalar(node.value, node.source) : null };
  }

  private entry(key: unknown, value: unknown, depth: number): YamlEntry {
    const place = placeOf(this.lines, rangeStart(key));
    if (!isScalar(key)) throw new SigmaError('SIGMA_YAML', { reason: 'a key must be a plain name' }, place);
    return { key: String(scalar(key.value, key.source) ?? ''), place, value: this.read(value, depth + 1) };
  }
}

function refuseTwins(entries: readonly YamlEntry[]): void {
  const known = new Set<string>();
  for (const { key, place } of entries) {
    if (known.has(key)) throw new SigmaError('SIGMA_YAML', { reason: `the key "${key.slice(0, 100)}" stands twice in its map` }, place);
    known.add(key);
  }
}

function scalar(value: unknown, source: string | undefined): Scalar {
  // An integer beyond 2^53 would lose digits: keep its text, which is what is compared anyway.
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) && source !== undefined) return source;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  // The core schema makes nothing else of a scalar.
  return null;
}

function rangeStart(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}

function placeOf(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

/** The YAML library descends recursively into flow brackets; text that opens more than this is refused before it starts. */
function nestedTooDeep(text: string): boolean {
  return /[[{](?:\s*[[{]){64}/.test(text);
}
