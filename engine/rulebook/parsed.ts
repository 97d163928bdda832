/**
 * The parsed form of rules, kept beside their YAML: detectors are given it, and files that are as they were are not parsed again.
 * A row without it, or with one of another version, is parsed once and written back.
 */
import { setImmediate } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { encodeParsed, PARSED_FORMAT, parseSigma, type SigmaDocuments } from 'sigma-rules-ts';
import type { State } from '@vong/platform/state';
import type { RuleText } from '../detector/index.ts';
import type { RuleRow, RuleTables } from './schema.ts';
import type { RuleFile } from './upload.ts';

/** Beyond this the YAML alone is kept, and parsed where it is needed. The largest rule known takes 0.4 MB. */
const MOST_LENGTH = 8 * 1024 * 1024;
/** Parsing blocks the thread: yield at least this often. */
const SLICE_MS = 15;
/** Correlations of one file that each of its rows keeps; of a file with more the YAML is read. */
const MOST_CORRELATIONS = 100;
/** Separates the documents of a file. */
const SEVERAL = /[\r\n](?:---|\.\.\.)/;

type Form = Pick<RuleRow, 'parsed' | 'parsed_format'>;

/**
 * What a row keeps of its file: its own document, and every correlation of the file, because what they refer to stays silent. Nothing
 * where its document is no longer taken: the reason is found when the YAML is read.
 */
export function formOf({ rules, filters, correlations }: SigmaDocuments, { id, yaml }: Pick<RuleRow, 'id' | 'yaml'>): Form {
  const isOwn = (document: { readonly id: string }): boolean => document.id === id;
  const own = { rules: rules.filter(isOwn), filters: filters.filter(isOwn), correlations, failures: [] };
  const taken = own.rules.length + own.filters.length > 0 || correlations.some(isOwn);
  const parsed = taken && correlations.length <= MOST_CORRELATIONS ? encodeParsed(own, yaml) : null;
  return { parsed: parsed !== null && parsed.length <= MOST_LENGTH ? parsed : null, parsed_format: PARSED_FORMAT };
}

/** Calls back for one after the other, and lets others work in between. */
export async function inSlices<Value>(values: Iterable<Value>, work: (value: Value) => void): Promise<void> {
  let slice = performance.now();
  for (const value of values) {
    work(value);
    if (performance.now() - slice < SLICE_MS) continue;
    await setImmediate();
    slice = performance.now();
  }
}

type Stored = RuleText & { readonly parsed_format: number };

export class ParsedRules {
  readonly #state: State;
  /** The last that was begun: several detector threads ask for the same at the same time. */
  #mending: Promise<unknown> = Promise.resolve();

  constructor(state: State) {
    this.#state = state;
  }

  /** The rules' texts with their parsed form; a rule that is gone is left out. */
  async texts(ids: readonly string[]): Promise<RuleText[]> {
    const rows = await this.#read(ids);
    if (rows.every(isCurrent)) return rows.map(textOf);
    const mended = this.#mending.then(async () => await this.#mend(ids));
    this.#mending = mended.catch(() => undefined);
    return await mended;
  }

  async #read(ids: readonly string[]): Promise<Stored[]> {
    const rows = await this.#state
      .system<RuleTables>()
      .selectFrom('rules')
      .select(['id', 'origin as file', 'version', 'yaml', 'parsed_format', 'parsed'])
      .where('id', 'in', [...ids])
      .orderBy('id')
      .execute();
    return rows.map(({ parsed, ...row }) => (parsed === null ? row : { ...row, parsed }));
  }

  async #mend(ids: readonly string[]): Promise<RuleText[]> {
    const rows = await this.#read(ids);
    const made = new Map<Stored, Form>();
    await inSlices(
      rows.filter((row) => !isCurrent(row)),
      (row) => void made.set(row, formOf(parseSigma(row.yaml, row.file), row)),
    );
    await this.#keep(made);
    return rows.map((row) => {
      const form = made.get(row);
      if (form === undefined) return textOf(row);
      const { parsed: _old, ...text } = textOf(row);
      return form.parsed === null ? text : { ...text, parsed: form.parsed };
    });
  }

  async #keep(made: ReadonlyMap<Stored, Form>): Promise<void> {
    try {
      await this.#state.transaction<RuleTables, void>('system', async (trx) => {
        for (const [{ id, version }, form] of made)
          await trx.updateTable('rules').set(form).where('id', '=', id).where('version', '=', version).execute();
      });
    } catch {
      // The rules run all the same. What cannot be kept now (a full disk, say) is parsed once more at the next start.
    }
  }
}

/** The row of each file that is stored as it is, by the file's place: a file of one document that was taken, in this version's form. */
export async function unchangedRows(db: Kysely<RuleTables>, files: readonly (RuleFile & { readonly version: string })[]) {
  const versions = files.map(({ version }) => version);
  const rows = await db
    .selectFrom('rules')
    .selectAll()
    .where('version', 'in', versions)
    .where('parsed_format', '=', PARSED_FORMAT)
    .execute();
  const known = new Map(rows.filter(({ parsed }) => parsed !== null).map((row) => [placeOf(row.origin, row.version), row]));
  return files.map(({ name, text, version }) => {
    const row = known.get(placeOf(name, version));
    return row !== undefined && row.yaml === text && !SEVERAL.test(text) ? row : undefined;
  });
}

const placeOf = (file: string, version: string): string => `${version} ${file}`;

function isCurrent({ parsed_format }: Stored): boolean {
  return parsed_format === PARSED_FORMAT;
}

function textOf({ parsed_format: _format, ...text }: Stored): RuleText {
  return text;
}
