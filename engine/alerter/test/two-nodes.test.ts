/** Two nodes on one PostgreSQL: what their analysts do to the same alerts. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ManualClock } from '@vong/platform/clock';
import { hasCode } from '@vong/platform/errors';
import { identityModule, type AuditTables, type Scope } from '@vong/platform/identity';
import { liveModule, type ChangeTables } from '@vong/platform/live';
import { openState, type State } from '@vong/platform/state';
import { createDatabase } from '@vong/platform/state/testing';
import { startPostgres, type PostgresServer } from '../../../deploy/testbed/postgres.ts';
import { available } from '../../../deploy/testbed/servers.ts';
import { alertsModule } from '../index.ts';
import type { AlertTables } from '../schema.ts';
import { storeSignals } from '../store-signals.ts';
import { Triage } from '../triage.ts';
import { live, signalOf, START } from './setup.ts';

const found = await available('postgres');
const why = found.ok ? '' : ` (needs PostgreSQL: ${found.why})`;
const clock = new ManualClock(START);
const analyst = (name: string): { scope: Scope } => ({
  scope: { actor: { kind: 'user', id: name, name }, role: 'analyst', agency: 'vn', agencies: new Set(['vn']) },
});

let server: PostgresServer;
let nodes: State[];
let triages: Triage[];

async function plant(count: number): Promise<string[]> {
  const signals = Array.from({ length: count }, (_, i) => signalOf({ event: `e${i}`, host: `may-${i}` }));
  const batch = { partition: 0, from: 0, next: 0, signals };
  const alerts = await nodes[0]!.transaction<AlertTables, { row: { id: string } }[]>('system', (trx) =>
    storeSignals(trx, batch, { now: START, windowMs: () => 3_600_000, live }),
  );
  return alerts.map(({ row }) => row.id);
}

describe.skipIf(!found.ok)(`the same alerts on two nodes${why}`, () => {
  beforeAll(async () => {
    server = await startPostgres({ durable: false });
    const url = await createDatabase(server.url, 'alerts');
    const modules = [identityModule, liveModule, alertsModule];
    nodes = await Promise.all([1, 2].map(() => openState({ postgres: { url }, modules, clock })));
    triages = nodes.map((state) => new Triage({ state, live, clock }));
  });
  afterAll(async () => {
    await Promise.all(nodes.map((state) => state.close()));
    await server.stop();
  });

  it('of changes made at the same time to one version, one is stored and all others are told what it is now', async () => {
    const [id] = await plant(1);
    const reasons = Array.from({ length: 20 }, (_, i) => `reason ${i}`);
    const outcomes = await Promise.allSettled(
      reasons.map((reason, i) =>
        triages[i % 2]!.change(analyst(`a${i}`), id!, { version: 1, status: 'closed', verdict: 'false_positive', reason }),
      ),
    );
    const stored = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(stored).toMatchObject([{ version: 2, status: 'closed' }]);
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') continue;
      expect(hasCode(outcome.reason, 'ALERT_CHANGED')).toBe(true);
      expect(outcome.reason).toMatchObject({ details: { alert: { version: 2, status: 'closed' } } });
    }
    const kept = await nodes[1]!.system<AlertTables & AuditTables>().selectFrom('audit').selectAll().where('target', '=', id!).execute();
    expect(kept).toHaveLength(1);
  });

  it('every change of people who read again and repeat is kept: history, trail and push tell the same', async () => {
    const [id] = await plant(3);
    const system = nodes[0]!.system<AlertTables & ChangeTables>();
    const { version: first } = await system.selectFrom('alerts').select('version').where('id', '=', id!).executeTakeFirstOrThrow();
    const toggle = async (node: number, name: string): Promise<void> => {
      for (;;) {
        const row = await nodes[node]!.as<AlertTables>(analyst(name).scope)
          .selectFrom('alerts')
          .selectAll()
          .where('id', '=', id!)
          .executeTakeFirstOrThrow();
        const status = row.status === 'open' ? 'acknowledged' : 'open';
        try {
          await triages[node]!.change(analyst(name), id!, { version: row.version, status });
          return;
        } catch (error) {
          if (!hasCode(error, 'ALERT_CHANGED')) throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: 24 }, (_, i) => toggle(i % 2, `b${i}`)));
    const { version } = await system.selectFrom('alerts').select('version').where('id', '=', id!).executeTakeFirstOrThrow();
    expect(version).toBe(first + 24);
    const history = await system
      .selectFrom('alert_history')
      .selectAll()
      .where('alert_id', '=', id!)
      .where('kind', '=', 'changed')
      .execute();
    expect(new Set(history.map(({ actor_name }) => actor_name)).size).toBe(history.length);
    const pushed = await system.selectFrom('changes').select('body').where('key', '=', id!).orderBy('sequence').execute();
    const versions = pushed.map(({ body }) => Number(/"version":(\d+)/.exec(body)?.[1]));
    expect(versions).toEqual(versions.toSorted((a, b) => a - b));
  });

  it('alerts go on joining events while people change them: neither loses what the other wrote', async () => {
    const ids = await plant(8);
    expect(ids.length).toBeGreaterThan(0);
    const joining = Promise.all(
      Array.from({ length: 12 }, (_, i) => {
        const signals = ids.map((_id, host) => signalOf({ event: `more-${i}-${host}`, host: `may-${host + 1}`, rule: 'rule-2' }));
        return nodes[1]!.transaction<AlertTables, unknown>('system', (trx) =>
          storeSignals(trx, { partition: i + 1, from: 0, next: 0, signals }, { now: START + i, windowMs: () => 3_600_000, live }),
        );
      }),
    );
    const commenting = Promise.all(Array.from({ length: 12 }, (_, i) => triages[0]!.comment(analyst(`c${i}`), ids[0]!, `note ${i}`)));
    await Promise.all([joining, commenting]);
    const system = nodes[0]!.system<AlertTables>();
    const counted = await system.selectFrom('alerts').select('count').where('rule_id', '=', 'rule-2').execute();
    expect(counted.map(({ count }) => count)).toEqual(ids.map(() => 12));
    const comments = await system.selectFrom('alert_history').select('comment').where('kind', '=', 'comment').execute();
    expect(new Set(comments.map(({ comment }) => comment)).size).toBe(12);
  });
});
