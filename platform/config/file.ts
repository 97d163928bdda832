/**
 * The configuration file: one YAML document of groups (`kafka:`) and settings. Nothing in it is trusted: size, depth, number of
 * nodes and of aliases are bounded, and what is not a known key is refused.
 */
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import { nearest } from './near.ts';
import { readTextFile } from './text-file.ts';

export const FILE_LIMITS = { bytes: 64 * 1024, aliases: 64, listItems: 256 } as const;

/** The text of one key, and where its value stands: `data (vong.yaml:3:7)`. */
export interface FileEntry {
  readonly text: string;
  readonly where: string;
}

export interface ConfigFile {
  /** By full key: `data`, `kafka.brokers`, `kafka.password_file`. */
  readonly entries: ReadonlyMap<string, FileEntry>;
  readonly problems: readonly string[];
  /** Everyone on this machine may read the file. */
  readonly openToEveryone: boolean;
}

/** Known keys of the file, and which of them may be lists. */
export type KnownKeys = ReadonlyMap<string, { readonly list: boolean }>;

/** Reads the file; never throws: what is wrong stands in `problems`. */
export function readConfigFile(path: string, known: KnownKeys): ConfigFile {
  const file = readTextFile(path, FILE_LIMITS.bytes);
  if ('problem' in file)
    return { entries: new Map(), problems: [`The configuration file ${path} cannot be read: ${file.problem}.`], openToEveryone: false };
  return { ...parseConfigFile(file.text, { path, known }), openToEveryone: file.openToEveryone };
}

