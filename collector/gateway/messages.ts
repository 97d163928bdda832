/** What main thread and worker say to each other. Bodies are transferred, not copied. */
import type { AgentIdentity } from '@vong/platform/http';
import type { LogSource } from '@vong/platform/log';
import type { Encoding } from './decompress.ts';
import type { RawRecord } from '../contracts.ts';

export interface WorkerSettings {
  readonly log: LogSource;
}

export interface BatchJob {
  readonly kind: 'batch';
  readonly agent: AgentIdentity;
  readonly sequence: number;
  readonly encoding: Encoding;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly now: number;
}

/** A dead letter parsed again: stored at most once whatever happens, as its producer is named after it. */
export interface ReplayJob {
  readonly kind: 'replay';
  readonly id: string;
  readonly agent: AgentIdentity;
  readonly now: number;
  readonly raw: Uint8Array<ArrayBuffer>;
  readonly envelope?: Omit<RawRecord, 'raw' | 'raw64'>;
}

export interface SequenceJob {
  readonly kind: 'sequence';
  readonly agentId: string;
}

export type Job = BatchJob | ReplayJob | SequenceJob;

export interface Stored {
  readonly duplicate: boolean;
  readonly accepted: number;
  readonly deadLettered: number;
  /** Highest stored sequence of the agent; -1 for none. */
  readonly lastSequence: number;
  readonly lagMs?: number;
  /** For a replay: why it failed again. */
  readonly failure?: string;
}

export interface Question {
  readonly id: number;
  readonly job: Job;
}

/** Errors cross as plain data: `instanceof` does not hold between threads. */
export type Reply =
  | { readonly id: number; readonly stored: Stored }
  | { readonly id: number; readonly error: { readonly code: string; readonly message: string; readonly details: Record<string, unknown> } };
