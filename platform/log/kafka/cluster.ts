/**
 * The way to the brokers: connections, who leads which partition, who coordinates which group, and trying again while that
 * changes. The client's own classes bind reading to a group and give up order when they retry; here only its connections and its
 * encoding of requests are used (docs/decisions/0040).
 */
import { isIP } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import {
  ConnectionPool,
  FindCoordinatorKeyTypes,
  findCoordinatorV4,
  metadataV12,
  parseBroker,
  ResponseError,
  type Broker,
  type Connection,
} from '@platformatic/kafka';
import { logError } from '../errors.ts';
import { kafkaCodes, passes, translate, unavailable, reasonOf } from './failures.ts';
import { PATIENCE_MS, type KafkaSource } from './source.ts';

export interface Partition {
  readonly partition: number;
  /** Node id of the broker that leads it, -1 while there is none. */
  readonly leader: number;
  /** Node ids, the preferred leader first. */
  readonly replicas: readonly number[];
}

export interface Topic {
  readonly id: string;
  /** In the order of their numbers. */
  readonly partitions: readonly Partition[];
}

/** A request of the client: `produceV11.api` and its like. */
export interface Api<Arguments extends unknown[], Response> {
  readonly async: (connection: Connection, ...args: Arguments) => Promise<Response>;
}

const CONNECT_MS = 4000;
/** Longer than a broker waits for its replicas (`ACKS_MS` of the sender) or holds a fetch open. */
const REQUEST_MS = { control: 4000, records: 8000 };
const RETRY_MS = { first: 50, most: 1000 };
const UNKNOWN_TOPIC = 3;

/** Connections to the brokers. A broker answers a connection in order: what waits long gets a pool of its own. */
export type Pool = ConnectionPool;

export class Cluster {
  readonly patienceMs: number;
  readonly #source: KafkaSource;
  readonly #pools = new Set<Pool>();
  readonly #control: Pool;
  readonly #bootstrap: readonly Broker[];
  readonly #coordinators = new Map<string, Broker>();
  #brokers = new Map<number, Broker>();
  /** The broker that answered last, asked first. */
  #good: Broker | undefined;
  #topics = new Map<string, Topic>();
  #refreshing: Promise<void> | undefined;
  #closed = false;

  constructor(source: KafkaSource) {
    this.#source = source;
    this.patienceMs = source.patienceMs ?? PATIENCE_MS;
    this.#bootstrap = source.brokers.map((broker) => parseBroker(broker));
    this.#control = this.pool('control');
  }

  get bootstrap(): string {
    return this.#source.brokers.join(',');
  }

  pool(kind: keyof typeof REQUEST_MS = 'records'): Pool {
    const { tls, sasl, clientId } = this.#source;
    const pool = new ConnectionPool(clientId, {
      connectTimeout: CONNECT_MS,
      requestTimeout: REQUEST_MS[kind],
      // The name of a host goes with the handshake (SNI); an address cannot.
      tlsServerName: this.#bootstrap.every(({ host }) => isIP(host) === 0),
      ...(tls === undefined ? {} : { tls: tls.ca === undefined ? {} : { ca: tls.ca } }),
      ...(sasl === undefined ? {} : { sasl: { ...sasl } }),
    });
    // Who asked hears of a failure by the answer; the event, unheard, would end the process.
    pool.on('connecting', ({ connection }) => connection.on('error', () => undefined));
    this.#pools.add(pool);
    return pool;
  }