/** Reads the file's text; `path` is for the messages. */
export function parseConfigFile(text: string, options: { path: string; known: KnownKeys }): Omit<ConfigFile, 'openToEveryone'> {
  const lines = new LineCounter();
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${options.path}:${line}:${col}`;
  };
  try {
    // The library compares each key with all before it, in quadratic time: the reader looks for twins itself.
    const parsed = parseAllDocuments(text, {
      lineCounter: lines,
      uniqueKeys: false,
      logLevel: 'silent',
      prettyErrors: false,
      merge: false,
    });
    const documents = Array.isArray(parsed) ? parsed : [];
    const [document, second] = documents;
    if (second !== undefined)
      return nothing(`${place(second.range[0])}: a configuration file has one YAML document, this is a second one.`);
    if (document === undefined) return { entries: new Map(), problems: [] };
    const broken = document.errors[0];
    // The library's sentence may quote the text, and the text may be a password: its code says what it is.
    if (broken !== undefined)
      return nothing(`${place(broken.pos[0])}: this is not YAML (${broken.code.toLowerCase().replaceAll('_', ' ')}).`);
    return new FileReader(document, options.known, place).read();
  } catch (error) {
    const reason = error instanceof RangeError ? 'nested too deep' : 'not YAML that we understand';
    return nothing(`${options.path} cannot be read: it is ${reason}.`);
  }
}

function nothing(problem: string): { entries: Map<string, FileEntry>; problems: string[] } {
  return { entries: new Map(), problems: [problem] };
}

class FileReader {
  readonly #entries = new Map<string, FileEntry>();
  readonly #problems: string[] = [];
  readonly #document: Document.Parsed;
  readonly #known: KnownKeys;
  readonly #groups: ReadonlySet<string>;
  readonly #place: (offset: number) => string;
  #aliases = 0;

  constructor(document: Document.Parsed, known: KnownKeys, place: (offset: number) => string) {
    this.#document = document;
    this.#known = known;
    this.#place = place;
    this.#groups = new Set([...known.keys()].filter((key) => key.includes('.')).map((key) => key.split('.')[0] ?? ''));
  }

  read(): Omit<ConfigFile, 'openToEveryone'> {
    this.#map(this.#document.contents, '');
    return { entries: this.#entries, problems: this.#problems };
  }

  /** Two levels at most: the file, and a group in it. */
  #map(node: unknown, group: string): void {
    if (isScalar(node) && node.value === null) return;
    if (node === null) return;
    if (!isMap(node)) return this.#wrong(node, `${group === '' ? 'a configuration file' : group} must be a map, such as "data: ./data"`);
    const seen = new Set<string>();
    for (const { key, value } of node.items) {
      if (!isScalar(key) || typeof key.value !== 'string') {
        this.#wrong(key, 'a key must be a plain name');
        continue;
      }
      const name = group === '' ? key.value : `${group}.${key.value}`;
      if (seen.has(name)) this.#wrong(key, `${shortened(name)} stands twice`);
      else if (group === '' && this.#groups.has(name)) this.#map(value, name);
      else if (this.#known.has(name)) this.#setting(name, value);
      else this.#wrong(key, `${shortened(name)} is no setting${this.#suggestion(key.value, group)}`);
      seen.add(name);
    }
  }

  #setting(name: string, value: unknown): void {
    const node = this.#resolved(value);
    const where = `${name} (${this.#place(offsetOf(value))})`;
    if (isScalar(node)) {
      const text = textOf(node);
      if (text === undefined) this.#wrong(value, `${name} must be text, a number or true or false`);
      else if (text !== null && text.trim() !== '') this.#entries.set(name, { text, where });
    } else if (isSeq(node) && this.#known.get(name)?.list === true) {
      const items = node.items.slice(0, FILE_LIMITS.listItems + 1).map((item) => {
        const element = this.#resolved(item);
        return isScalar(element) ? textOf(element) : undefined;
      });
      const right = items.length <= FILE_LIMITS.listItems && items.every((item) => typeof item === 'string' && !item.includes(','));
      if (right) this.#entries.set(name, { text: items.length === 0 ? 'none' : items.join(','), where });
      else this.#wrong(value, `${name} must be a list of at most ${FILE_LIMITS.listItems} texts without commas`);
    } else if (node !== null) this.#wrong(value, `${name} must be ${this.#known.get(name)?.list ? 'a list or text' : 'one value'}`);
  }

  #resolved(node: unknown): unknown {
    if (!isAlias(node)) return node;
    this.#aliases++;
    if (this.#aliases === FILE_LIMITS.aliases + 1) this.#wrong(node, `more than ${FILE_LIMITS.aliases} aliases`);
    if (this.#aliases > FILE_LIMITS.aliases) return undefined;
    return node.resolve(this.#document);
  }

  #suggestion(key: string, group: string): string {
    const prefix = group === '' ? '' : `${group}.`;
    const all = [...this.#known.keys(), ...this.#groups];
    const beside = all.filter((each) => each.startsWith(prefix) && !each.slice(prefix.length).includes('.'));
    const near = nearest(
      key,
      beside.map((each) => each.slice(prefix.length)),
    );
    if (near !== undefined) return `; do you mean ${prefix}${near}?`;
    const elsewhere = all.find((each) => each === key.toLowerCase() || each.endsWith(`.${key.toLowerCase()}`));
    return elsewhere === undefined ? '' : `; do you mean ${elsewhere}?`;
  }

  #wrong(node: unknown, sentence: string): void {
    this.#problems.push(`${this.#place(offsetOf(node))}: ${sentence}${sentence.endsWith('?') ? '' : '.'}`);
  }
}

/** As it was written, so that `007` stays what it is; null for nothing; undefined for what is no text. */
function textOf(node: { value: unknown; source?: string }): string | null | undefined {
  if (node.value === null || typeof node.value === 'string') return node.value;
  return typeof node.value === 'number' || typeof node.value === 'boolean' || typeof node.value === 'bigint'
    ? (node.source ?? String(node.value))
    : undefined;
}

function offsetOf(node: unknown): number {
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined;
  return Array.isArray(range) && typeof range[0] === 'number' ? range[0] : 0;
}

function shortened(name: string): string {
  return /^[\w.-]{1,80}$/.test(name) ? name : JSON.stringify(name.slice(0, 80));
}
