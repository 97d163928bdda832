/** Events that the event store would not take, as dead letters: they were detected, but are not found by a search. */
import { stableId } from '@vong/platform/ids';
import type { LogRecord } from '@vong/platform/log';
import { deadLetterError } from './errors.ts';
import { DEAD_LETTER_BYTES, encodeDeadLetter, type DeadLetter } from './batch.ts';

export interface RejectedByStore {
  readonly id: string;
  readonly agency: string;
  readonly reason: string;
  /** The event, JSON. */
  readonly event: string;
}

const REASON = 500;

/** One letter an event, the same one however often it is refused. `now`: milliseconds since the epoch. */
export function rejectedLetters(events: readonly RejectedByStore[], now: number): LogRecord[] {
  return events.map(({ id, agency, reason, event }) => {
    const bytes = Buffer.from(event);
    const agent = agentOf(event);
    const refusal = deadLetterError('EVENTS_REJECTED', { id, reason });
    const letter: DeadLetter = {
      id: stableId('rejected by the store', id),
      agency,
      agent: agent.id,
      agentName: agent.name,
      code: refusal.code,
      reason: refusal.message.slice(0, REASON),
      at: now,
      raw64: bytes.subarray(0, DEAD_LETTER_BYTES).toString('base64'),
      bytes: bytes.length,
    };
    return encodeDeadLetter(letter);
  });
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function agentOf(event: string): { readonly id: string; readonly name: string } {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an event of our own making, and checked below
    const { agent } = JSON.parse(event) as { readonly agent?: { readonly id?: unknown; readonly name?: unknown } };
    return { id: text(agent?.id), name: text(agent?.name) };
  } catch {
    return { id: '', name: '' };
  }
}
