/** A consumer for tests: stores the records it is given, and says what became of them. */
import type { ConsumerHost, EventConsumer } from '../index.ts';

export async function createConsumer(host: ConsumerHost, options: unknown): Promise<EventConsumer> {
  // oxlint-disable-next-line no-unsafe-type-assertion -- the test gives it
  const { records } = options as { readonly records: readonly string[] };
  const lines = records.map((record) => Buffer.from(record));
  return {
    stop: async () => undefined,
    ask: async (question) => {
      if (question === 'durable') return [...host.durableUpTo()];
      const from = host.indexedUpTo().get(0) ?? 0;
      return host.append(lines, [{ partition: 0, from, offset: from + lines.length }]);
    },
  };
}
