/** The alerter with a real log and a real state; the push only writes its rows. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { ManualClock } from '@vong/platform/clock';
import { identityModule } from '@vong/platform/identity';
import { stableId } from '@vong/platform/ids';
import { liveModule, type Live } from '@vong/platform/live';
import { openLog, type Log } from '@vong/platform/log';
import type { State } from '@vong/platform/state';
import { openTestState } from '@vong/platform/state/testing';
import type { Severity, Signal } from '../../contracts.ts';
import { alertsModule, createAlerter, type Alerter, type AlerterOptions } from '../index.ts';

export const START = Date.UTC(2026, 10, 22);
export const logger = pino({ level: 'silent' });

export const live: Pick<Live, 'record' | 'announce'> = {
  record: async (trx, changes) => {
    for (const change of 'kind' in changes ? [changes] : changes) {
      await trx
        .insertInto('changes')
        .values({ ...change, body: JSON.stringify(change.body) })
        .execute();
    }
  },
  announce: () => undefined,
};

export interface Bench extends AsyncDisposable {
  readonly folder: string;
  readonly log: Log;
  readonly state: State;
  readonly clock: ManualClock;
}

export async function openBench(): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'vong-alerter-'));
  const clock = new ManualClock(START);
  const log = openLog({ path: join(folder, 'log.db'), topics: [{ name: 'signals', partitions: 2, retention: {} }], clock });
  const modules = [identityModule, liveModule, alertsModule];
  const state = await openTestState({ path: join(folder, 'state.db'), modules, clock });
  const close = async (): Promise<void> => {
    await log.close();
    await state.close();
    rmSync(folder, { recursive: true });
  };
  return { folder, log, state, clock, [Symbol.asyncDispose]: close };
}

export interface SignalParts {
  readonly event: string;
  readonly happened?: number;
  readonly rule?: string;
  readonly agency?: string;
  readonly host?: string;
  readonly user?: string;
  readonly level?: Severity;
}

export function signalOf(parts: SignalParts): Signal {
  const { event, happened = START, rule = 'rule-1', agency = 'vn', host = 'may-1', user = 'binh', level = 'high' } = parts;
  return {
    id: stableId(event, rule),
    rule: { id: rule, title: `Title of ${rule}`, level, version: '0123456789ab', tags: ['attack.t1059'] },
    group: stableId(rule, agency, host, user),
    agency,
    host,
    user,
    event: { id: event, happened, collected: happened + 1, received: happened + 2 },
    detected: happened + 3,
  };
}

export async function send(log: Log, signals: readonly Signal[]): Promise<void> {
  const records = signals.map((signal) => ({ key: signal.group, value: Buffer.from(JSON.stringify(signal)) }));
  await log.append({ batches: [{ topic: 'signals', records }] });
}

export function startAlerter(bench: Bench, options: Partial<AlerterOptions> = {}): Alerter {
  const alerter = createAlerter({ log: bench.log, state: bench.state, clock: bench.clock, live, logger, ...options });
  alerter.start();
  return alerter;
}

/** Resolves when every signal sent has become part of an alert. */
export async function drained(alerter: Alerter): Promise<void> {
  while ((await alerter.lag()) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
}
