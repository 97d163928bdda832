/**
 * The lifecycle of rules: import, list, switch on and off, hand to the detectors. **A rule that cannot be loaded is kept as a
 * failure with file, line and reason, and never stops the others.** Importing the same file again changes nothing.
 */
import { hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { parseRules, type SigmaRule } from 'sigma-rules-ts';
import type { Clock } from '@vong/platform/clock';
import { recordAudit, type AuditTables, type By } from '@vong/platform/identity';
import type { State } from '@vong/platform/state';
import type { RuleFailure, RuleImportResult } from '../contracts.ts';
import type { RuleText } from '../detector/messages.ts';
import { rulesError } from './errors.ts';
import type { RuleRow, RuleTables } from './schema.ts';
import type { RuleFile } from './upload.ts';

type Tables = RuleTables & AuditTables;

/** Rows written in one transaction; small, so that other writers wait milliseconds. */
const CHUNK = 200;
/** Parsing blocks the thread: yield at least this often. */
const SLICE_MS = 15;
const KEEP_FAILURES = 1000;
const TELL_AFTER_MS = 300;

export interface RulebookOptions {
  readonly state: State;
  readonly clock: Clock;
}

interface Parsed {
  readonly rows: RuleRow[];
  readonly failed: RuleFailure[];
}

export class Rulebook {
  readonly #state: State;
  readonly #clock: Clock;
  readonly #listeners = new Set<() => void>();
  #telling: NodeJS.Timeout | undefined;

  constructor(options: RulebookOptions) {
    this.#state = options.state;
    this.#clock = options.clock;
  }

  /** Calls back after every change of what is enabled. Returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The rules the detectors run. */
  async enabled(): Promise<RuleText[]> {
    return await this.#db()
      .selectFrom('rules')
      .select(['id', 'origin as file', 'version', 'yaml'])
      .where('enabled', '=', 1)
      .where('fault', 'is', null)
      .orderBy('id')
      .execute();
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
      return rows.length;
    });
    if (changed > 0) this.#changed();
    return changed;
  }

  /** The engine switched the rule off. */
  async recordFault(id: string, reason: string): Promise<void> {
    await this.#db().updateTable('rules').set({ fault: reason, updated_at: this.#clock.now() }).where('id', '=', id).execute();
  }

  /** Adds matches to the hour's counters. */
  async recordMatches(matches: ReadonlyMap<string, number>): Promise<void> {
    if (matches.size === 0) return;
    const hour = Math.floor(this.#clock.now() / 3_600_000);
    await this.#state.transaction<Tables, void>('system', async (trx) => {
      for (const [rule_id, count] of matches) {
        await trx
          .insertInto('rule_matches')
          .values({ rule_id, hour, matches: count })
          .onConflict((c) => c.columns(['rule_id', 'hour']).doUpdateSet((eb) => ({ matches: eb('rule_matches.matches', '+', count) })))
          .execute();
      }
      await trx
        .deleteFrom('rule_matches')
        .where('hour', '<', hour - 48)
        .execute();
    });
  }

  #db(): Kysely<Tables> {
    return this.#state.system<Tables>();
  }

  /** Tells once for changes that come close together: a set of rules arrives in several uploads, and compiling one costs a second. */
  #changed(): void {
    clearTimeout(this.#telling);
    this.#telling = setTimeout(() => {
      for (const listener of this.#listeners) listener();
    }, TELL_AFTER_MS);
    this.#telling.unref();
  }

  async #parse(files: readonly RuleFile[]): Promise<Parsed> {
    const rows = new Map<string, RuleRow>();
    const failed: RuleFailure[] = [];
    let slice = performance.now();
    for (const file of files) {
      const { rules, failures } = parseRules(file.text, file.name);
      failed.push(...failures);
      for (const rule of rules) rows.set(rule.id, toRow(rule, file, this.#clock.now()));
      if (performance.now() - slice > SLICE_MS) {
        await setImmediate();
        slice = performance.now();
      }
    }
    return { rows: [...rows.values()], failed };
  }

  async #store(rows: readonly RuleRow[], result: RuleImportResult): Promise<void> {
    await this.#state.transaction<Tables, void>('system', async (trx) => {
      const ids = rows.map((row) => row.id);
      const known = new Map(
        (await trx.selectFrom('rules').select(['id', 'version']).where('id', 'in', ids).execute()).map((r) => [r.id, r.version]),
      );
      for (const row of rows) {
        const version = known.get(row.id);
        if (version === row.version) result.unchanged++;
        else if (version === undefined) {
          await trx.insertInto('rules').values(row).execute();
          result.imported++;
        } else {
          // A person's decision to switch a rule off outlives a new version of it.
          const { id, enabled: _kept, ...changes } = row;
          await trx.updateTable('rules').set(changes).where('id', '=', id).execute();
          result.updated++;
        }
      }
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

function toRow(rule: SigmaRule, file: RuleFile, now: number): RuleRow {
  return {
    id: rule.id,
    title: rule.title,
    level: rule.level ?? 'medium',
    status: rule.status ?? 'test',
    product: rule.logsource.product ?? null,
    service: rule.logsource.service ?? null,
    category: rule.logsource.category ?? null,
    tags: JSON.stringify(rule.tags),
    enabled: 1,
    origin: file.name,
    version: hash('sha256', file.text, 'hex').slice(0, 12),
    yaml: file.text,
    fault: null,
    updated_at: now,
  };
}
