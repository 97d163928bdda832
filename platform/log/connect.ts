import type { Clock } from '../clock/index.ts';
import type { Log } from './contract.ts';
import { openLog, type EmbeddedLogOptions } from './embedded.ts';

/** Where the log is: plain data, so that every thread and process can open a connection of its own. */
export type LogSource = { readonly kind: 'embedded' } & Omit<EmbeddedLogOptions, 'clock'>;

/** Opens the log of a source; throws what its implementation throws. */
export async function connectLog(source: LogSource, { clock }: { readonly clock: Clock }): Promise<Log> {
  return openLog({ ...source, clock });
}
