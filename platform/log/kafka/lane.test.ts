import { Reader, readRecordsBatch } from '@platformatic/kafka';
import { describe, expect, it } from 'vitest';
import { Lane } from './lane.ts';

const record = (name: string, size = 1) => ({ key: name, value: Buffer.alloc(size) });

function sent(lane: Lane) {
  const taken = lane.take(9n, 0);
  if (taken === undefined) return undefined;
  const { producerEpoch, firstSequence, records } = readRecordsBatch(Reader.from(taken.data));
  return { epoch: producerEpoch, sequence: firstSequence, keys: records.map(({ key }) => key?.toString()) };
}

/** How each append ended, as far as it has. */
async function outcomes(...appends: Promise<void>[]): Promise<string[]> {
  const ended = appends.map((append) =>
    append.then(
      () => 'stored',
      (reason: unknown) => String(reason),
    ),
  );
  return await Promise.all(ended.map((each) => Promise.race([each, new Promise<string>((resolve) => setImmediate(resolve, 'waiting'))])));
}

describe('a lane', () => {
  it('sends what waits together, and the same again until it is stored', async () => {
    const lane = new Lane('t', 0);
    const [a, b] = [lane.add([record('a'), record('b')], 100), lane.add([record('c')], 100)];
    expect(sent(lane)).toEqual({ epoch: 0, sequence: 0, keys: ['a', 'b', 'c'] });
    const c = lane.add([record('d')], 100);
    lane.attempt();
    expect(sent(lane)).toEqual({ epoch: 0, sequence: 0, keys: ['a', 'b', 'c'] });
    lane.stored();
    expect(await outcomes(a, b, c)).toEqual(['stored', 'stored', 'waiting']);
    expect(sent(lane)).toEqual({ epoch: 0, sequence: 3, keys: ['d'] });
    lane.stored();
    expect(await outcomes(c)).toEqual(['stored']);
    expect(lane.idle).toBe(true);
  });

  it('cuts what is large, and an append is stored when all of it is', async () => {
    const lane = new Lane('t', 0);
    const a = lane.add([record('a', 900_000), record('b', 900_000), record('c', 5_000_000), record('d')], 100);
    const keys: unknown[] = [];
    while (!lane.idle) {
      expect(await outcomes(a)).toEqual(['waiting']);
      keys.push(sent(lane)?.keys);
      lane.stored();
    }
    expect(keys).toEqual([['a'], ['b'], ['c'], ['d']]);
    expect(await outcomes(a)).toEqual(['stored']);
  });

  it('lets each append go at its own time while nothing was sent', async () => {
    const lane = new Lane('t', 0);
    const [a, b] = [lane.add([record('a')], 10), lane.add([record('b')], 20)];
    expect(sent(lane)?.keys).toEqual(['a', 'b']);
    lane.expire(10, () => 'late');
    expect(await outcomes(a, b)).toEqual(['late', 'waiting']);
    expect(sent(lane)).toEqual({ epoch: 0, sequence: 0, keys: ['b'] });
  });

  it('begins a new count after it gave up what may have arrived: that can be taken for nothing else, nor come later', async () => {
    const lane = new Lane('t', 0);
    const a = lane.add([record('a')], 10);
    sent(lane);
    lane.attempt();
    const b = lane.add([record('b')], 20);
    lane.expire(10, () => 'late');
    expect(await outcomes(a, b)).toEqual(['late', 'waiting']);
    expect(sent(lane)).toEqual({ epoch: 1, sequence: 0, keys: ['b'] });
  });

  it('waits for the answer to what it gave up while it was under way', async () => {
    for (const answered of [true, false]) {
      const lane = new Lane('t', 0);
      const a = lane.add([record('a')], 10);
      sent(lane);
      lane.attempt();
      lane.sending = true;
      lane.expire(10, () => 'late');
      expect(await outcomes(a)).toEqual(['late']);
      const b = lane.add([record('b')], 20);
      if (answered) lane.stored();
      lane.sending = false;
      lane.settle();
      expect(sent(lane)).toEqual(answered ? { epoch: 0, sequence: 1, keys: ['b'] } : { epoch: 1, sequence: 0, keys: ['b'] });
      lane.stored();
      expect(await outcomes(b)).toEqual(['stored']);
    }
  });

  it('rejects all of an append of which a part cannot be stored, and only that one', async () => {
    const lane = new Lane('t', 0);
    const a = lane.add([record('a', 900_000), record('b', 900_000)], 100);
    const b = lane.add([record('c')], 100);
    expect(sent(lane)?.keys).toEqual(['a']);
    lane.refused('no');
    expect(await outcomes(a, b)).toEqual(['no', 'waiting']);
    expect(sent(lane)?.keys).toEqual(['c']);
  });

  it('asks for another producer id when its epochs are used up', () => {
    const lane = new Lane('t', 0);
    lane.producerId = 9n;
    for (let epoch = 0; epoch < 32_767; epoch++) lane.renew();
    expect(lane.producerId).toBe(9n);
    void lane.add([record('a')], 100);
    expect(sent(lane)?.epoch).toBe(32_767);
    lane.renew();
    expect(lane.producerId).toBeUndefined();
    expect(sent(lane)?.epoch).toBe(0);
  });
});
