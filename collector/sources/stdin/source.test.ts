import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { systemClock } from '@vong/platform/clock';
import { Collected } from '../test/collect.ts';
import { createStdinSource } from './source.ts';

function read(positions?: ReadonlyMap<string, string>): { input: PassThrough; got: Collected } {
  const input = new PassThrough();
  return { input, got: new Collected(createStdinSource({ input, format: 'json' }, { clock: systemClock, host: 'h' }), positions) };
}

describe('standard input', () => {
  it('gives its lines whatever the chunks, the last one without an end as well, and ends', async () => {
    const { input, got } = read();
    for (const piece of ['{"a', '":1}\n{"b":', '2}\r\n\n{"c":3', '}']) input.write(piece);
    input.end();
    await got.done;
    expect(got.texts).toEqual(['{"a":1}', '{"b":2}', '{"c":3}']);
    expect(got.records[0]).toMatchObject({ source: 'stdin', format: 'json', host: 'h' });
  });

  it('is another run at every start, with ids of its own', async () => {
    const first = read();
    first.input.end('same\n');
    await first.got.done;
    const second = read(first.got.positions);
    second.input.end('same\n');
    await second.got.done;
    expect(second.got.records[0]!.id).not.toBe(first.got.records[0]!.id);
  });

  it('ends when it is stopped in the middle', async () => {
    const { input, got } = read();
    input.write('one\ntwo');
    await new Promise((resolve) => setTimeout(resolve, 20));
    await got.stop();
    expect(got.texts).toEqual(['one']);
  });
});
