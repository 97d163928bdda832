/** Prints how long the queue takes to open with 100,000 open alerts (and as many closed), per scope, sort and filter. */
import type { Scope } from '@vong/platform/identity';
import { listAlerts } from '../list.ts';
import type { AlertRow, AlertTables } from '../schema.ts';
import { newAlert } from '../join.ts';
import { openBench, signalOf, START } from './setup.ts';

const LEVELS = ['critical', 'high', 'medium', 'low', 'informational'] as const;
await using bench = await openBench();
const rows: AlertRow[] = Array.from({ length: 200_000 }, (_, i) => {
  const signal = signalOf({
    event: `e${i}`,
    host: `host-${i % 5000}`,
    agency: `unit-${i % 4000}`,
    level: LEVELS[((i * 7) % 13) % 5] ?? 'low',
    rule: `rule-${i % 300}`,
  });
  const { row } = newAlert(signal, { now: START + i, only: false });
  return { ...row, count: (i * 31) % 997, status: i % 2 === 0 ? 'open' : 'closed' };
});
for (let at = 0; at < rows.length; at += 1000) {
  await bench.state.transaction<AlertTables, unknown>('system', async (trx) => {
    for (const row of rows.slice(at, at + 1000)) await trx.insertInto('alerts').values(row).execute();
  });
}
const scope = (agencies: Scope['agencies']): Scope => ({
  actor: { kind: 'user', id: 'u', name: 'u' },
  role: 'analyst',
  agency: 'x',
  agencies,
});
const units = (count: number): Set<string> => new Set(Array.from({ length: count }, (_, i) => `unit-${i * 2}`));
const scopes = {
  all: scope('all'),
  'province (70 units)': scope(units(70)),
  'one unit': scope(units(1)),
  '2,000 units': scope(units(2000)),
};
const queries = {
  'open, newest': { status: 'open,acknowledged' },
  'everything, newest': {},
  'open, severity': { status: 'open,acknowledged', sort: 'severity' as const },
  'open, count': { status: 'open,acknowledged', sort: 'count' as const },
  'open critical': { status: 'open', severity: 'critical' },
  text: { status: 'open', q: 'host-4321' },
  host: { host: 'host-42' },
};
for (const [reach, who] of Object.entries(scopes)) {
  for (const [name, query] of Object.entries(queries)) {
    const db = bench.state.as<AlertTables>(who);
    await listAlerts(db, who, { ...query, limit: 100 });
    const started = performance.now();
    const { total } = await listAlerts(db, who, { ...query, limit: 100 });
    console.log(JSON.stringify({ reach, query: name, total, ms: Math.round(performance.now() - started) }));
  }
}