  /** Node ids of the brokers that are up. */
  get nodes(): number[] {
    return [...this.#brokers.keys()];
  }

  /** What is known of a topic; undefined when the cluster has none of that name. */
  async topic(name: string): Promise<Topic | undefined> {
    if (!this.#topics.has(name)) await this.refresh([name]);
    return this.#topics.get(name);
  }

  /** As far as it is known, without asking. */
  leader(topic: string, partition: number): number | undefined {
    const leader = this.#topics.get(topic)?.partitions[partition]?.leader;
    return leader === undefined || leader < 0 ? undefined : leader;
  }

  /** Asks for the leaders of these topics and of those known; one question at a time. */
  async refresh(names: readonly string[] = []): Promise<void> {
    const running = this.#refreshing;
    if (running !== undefined) {
      await running;
      if (names.every((name) => this.#topics.has(name))) return;
    }
    this.#refreshing ??= this.#metadata([...new Set([...this.#topics.keys(), ...names])]).finally(() => (this.#refreshing = undefined));
    await this.#refreshing;
  }

  /** Asks a broker; `before` is called when the request is about to be written. A leader or coordinator that has moved shows in the answer, which is the caller's to look at. */
  async ask<Arguments extends unknown[], Response>(
    { pool, node, before }: { pool?: Pool; node: number; before?: () => void },
    api: Api<Arguments, Response>,
    ...args: Arguments
  ): Promise<Response> {
    const broker = this.#brokers.get(node);
    if (broker === undefined) throw unavailable(`broker ${node} is gone`);
    return await this.#send(pool ?? this.#control, { broker, api, args, ...(before === undefined ? {} : { before }) });
  }

  /** Asks any broker, the one that answered last first. */
  async askAny<Arguments extends unknown[], Response>(api: Api<Arguments, Response>, ...args: Arguments): Promise<Response> {
    const all = [...(this.#good === undefined ? [] : [this.#good]), ...this.#brokers.values(), ...this.#bootstrap];
    const distinct = new Map(all.map((broker) => [`${broker.host}:${broker.port}`, broker]));
    let failure: unknown;
    for (const broker of distinct.values()) {
      try {
        const response = await this.#send(this.#control, { broker, api, args });
        this.#good = broker;
        return response;
      } catch (error) {
        if (kafkaCodes(error).length > 0 || !passes(error)) throw error;
        failure = error;
      }
    }
    this.#good = undefined;
    throw failure;
  }

  /** Asks the broker that coordinates the group. */
  async askCoordinator<Arguments extends unknown[], Response>(
    group: string,
    { pool, api, args }: { pool?: Pool; api: Api<Arguments, Response>; args: Arguments },
  ): Promise<Response> {
    const broker = this.#coordinators.get(group) ?? (await this.#findCoordinator(group));
    try {
      return await this.#send(pool ?? this.#control, { broker, api, args });
    } catch (error) {
      if (passes(error)) this.#coordinators.delete(group);
      throw error;
    }
  }

  /** The group has another coordinator now. */
  forget(group: string): void {
    this.#coordinators.delete(group);
  }

  /** Tries until it succeeds, fails for good, or patience is at its end: then rejects with LOG_UNAVAILABLE. */
  async persist<Result>(body: () => Promise<Result>, patienceMs = this.patienceMs): Promise<Result> {
    const deadline = performance.now() + patienceMs;
    for (let delay = RETRY_MS.first; ; delay = Math.min(delay * 2, RETRY_MS.most)) {
      if (this.#closed) throw logError('LOG_CLOSED');
      try {
        return await body();
      } catch (error) {
        if (!passes(error) || performance.now() + delay > deadline) throw this.#closed ? logError('LOG_CLOSED') : translate(error);
      }
      await pause(delay);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled([...this.#pools].map((pool) => pool.close()));
  }

  async #send<Arguments extends unknown[], Response>(
    pool: Pool,
    { broker, api, args, before }: { broker: Broker; api: Api<Arguments, Response>; args: Arguments; before?: () => void },
  ): Promise<Response> {
    if (this.#closed) throw logError('LOG_CLOSED');
    const connection = await pool.get(broker);
    before?.();
    return await api.async(connection, ...args);
  }

  async #metadata(names: string[]): Promise<void> {
    const answer = await this.askAny(lenientMetadata, names, false, false);
    this.#brokers = new Map(answer.brokers.map(({ nodeId, host, port }) => [nodeId, { host, port }]));
    for (const { name, topicId, partitions, errorCode } of answer.topics) {
      if (typeof name !== 'string') continue;
      if (errorCode === UNKNOWN_TOPIC) this.#topics.delete(name);
      if (errorCode !== 0) continue;
      const ordered = partitions.toSorted((a, b) => a.partitionIndex - b.partitionIndex);
      const known = ordered.map((each) => ({ partition: each.partitionIndex, leader: each.leaderId, replicas: each.replicaNodes }));
      this.#topics.set(name, { id: topicId, partitions: known });
    }
  }

  async #findCoordinator(group: string): Promise<Broker> {
    const { coordinators } = await this.askAny(findCoordinatorV4.api, FindCoordinatorKeyTypes.GROUP, [group]);
    const [found] = coordinators;
    if (found === undefined || found.nodeId < 0) throw unavailable(`no coordinator for the group ${group}`);
    const broker = { host: found.host, port: found.port };
    this.#coordinators.set(group, broker);
    return broker;
  }
}

/** A partition without a leader is an error to the client; the rest of the answer is needed all the same. */
const lenientMetadata: Api<Parameters<typeof metadataV12.createRequest>, metadataV12.MetadataResponse> = {
  async: async (connection, ...args) => {
    try {
      return await metadataV12.api.async(connection, ...args);
    } catch (error) {
      return responseOf<metadataV12.MetadataResponse>(error);
    }
  },
};

/** The whole answer, of which some part says an error; throws what was no answer. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows which request it sent
export function responseOf<Response>(error: unknown): Response {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the client attaches what it parsed
  if (error instanceof ResponseError && 'response' in error) return error.response as Response;
  throw error instanceof Error ? error : unavailable(reasonOf(error));
}
