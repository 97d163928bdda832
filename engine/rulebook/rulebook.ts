/**
 * The lifecycle of rules: import, list, switch on and off, hand to the detectors. **A rule that cannot be loaded is kept as a
 * failure with file, line and reason, and never stops the others.** Importing the same file again changes nothing.
 */
import type { Kysely, Transaction } from 'kysely';
import { parseSigma } from 'sigma-rules-ts';
import type { Clock } from '@vong/platform/clock';
import { recordAudit, ROOT_AGENCY, type AuditTables, type By } from '@vong/platform/identity';
import type { Live, Signals } from '@vong/platform/live';
import type { State } from '@vong/platform/state';
import type { RuleFailure, RuleImportResult } from '../contracts.ts';
import type { RulesLoaded, RuleText } from '../detector/index.ts';
import { correlatedTexts } from './correlated.ts';
import { storeCosts, type MeasuredCost } from './costs.ts';
import { rulesError } from './errors.ts';
import { storeMatches, type MatchCount } from './matches.ts';
import { inSlices, ParsedRules, unchangedRows } from './parsed.ts';
import { removeNode, storeNode, touchNode } from './nodes.ts';
import { storeRunning } from './running.ts';
import { NAMED_BYTES, namedTooLong, rowsOf, versionOf } from './row.ts';
import type { RuleRow, RuleTables } from './schema.ts';
import { storeRules } from './store.ts';
import type { RuleFile } from './upload.ts';

type Tables = RuleTables & AuditTables;

/** Rows written in one transaction; small, so that other writers wait milliseconds. */
const CHUNK = 200;
/** Files whose rows are looked up at once. */
const LOOKED_UP = 1000;
const KEEP_FAILURES = 1000;
const TELL_AFTER_MS = 300;
/** Key of a change of several rules. */
const MANY = '*';

export interface RulebookOptions {
  readonly state: State;
  readonly clock: Clock;
  /** Tells consoles of changes. */
  readonly live?: Pick<Live, 'record' | 'announce'>;
  /** Tells other processes that the rules have changed. */
  readonly signals?: Pick<Signals, 'bump'>;
}

/** Topic of `Signals`: the rules, or which of them are enabled, have changed. */
export const RULES_SIGNAL = 'rules';

interface Parsed {
  readonly rows: RuleRow[];
  readonly failed: RuleFailure[];
}

export class Rulebook {
  readonly #state: State;
  readonly #clock: Clock;
  readonly #live: RulebookOptions['live'];
  readonly #signals: RulebookOptions['signals'];
  readonly #parsed: ParsedRules;
  readonly #listeners = new Set<() => void>();
  #telling: NodeJS.Timeout | undefined;

  constructor(options: RulebookOptions) {
    this.#state = options.state;
    this.#clock = options.clock;
    this.#live = options.live;
    this.#signals = options.signals;
    this.#parsed = new ParsedRules(options.state);
  }

  /** Calls back after every change of what is enabled. Returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The rules the detectors shall run. */
  async enabled(): Promise<Pick<RuleText, 'id' | 'version'>[]> {
    return await this.#db()
      .selectFrom('rules')
      .select(['id', 'version'])
      .where('enabled', '=', 1)
      .where('fault', 'is', null)
      .orderBy('id')
      .execute();
  }

  /** The rules' texts with what was parsed of them; a rule that is gone is left out. */
  async texts(ids: readonly string[]): Promise<RuleText[]> {
    return await this.#parsed.texts(ids);
  }

