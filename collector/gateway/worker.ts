/** The gateway's one worker thread: decompresses, parses and appends batches in the order they come, with its own log connection. */
import { isUtf8 } from 'node:buffer';
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '@vong/platform/clock';
import { VongError } from '@vong/platform/errors';
import { connectLog, type Log } from '@vong/platform/log';
import { type BatchOutcome, EventMaker, processBatch } from './batch.ts';
import { decompress } from './decompress.ts';
import type { BatchJob, Question, ReplayJob, Reply, Stored, WorkerSettings } from './messages.ts';
import { Slab } from './slab.ts';

const settings: WorkerSettings = workerData;
/** Memory of finished batches, for the next ones. */
const spare: Slab[] = [];
const port = parentPort;
if (port === null) throw new Error('worker.ts runs as a worker thread only');
const log: Log = await connectLog(settings.log, { clock: systemClock });

port.on('message', (message: Question | 'close') => {
  if (message === 'close') {
    void log.close().then(() => port.close());
    return;
  }
  void answer(message).then((reply) => port.postMessage(reply));
});

async function answer({ id, job }: Question): Promise<Reply> {
  try {
    if (job.kind === 'batch') return { id, stored: await store(job) };
    if (job.kind === 'replay') return { id, stored: await replay(job) };
    return { id, stored: { duplicate: false, accepted: 0, deadLettered: 0, lastSequence: await log.lastSequence(job.agentId) } };
  } catch (error) {
    const known = error instanceof VongError;
    const message = error instanceof Error ? error.message : String(error);
    return {
      id,
      error: {
        code: known ? error.code : 'BUG',
        message,
        details: known ? { ...error.details } : { stack: error instanceof Error ? error.stack : undefined },
      },
    };
  }
}

async function store(job: BatchJob): Promise<Stored> {
  const last = await log.lastSequence(job.agent.id);
  // Seen before: no need to read it again. The log checks once more, in the transaction.
  if (job.sequence <= last) return { duplicate: true, accepted: 0, deadLettered: 0, lastSequence: last };
  const slab = spare.pop() ?? new Slab();
  try {
    return await append(job, processBatch(decompress(job.body, job.encoding), job, slab));
  } finally {
    slab.reset();
    spare.push(slab);
  }
}

async function append(job: BatchJob, { events, deadLetters, lagMs }: BatchOutcome): Promise<Stored> {
  const batches = [
    { topic: 'events', records: events },
    { topic: 'dead-letters', records: deadLetters },
  ] as const;
  const { duplicate } = await log.append({
    batches: batches.filter(({ records }) => records.length > 0),
    producer: { id: job.agent.id, sequence: job.sequence },
  });
  if (duplicate) return { duplicate, accepted: 0, deadLettered: 0, lastSequence: await log.lastSequence(job.agent.id) };
  const stored = { duplicate, accepted: events.length, deadLettered: deadLetters.length, lastSequence: job.sequence };
  return lagMs === undefined ? stored : { ...stored, lagMs };
}

async function replay(job: ReplayJob): Promise<Stored> {
  const maker = new EventMaker({ agent: job.agent, sequence: 0, now: job.now }, new Slab());
  const bytes = Buffer.from(job.raw);
  const text = isUtf8(bytes) ? bytes.toString('utf8') : undefined;
  const made =
    job.envelope === undefined
      ? maker.make(text ?? bytes, job.id)
      : maker.makeRecord(
          { format: 'auto', ...job.envelope, ...(text === undefined ? { raw64: bytes.toString('base64') } : { raw: text }) },
          job.id,
        );
  const none = { duplicate: false, accepted: 0, deadLettered: 0, lastSequence: -1 };
  if ('deadLetter' in made) return { ...none, failure: made.deadLetter.reason };
  const { duplicate } = await log.append({
    batches: [{ topic: 'events', records: [made.record] }],
    producer: { id: `dead-letter:${job.id}`, sequence: 0 },
  });
  return { ...none, duplicate, accepted: duplicate ? 0 : 1 };
}
