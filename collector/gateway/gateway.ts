/** The front door's work: admits batches, hands them to the worker, counts, and keeps the dead letters' table in step with the log. */
import type { Readable } from 'node:stream';
import type { Clock } from '@vong/platform/clock';
import type { AgentIdentity } from '@vong/platform/http';
import { AGENCIES_SIGNAL } from '@vong/platform/identity';
import type { Live, Signals } from '@vong/platform/live';
import type { Log } from '@vong/platform/log';
import type { Logger } from '@vong/platform/logger';
import type { Registry } from '@vong/platform/metrics';
import type { State } from '@vong/platform/state';
import type { AgentStatus, BatchReceipt } from '../contracts.ts';
import { type Agents, type AgentsDeps, createAgents } from './agents.ts';
import { ADMISSION_LIMITS, Admission, type AdmissionLimits } from './admission.ts';
import { readBody } from './body.ts';
import { DeadLetters } from './dead-letters.ts';
import type { Encoding } from './decompress.ts';
import { gatewayError } from './errors.ts';
import { gatewayMetrics } from './metrics.ts';
import type { WorkerSettings } from './messages.ts';
import { WorkerClient } from './worker-client.ts';

export interface GatewayOptions {
  /** The main thread's connection to the log; stays the caller's to close, after the gateway. */
  readonly log: Log;
  /** The same log, for the worker's own connection. */
  readonly worker: WorkerSettings;
  readonly state: State;
  readonly clock: Clock;
  readonly logger: Logger;
  /** `identity.narrow`: throws for an agency outside the scope. */
  readonly narrow: AgentsDeps['narrow'];
  readonly live?: Live;
  /** Words of changes made by other processes, and to them. */
  readonly signals?: Signals;
  /** As in `AgentsDeps`. */
  readonly shared?: boolean;
  readonly metrics?: Registry;
  /** Records the slowest reader of `events` is behind; asked every second. */
  readonly lagRecords?: () => number | Promise<number>;
  readonly limits?: Partial<AdmissionLimits>;
}

export interface IncomingBatch {
  readonly agent: AgentIdentity;
  readonly sequence: number;
  readonly encoding: Encoding;
  /** Content length where the sender said it. */
  readonly announced: number | undefined;
  readonly stream: Readable;
}

export interface Gateway {
  readonly agents: Agents;
  readonly deadLetters: DeadLetters;
  /** Resolves when the batch is durable. */
  receive(batch: IncomingBatch): Promise<BatchReceipt>;
  /** Takes an agent's report; the number its next batch must have. */
  report(agent: AgentIdentity, status: AgentStatus): Promise<{ expectedSequence: number }>;
  /** Finishes the batches at work, writes the counters, ends the worker. */
  close(): Promise<void>;
}

const TICK_MS = 1_000;
const FLUSH_TICKS = 2;
const AGENCY_CACHE_MS = 30_000;

export function createGateway(options: GatewayOptions): Gateway {
  const { log, state, clock, logger, live, signals, narrow } = options;
  const worker = new WorkerClient(options.worker, logger);
  const admission = new Admission({ ...ADMISSION_LIMITS, ...options.limits });
  const meter = gatewayMetrics(options.metrics, admission);
  const shared = live === undefined ? { state, clock } : { state, clock, live };
  const agents = createAgents({ ...shared, ...(signals && { signals }), narrow, shared: options.shared ?? false });
  const deadLetters = new DeadLetters({ ...shared, log, replay: (job) => worker.ask(job) });
  const agencyKnown = agencyCheck(options);
  let closing = false;
  const background = every(
    TICK_MS,
    async (tick) => {
      if (options.lagRecords !== undefined) admission.lagRecords = await options.lagRecords();
      // What is left when the process stops is still in the log.
      while ((await deadLetters.materialise()) > 0) if (closing) return;
      if (tick % FLUSH_TICKS === 0) await agents.flush();
    },
    logger,
  );

  async function receive({ agent, sequence, encoding, announced, stream }: IncomingBatch): Promise<BatchReceipt> {
    const leave = admission.enter(agent.id, announced);
    const started = performance.now();
    // It may break while the state is asked, when nobody reads it yet: reading it will say so.
    stream.once('error', () => undefined);
    try {
      if (!(await agencyKnown(agent.agency))) throw gatewayError('INGEST_AGENCY_UNKNOWN', { agency: agent.agency });
      const counters = await agents.counters(agent);
      const body = await readBody(stream);
      const { length } = body;
      const stored = await worker.ask({ kind: 'batch', agent, sequence, encoding, body, now: clock.now() });
      const { duplicate, accepted, deadLettered } = stored;
      counters.batch(clock.now(), {
        sequence: stored.lastSequence,
        duplicate,
        accepted,
        deadLettered,
        ...(stored.lagMs === undefined ? {} : { lagMs: stored.lagMs }),
      });
      meter.stored(stored, { bytes: length, seconds: (performance.now() - started) / 1000 });
      return { sequence, duplicate, accepted, deadLettered };
    } catch (error) {
      meter.refused(error);
      throw error;
    } finally {
      leave();
    }
  }

  async function report(agent: AgentIdentity, status: AgentStatus): Promise<{ expectedSequence: number }> {
    await agents.reported(agent, status);
    return { expectedSequence: (await log.lastSequence(agent.id)) + 1 };
  }

  async function close(): Promise<void> {
    closing = true;
    await background.stop();
    await worker.close();
    await deadLetters.materialise();
    await agents.close();
  }

  return { agents, deadLetters, receive, report, close };
}

/** Whether an agency exists; the answer is up to half a minute old when no word of a change comes. */
function agencyCheck({ state, clock, signals }: GatewayOptions): (agency: string) => Promise<boolean> {
  const known = new Map<string, number>();
  signals?.subscribe(AGENCIES_SIGNAL, () => known.clear());
  return async (agency) => {
    if ((known.get(agency) ?? 0) > clock.now()) return true;
    const row = await state
      .system<{ agencies: { agency: string } }>()
      .selectFrom('agencies')
      .select('agency')
      .where('agency', '=', agency)
      .executeTakeFirst();
    if (row === undefined) known.delete(agency);
    else known.set(agency, clock.now() + AGENCY_CACHE_MS);
    return row !== undefined;
  };
}

/** Runs the work over and over, never twice at once; a failure is logged and the next turn tries again. */
function every(ms: number, work: (tick: number) => Promise<void>, logger: Logger): { stop(): Promise<void> } {
  let running = Promise.resolve();
  let busy = false;
  let tick = 0;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    running = work(++tick)
      .catch((error: unknown) => logger.error({ err: error }, 'the gateway could not keep its tables up to date'))
      .finally(() => (busy = false));
  }, ms);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