  /** The enabled correlations, and the enabled rules they may refer to. */
  async correlated(): Promise<RuleText[]> {
    return await correlatedTexts(this.#db());
  }

  /** Loads rule files. `by` is absent when the server itself loads the rules it ships. */
  async import(files: readonly RuleFile[], by?: By): Promise<RuleImportResult> {
    if (by !== undefined) mayChange(by);
    const parsed = await this.#parse(files);
    const result: RuleImportResult = { imported: 0, updated: 0, unchanged: 0, failed: parsed.failed };
    for (let i = 0; i < parsed.rows.length; i += CHUNK) await this.#store(parsed.rows.slice(i, i + CHUNK), result);
    await this.#finish(files, { result, by });
    if (result.imported + result.updated > 0) this.#changed();
    return result;
  }

  async setEnabled(ids: readonly string[], enabled: boolean, by: By): Promise<number> {
    mayChange(by);
    const changed = await this.#state.transaction<Tables, number>('system', async (trx) => {
      const rows = await trx
        .updateTable('rules')
        .set({ enabled: enabled ? 1 : 0, fault: null, updated_at: this.#clock.now() })
        .where('id', 'in', [...ids])
        .where((or) => or.or([or('enabled', '!=', enabled ? 1 : 0), or('fault', 'is not', null)]))
        .returning('id')
        .execute();
      for (const { id } of rows) {
        await recordAudit(trx, {
          ...by,
          action: enabled ? 'rule.enable' : 'rule.disable',
          target: id,
          agency: by.scope.agency,
          details: {},
        });
      }
      await this.#tellChanged(
        trx,
        rows.map(({ id }) => id),
      );
      return rows.length;
    });
    if (changed > 0) this.#changed();
    return changed;
  }

  /** The engine switched this version of the rule off; no detector is given it again. A newer version has not failed yet. */
  async recordFault(id: string, version: string, reason: string): Promise<void> {
    const found = await this.#state.transaction<Tables, boolean>('system', async (trx) => {
      const { numUpdatedRows } = await trx
        .updateTable('rules')
        .set({ fault: reason, updated_at: this.#clock.now() })
        .where('id', '=', id)
        .where('version', '=', version)
        .where('fault', 'is', null)
        .executeTakeFirst();
      if (numUpdatedRows > 0) await this.#tellChanged(trx, [id]);
      return numUpdatedRows > 0;
    });
    if (found) this.#changed();
  }

