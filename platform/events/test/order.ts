/** What every event store promises of batches handed over before the one before them is stored. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventStore } from '../contract.ts';
import { ALL } from './conformance.ts';
import { eventAt } from './corpus.ts';

export function orderOfBatches(name: string, open: () => Promise<EventStore>): void {
  describe(`${name}: batches handed over before the one before them is stored`, () => {
    let store: EventStore;
    beforeAll(async () => {
      store = await open();
    });
    afterAll(() => store.close());

    it('are stored in the order they came', async () => {
      const handed = [1, 2, 3].map((n) => store.append([eventAt(n)], [{ partition: 0, offset: n }]));
      await Promise.all(handed);
      expect([...(await store.indexedUpTo())]).toEqual([[0, 3]]);
      expect(await store.count({ scope: ALL, query: '' })).toBe(3);
    });

    it('are not stored when that one fails, so that no offset steps over what was lost', async () => {
      // There is no half offset.
      const failing = store.append([eventAt(4)], [{ partition: 0, from: 3, offset: 3.5 }]);
      const after = store.append([eventAt(5)], [{ partition: 0, from: 4, offset: 5 }]);
      const outcomes = await Promise.allSettled([failing, after]);
      expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      // Whoever hands over the next batch may not have heard of the failure yet.
      const late = store.append(
        [eventAt(5)],
        [
          { partition: 1, from: 0, offset: 1 },
          { partition: 0, from: 4, offset: 5 },
        ],
      );
      await expect(late).rejects.toMatchObject({ code: 'EVENTS_GAP', details: { partition: 0, from: 4, end: 3 } });
      expect([...(await store.indexedUpTo())]).toEqual([[0, 3]]);
      await store.append([eventAt(4), eventAt(5)], [{ partition: 0, from: 3, offset: 5 }]);
      expect([...(await store.indexedUpTo())]).toEqual([[0, 5]]);
      expect(await store.count({ scope: ALL, query: '' })).toBe(5);
    });
  });
}
