/** A gateway as it runs, on a temporary folder: real log, state, identity and HTTP server on a random port. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { systemClock } from '@vong/platform/clock';
import type { EcsEvent } from '@vong/platform/events';
import { type HttpServer, createHttpServer } from '@vong/platform/http';
import { type Identity, createIdentity, identityApi, identityModule } from '@vong/platform/identity';
import { type Log, type TopicConfig, type TopicName, openLog } from '@vong/platform/log';
import { createLogger } from '@vong/platform/logger';
import type { State } from '@vong/platform/state';
import { openTestState } from '@vong/platform/state/testing';
import type { AgentCreated, RawRecord } from '../../contracts.ts';
import { type Gateway, type GatewayOptions, agentsApi, agentsModule, createGateway, gatewayApi } from '../index.ts';

export const TOPICS: readonly TopicConfig[] = [
  { name: 'events', partitions: 4, retention: {} },
  { name: 'dead-letters', partitions: 1, retention: {} },
];

export interface World {
  readonly folder: string;
  readonly gateway: Gateway;
  readonly log: Log;
  readonly state: State;
  readonly identity: Identity;
  readonly http: HttpServer;
  readonly address: string;
  readonly operator: string;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever the server answered, looked at by the test
  readonly body: any;
  readonly retryAfter: string | null;
}

export async function openWorld(options: Partial<GatewayOptions> = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'vong-gateway-'));
  const path = join(folder, 'log.db');
  const logger = createLogger('test', 'silent');
  const log = openLog({ path, topics: TOPICS, clock: systemClock });
  const state = await openTestState({ modules: [identityModule, agentsModule], clock: systemClock });
  const identity = createIdentity({ state, clock: systemClock });
  const gateway = createGateway({
    log,
    worker: { log: { kind: 'embedded', path, topics: TOPICS } },
    state,
    clock: systemClock,
    logger,
    narrow: (scope, agency) => identity.narrow(scope, agency),
    ...options,
  });
  const http = createHttpServer({ identity, logger, clock: systemClock, verifyAgent: (token) => gateway.agents.verifyToken(token) });
  await http.register(identityApi({ identity }));
  await http.register(gatewayApi({ gateway }));
  await http.register(agentsApi({ gateway }));
  const address = await http.listen({ port: 0, host: '127.0.0.1' });
  return {
    folder,
    gateway,
    log,
    state,
    identity,
    http,
    address,
    operator: identity.createOperatorKey(),
    close: async () => {
      await http.close();
      await gateway.close();
      await log.close();
      await state.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function call(world: World, route: string, init: { method?: string; body?: unknown; key?: string } = {}): Promise<Answer> {
  const response = await fetch(world.address + route, {
    method: init.method ?? 'GET',
    headers: {
      authorization: `Bearer ${init.key ?? world.operator}`,
      ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
  });
  return answerOf(response);
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  let body: unknown = text;
  try {
    body = JSON.parse(text);
  } catch {
    // Not JSON: shown as text.
  }
  return { status: response.status, body, retryAfter: response.headers.get('retry-after') };
}

let enrolled = 0;

export async function enrol(world: World, agency = 'vn'): Promise<AgentCreated> {
  const { status, body } = await call(world, '/api/agents', { method: 'POST', body: { agency, name: `agent-${++enrolled}` } });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return body;
}

export function record(id: string, raw: string, more: Partial<RawRecord> = {}): RawRecord {
  return { id, source: 'file', collected: new Date().toISOString(), raw, ...more };
}

export function lines(...records: readonly unknown[]): Buffer {
  return Buffer.from(records.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)) + '\n').join(''));
}

export interface Sending {
  readonly token: string;
  readonly sequence: number | string;
  readonly encoding?: string;
  /** Sent as it is; without it `content` is compressed with zstd. */
  readonly body?: Uint8Array;
  readonly content?: Buffer;
}

export async function send(world: World, { token, sequence, encoding = 'zstd', body, content }: Sending): Promise<Answer> {
  const response = await fetch(`${world.address}/ingest/v1/batches`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/x-ndjson',
      'content-encoding': encoding,
      'x-vong-sequence': String(sequence),
    },
    body: Uint8Array.from(body ?? zstdCompressSync(content ?? Buffer.alloc(0))),
  });
  return answerOf(response);
}

/** Everything in a topic, partition by partition. */
export async function readAll(world: World, topic: TopicName): Promise<{ key: string; value: EcsEvent }[]> {
  const found: { key: string; value: EcsEvent }[] = [];
  for (const { partition } of await world.log.partitions(topic)) {
    const { records } = await world.log.read({ topic, partition, offset: 0, maxRecords: 100_000 });
    for (const each of records) found.push({ key: each.key, value: JSON.parse(Buffer.from(each.value).toString('utf8')) });
  }
  return found;
}