  /**
   * Every detector thread of this process uses these rules. `instance` names the process where there are others; false while not all
   * of them run the same.
   */
  async recordLoaded(loaded: RulesLoaded, instance?: string): Promise<boolean> {
    const now = this.#clock.now();
    const agreed = await this.#state.transaction<Tables, boolean>('system', async (trx) => {
      const outcome =
        instance === undefined
          ? { agreed: true, changed: await storeRunning(trx, loaded) }
          : await storeNode(trx, { instance, loaded, now });
      await this.#tell(trx, outcome.changed);
      return outcome.agreed;
    });
    this.#live?.announce();
    return agreed;
  }

  /** The process is alive; false when it was taken for dead meanwhile. */
  async touchNode(instance: string): Promise<boolean> {
    return await touchNode(this.#db(), instance, this.#clock.now());
  }

  /** The process runs no detectors any more. */
  async forgetNode(instance: string): Promise<void> {
    await removeNode(this.#db(), instance);
  }

  /** How many rules the detectors run. */
  async running(): Promise<number> {
    const row = await this.#db()
      .selectFrom('rule_running')
      .select(({ fn }) => fn.countAll<number>().as('rules'))
      .where('state', 'in', ['in_use', 'no_logsource'])
      .executeTakeFirstOrThrow();
    return row.rules;
  }

  /** Another process changed the rules: whoever follows them here looks again. */
  changedElsewhere(): void {
    this.#changed();
  }

  /** Adds matches to the hour's counters. */
  async recordMatches(counts: readonly MatchCount[]): Promise<void> {
    if (counts.length === 0) return;
    await this.#state.transaction<Tables, void>('system', (trx) => storeMatches(trx, counts, this.#clock.now()));
  }

  async recordCosts(costs: readonly MeasuredCost[]): Promise<void> {
    if (costs.length === 0) return;
    await this.#state.transaction<Tables, void>('system', (trx) => storeCosts(trx, costs, this.#clock.now()));
  }

  /** What detectors shall run is another now: also those of other processes. */
  async #tellChanged(trx: Transaction<Tables>, ids: readonly string[]): Promise<void> {
    await this.#tell(trx, ids);
    if (ids.length > 0) await this.#signals?.bump(trx, RULES_SIGNAL);
  }

  /** Rules are national: everyone is told, not who it was about. */
  async #tell(trx: Transaction<Tables>, ids: readonly string[]): Promise<void> {
    const [first] = ids;
    if (first === undefined) return;
    const key = ids.length === 1 ? first : MANY;
    await this.#live?.record(trx, { kind: 'rule', agency: ROOT_AGENCY, key, body: null, at: this.#clock.now() });
  }

  #db(): Kysely<Tables> {
    return this.#state.system<Tables>();
  }

  /** Tells once for changes that come close together: a set of rules arrives in several uploads, and compiling one costs a second. */
  #changed(): void {
    this.#live?.announce();
    clearTimeout(this.#telling);
    this.#telling = setTimeout(() => {
      for (const listener of this.#listeners) listener();
    }, TELL_AFTER_MS);
    this.#telling.unref();
  }

  /** A file that is stored as it is is not parsed again. */
  async #parse(files: readonly RuleFile[]): Promise<Parsed> {
    const rows = new Map<string, RuleRow>();
    const failed: RuleFailure[] = [];
    for (let from = 0; from < files.length; from += LOOKED_UP) {
      const some = files.slice(from, from + LOOKED_UP).map(({ name, text }) => ({ name, text, version: versionOf(text) }));
      const known = await unchangedRows(this.#db(), some);
      await inSlices(some.entries(), ([at, file]) => {
        const [now, unchanged] = [this.#clock.now(), known[at]];
        if (unchanged !== undefined) rows.set(unchanged.id, { ...unchanged, fault: null, updated_at: now });
        else {
          const found = parseSigma(file.text, file.name);
          failed.push(...found.failures);
          for (const row of rowsOf(found, file, now)) {
            if (namedTooLong(row))
              failed.push({ file: file.name, code: 'SIGMA_DOCUMENT', reason: `id and title have more than ${NAMED_BYTES} bytes` });
            else rows.set(row.id, row);
          }
        }
      });
    }
    return { rows: [...rows.values()], failed };
  }

  async #store(rows: readonly RuleRow[], result: RuleImportResult): Promise<void> {
    await this.#state.transaction<Tables, void>('system', async (trx) => {
      const { imported, updated } = await storeRules(trx, rows);
      result.imported += imported.length;
      result.updated += updated.length;
      result.unchanged += rows.length - imported.length - updated.length;
      await this.#tellChanged(trx, [...imported, ...updated]);
    });
  }

  async #finish(files: readonly RuleFile[], outcome: { result: RuleImportResult; by: By | undefined }): Promise<void> {
    const { result, by } = outcome;
    const at = this.#clock.now();
    await this.#state.transaction<Tables, void>('system', async (trx) => {
      for (let i = 0; i < files.length; i += CHUNK) {
        const names = files.slice(i, i + CHUNK).map((file) => file.name);
        await trx.deleteFrom('rule_failures').where('file', 'in', names).execute();
      }
      for (const f of result.failed.slice(0, KEEP_FAILURES)) {
        await trx
          .insertInto('rule_failures')
          .values({ file: f.file, line: f.line ?? null, column: f.column ?? null, code: f.code, reason: f.reason, at })
          .execute();
      }
      if (by === undefined) return;
      const { imported, updated, unchanged, failed } = result;
      const details = { files: files.length, imported, updated, unchanged, failed: failed.length };
      await recordAudit(trx, { ...by, action: 'rule.import', target: files[0]?.name ?? '', agency: by.scope.agency, details });
    });
  }
}

function mayChange({ scope }: By): void {
  if (scope.agencies !== 'all') throw rulesError('RULES_ROOT_ONLY');
}
