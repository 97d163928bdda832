/** What the gateway takes on at once: bounded batches, bounded bytes, one batch per agent; everything else is asked to wait. */
import { LIMITS } from '../contracts.ts';
import { gatewayError } from './errors.ts';

export interface AdmissionLimits {
  readonly batches: number;
  readonly bytes: number;
  /** Records the slowest reader of the log may be behind. */
  readonly lagRecords: number;
}

export const ADMISSION_LIMITS: AdmissionLimits = { batches: 64, bytes: 64 * 1024 * 1024, lagRecords: 2_000_000 };

const RETRY_BUSY_SECONDS = 1;
const RETRY_LAGGING_SECONDS = 5;

export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #agents = new Set<string>();
  #batches = 0;
  #bytes = 0;
  /** Records the pipeline is behind, as last measured. */
  lagRecords = 0;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  get inFlight(): { readonly batches: number; readonly bytes: number } {
    return { batches: this.#batches, bytes: this.#bytes };
  }

  /**
   * Takes a batch in, before its body is read; returns what gives the place back. `announced` is the content length, if it was said.
   * Batches of one agent must not overtake each other, or the later number would make the earlier one look like a duplicate.
   */
  enter(agentId: string, announced: number | undefined): () => void {
    if (announced !== undefined && announced > LIMITS.batchCompressedBytes) {
      throw gatewayError('INGEST_BATCH_TOO_LARGE', { limit: LIMITS.batchCompressedBytes, unit: 'bytes' });
    }
    if (this.#agents.has(agentId)) throw gatewayError('INGEST_ONE_AT_A_TIME', { retryAfterSeconds: RETRY_BUSY_SECONDS });
    if (this.lagRecords > this.#limits.lagRecords) {
      throw gatewayError('INGEST_LAGGING', { records: this.lagRecords, retryAfterSeconds: RETRY_LAGGING_SECONDS });
    }
    const bytes = announced ?? LIMITS.batchCompressedBytes;
    if (this.#batches >= this.#limits.batches || (this.#batches > 0 && this.#bytes + bytes > this.#limits.bytes)) {
      throw gatewayError('INGEST_BUSY', { retryAfterSeconds: RETRY_BUSY_SECONDS });
    }
    this.#agents.add(agentId);
    this.#batches++;
    this.#bytes += bytes;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#agents.delete(agentId);
      this.#batches--;
      this.#bytes -= bytes;
    };
  }
}
