import { Counter, Gauge, Histogram, Registry, STAGE_BUCKETS_SECONDS } from '@vong/platform/metrics';
import type { Admission } from './admission.ts';
import type { Stored } from './messages.ts';

export interface GatewayMeter {
  stored(stored: Stored, batch: { readonly bytes: number; readonly seconds: number }): void;
  refused(error: unknown): void;
}

/** Counts on the given registry; on none, counts for nobody. */
export function gatewayMetrics(registry: Registry = new Registry(), admission: Admission): GatewayMeter {
  const registers = [registry];
  const batches = new Counter({ name: 'vong_gateway_batches_total', help: 'Batches by result.', labelNames: ['result'], registers });
  const events = new Counter({ name: 'vong_gateway_events_total', help: 'Events stored.', registers });
  const letters = new Counter({ name: 'vong_gateway_dead_letters_total', help: 'Records sent to the dead letter.', registers });
  const bytes = new Counter({ name: 'vong_gateway_bytes_total', help: 'Compressed bytes of stored batches.', registers });
  const seconds = new Histogram({
    name: 'vong_gateway_batch_seconds',
    help: 'From admission of a batch to its durable storage.',
    buckets: STAGE_BUCKETS_SECONDS,
    registers,
  });
  const inFlight: Gauge = new Gauge({
    name: 'vong_gateway_batches_in_flight',
    help: 'Batches being read or stored.',
    registers,
    // Read when scraped.
    collect: (): void => inFlight.set(admission.inFlight.batches),
  });
  return {
    stored: (stored, batch) => {
      batches.inc({ result: stored.duplicate ? 'duplicate' : 'stored' });
      events.inc(stored.accepted);
      letters.inc(stored.deadLettered);
      bytes.inc(batch.bytes);
      seconds.observe(batch.seconds);
    },
    refused: (error) => {
      const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'BUG';
      batches.inc({ result: code });
    },
  };
}
