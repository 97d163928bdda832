/** What end-to-end tests do to a running server: load rules, enrol agents, send records, wait until everything is through, read back. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { zstdCompressSync } from 'node:zlib';
import type { AgentCreated, BatchReceipt, RawRecord } from '@vong/collector/contracts';
import type { AlertEvents, AlertList, AlertSummary } from '@vong/engine/contracts';
import { rulesOfDirectory, type RuleFile } from '@vong/engine/rulebook';
import type { EcsEvent, SearchPage } from '@vong/platform/events';
import { uploadRules, type ImportedRules } from '../../deploy/testbed/drive.ts';
import type { TestServer } from '../../deploy/testbed/vong.ts';
import { sharedPath, SIGMA_RULE_FOLDERS } from '../../deploy/testbed/shared.ts';

export { drained } from '../../deploy/testbed/drive.ts';

export async function temporaryDirectory(name: string): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), `vong-${name}-`));
  return { path, remove: async () => await rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

let corpus: Promise<RuleFile[]> | undefined;

/** Every SigmaHQ rule of the shared data, read once. */
export async function sigmaCorpus(): Promise<RuleFile[]> {
  corpus ??= Promise.all(SIGMA_RULE_FOLDERS.map(async (folder) => await rulesOfDirectory(sharedPath('data', 'sigmahq', folder)))).then(
    (all) => all.flat(),
  );
  return await corpus;
}

/** Imports rules as an administrator does and waits until the detectors run them. */
export async function importRules(server: TestServer, files: readonly RuleFile[]): Promise<ImportedRules> {
  const total = await uploadRules(server, files);
  const pending = async (): Promise<number> => (await server.call<{ total: number }>('/api/rules?limit=1&state=pending')).total;
  for (let i = 0; (await pending()) > 0; i++) {
    if (i > 300) throw new Error('the detectors did not load the rules within a minute');
    await sleep(200);
  }
  return total;
}

export async function enrol(server: TestServer, name: string, agency = 'vn'): Promise<string> {
  return (await server.call<AgentCreated>('/api/agents', { method: 'POST', body: { agency, name } })).token;
}

/** Posts one batch; throws unless it is acknowledged. */
export async function sendBatch(
  server: TestServer,
  batch: { token: string; sequence: number; records: readonly RawRecord[] },
): Promise<BatchReceipt> {
  const body = zstdCompressSync(batch.records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  const headers = {
    authorization: `Bearer ${batch.token}`,
    'content-type': 'application/x-ndjson',
    'content-encoding': 'zstd',
    'x-vong-sequence': String(batch.sequence),
  };
  const answer = await fetch(`${server.url}/ingest/v1/batches`, { method: 'POST', headers, body: new Uint8Array(body) });
  if (!answer.ok) throw new Error(`the gateway answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as BatchReceipt;
}

/** As the part of an address after `?`. */
function query(values: Record<string, string>): string {
  return new URLSearchParams(values).toString();
}

export async function allEvents(server: TestServer, kql = ''): Promise<EcsEvent[]> {
  const events: EcsEvent[] = [];
  let cursor: string | undefined;
  do {
    const params = query({ q: kql, limit: '1000', order: 'oldest', ...(cursor === undefined ? {} : { cursor }) });
    const page = await server.call<SearchPage>(`/api/events?${params}`);
    events.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  return events;
}

export async function allAlerts(server: TestServer, filter: Record<string, string> = {}): Promise<AlertSummary[]> {
  const alerts: AlertSummary[] = [];
  let cursor: string | undefined;
  do {
    const params = query({ limit: '500', ...filter, ...(cursor === undefined ? {} : { cursor }) });
    const page = await server.call<AlertList>(`/api/alerts?${params}`);
    alerts.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  return alerts;
}

export async function eventsOfAlert(server: TestServer, id: string): Promise<EcsEvent[]> {
  const events: EcsEvent[] = [];
  let cursor: string | undefined;
  do {
    const params = query({ limit: '500', ...(cursor === undefined ? {} : { cursor }) });
    const page = await server.call<AlertEvents>(`/api/alerts/${id}/events?${params}`);
    events.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  return events;
}

/** The alerts (as `comparable` gives them) that only one of two runs has, or that differ. */
export function unequal(left: readonly unknown[], right: readonly unknown[]): { readonly left: unknown[]; readonly right: unknown[] } {
  const [ofLeft, ofRight] = [left, right].map((alerts) => new Set(alerts.map((alert) => JSON.stringify(alert))));
  return {
    left: left.filter((alert) => ofRight?.has(JSON.stringify(alert)) === false),
    right: right.filter((alert) => ofLeft?.has(JSON.stringify(alert)) === false),
  };
}

/** What two runs over the same input must have in common: everything but the times of our own work. */
export function comparable(alerts: readonly AlertSummary[]): unknown[] {
  return alerts
    .map(({ id, agency, rule, host, user, count, first, last }) => ({ id, agency, rule: rule.id, host, user, count, first, last }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}
