import type { Clock } from '../clock/index.ts';
import type { Log } from './contract.ts';
import { openLog, type EmbeddedLogOptions } from './embedded.ts';
import type { KafkaSource } from './kafka/source.ts';

/** Where the log is: plain data, so that every thread and process can open a connection of its own. */
export type LogSource = ({ readonly kind: 'embedded' } & Omit<EmbeddedLogOptions, 'clock'>) | KafkaSource;

/** Opens the log of a source; throws what its implementation throws. */
export async function connectLog(source: LogSource, { clock }: { readonly clock: Clock }): Promise<Log> {
  if (source.kind === 'embedded') return openLog({ ...source, clock });
  // Its client is loaded only where it is used.
  const { connectKafka } = await import('./kafka/index.ts');
  return await connectKafka(source, { clock });
}
