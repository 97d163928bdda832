/** What a consumer of the log runs against (`consumer.ts`): the same as inside DuckDB's worker. */
import type { ConsumerHost } from '../consumer.ts';
import type { Appender } from './append.ts';
import type { Store } from './store.ts';

export function consumerHost(store: Store, appender: Appender): ConsumerHost {
  return {
    append: async (records, upTo) => {
      try {
        return await appender.append(records, upTo);
      } catch (error) {
        // Whether the offsets moved is not known, or another node moved them: the consumer goes on from what the cluster says.
        await store.offsets.load().catch(() => undefined);
        throw error;
      }
    },
    indexedUpTo: () => store.offsets.current(),
    // An answered write is in the translog of every copy.
    durableUpTo: () => store.offsets.current(),
    warn: (message, details) => store.note('warn', message, details),
  };
}
