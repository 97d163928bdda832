import { decodeParsed, PARSED_FORMAT, parseSigma } from 'sigma-rules-ts';
import type * as Sigma from 'sigma-rules-ts';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { State } from '@vong/platform/state';
import type { RuleTables } from './index.ts';
import { file, openBench, ROOT } from './test/setup.ts';

vi.mock('sigma-rules-ts', async (original) => {
  const real = await original<typeof Sigma>();
  return { ...real, parseSigma: vi.fn(real.parseSigma) };
});
const parse = vi.mocked(parseSigma);
beforeEach(() => void parse.mockClear());

const rule = (id: string, value = 'x'): string =>
  `title: R\nid: ${id}\nlogsource: {product: windows}\ndetection: {s: {A: ${value}}, condition: s}\n`;
const FILES = [file('a.yml', rule('a')), file('b.yml', rule('b'))];
const correlation = (id: string): string =>
  `title: C\nid: ${id}\ncorrelation: {type: event_count, rules: [a], group-by: [], timespan: 5m, condition: {gte: 3}}\n`;

const rowsIn = async (state: State) => await state.system<RuleTables>().selectFrom('rules').selectAll().orderBy('id').execute();
const change = async (state: State, values: Partial<Awaited<ReturnType<typeof rowsIn>>[number]>) =>
  void (await state.transaction<RuleTables, unknown>('system', async (trx) => await trx.updateTable('rules').set(values).execute()));
/** As rows of a version before the parsed form was kept. */
const FORGOTTEN = { parsed: null, parsed_format: 0 };

describe('the detectors are given', () => {
  it('what the import parsed: nothing is parsed for them', async () => {
    await using bench = await openBench();
    await bench.rulebook.import(FILES, ROOT);
    parse.mockClear();
    const texts = await bench.rulebook.texts(['a', 'b', 'gone']);
    expect(texts.map(({ id }) => id)).toEqual(['a', 'b']);
    for (const { yaml, file: name, parsed = '' } of texts) expect(decodeParsed(parsed, yaml)).toEqual(parseSigma(yaml, name));
    parse.mockClear();
    await bench.rulebook.texts(['a', 'b']);
    expect(parse).not.toHaveBeenCalled();
  });
  it.each([
    ['nothing was kept of', FORGOTTEN],
    ['another version kept', { parsed_format: PARSED_FORMAT + 1 }],
  ])('rules that %s, parsed once for all threads and kept', async (_, before) => {
    await using bench = await openBench();
    await bench.rulebook.import(FILES, ROOT);
    const imported = await rowsIn(bench.state);
    await change(bench.state, before);
    parse.mockClear();
    const [one, other] = await Promise.all([bench.rulebook.texts(['a', 'b']), bench.rulebook.texts(['a', 'b'])]);
    expect(parse).toHaveBeenCalledTimes(2);
    expect(one.map(({ parsed }) => parsed)).toEqual(imported.map(({ parsed }) => parsed));
    expect(other).toEqual(one);
    expect(await rowsIn(bench.state)).toEqual(imported);
  });
  it('rules although nothing can be stored', async () => {
    await using bench = await openBench();
    await bench.rulebook.import(FILES, ROOT);
    const before = await bench.rulebook.texts(['a', 'b']);
    await change(bench.state, FORGOTTEN);
    vi.spyOn(bench.state, 'transaction').mockRejectedValue(new Error('disk full'));
    expect(await bench.rulebook.texts(['a', 'b'])).toEqual(before);
  });
  it('the YAML alone of a rule that is no longer taken, and the reason is found there', async () => {
    await using bench = await openBench();
    await bench.rulebook.import(FILES, ROOT);
    await change(bench.state, { ...FORGOTTEN, yaml: 'title: no rule' });
    expect(await bench.rulebook.texts(['a'])).toEqual([expect.not.objectContaining({ parsed: expect.anything() })]);
    parse.mockClear();
    await bench.rulebook.texts(['a']);
    expect(parse).not.toHaveBeenCalled();
  });
  it('of a file of several documents each its own, with every correlation of the file', async () => {
    await using bench = await openBench();
    await bench.rulebook.import([file('all.yml', [rule('a'), rule('b'), correlation('c'), correlation('d')].join('---\n'))], ROOT);
    const kept = (await bench.rulebook.texts(['a', 'c'])).map(({ parsed = '' }) => decodeParsed(parsed));
    expect(kept.map((found) => found?.rules.map(({ id }) => id))).toEqual([['a'], []]);
    expect(kept.map((found) => found?.correlations.map(({ id }) => id))).toEqual([
      ['c', 'd'],
      ['c', 'd'],
    ]);
    parse.mockClear();
    expect((await bench.rulebook.correlated()).map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
    expect(parse).not.toHaveBeenCalled();
  });
});

describe('importing again', () => {
  it('parses no file that is stored as it is', async () => {
    await using bench = await openBench();
    await bench.rulebook.import(FILES, ROOT);
    parse.mockClear();
    expect(await bench.rulebook.import(FILES, ROOT)).toEqual({ imported: 0, updated: 0, unchanged: 2, failed: [] });
    expect(parse).not.toHaveBeenCalled();
    const changed = [FILES[0]!, file('b.yml', rule('b', 'y'))];
    expect(await bench.rulebook.import(changed, ROOT)).toMatchObject({ updated: 1, unchanged: 1 });
    expect(parse.mock.calls.map(([, name]) => name)).toEqual(['b.yml']);
  });
  it('a rule twice, the last one holds as it did', async () => {
    await using bench = await openBench();
    const twice = [file('a.yml', rule('a')), file('b.yml', rule('a', 'y'))];
    for (let round = 0; round < 2; round++) await bench.rulebook.import(twice, ROOT);
    expect(await rowsIn(bench.state)).toMatchObject([{ id: 'a', origin: 'b.yml' }]);
    expect(await bench.rulebook.import(twice.toReversed(), ROOT)).toMatchObject({ updated: 1, unchanged: 0 });
  });
  it('a file with a bad document reports it each time', async () => {
    await using bench = await openBench();
    const bad = [file('a.yml', `${rule('a')}---\ntitle: Bad\n`)];
    const { failed } = await bench.rulebook.import(bad, ROOT);
    expect(failed).toHaveLength(1);
    expect(await bench.rulebook.import(bad, ROOT)).toEqual({ imported: 0, updated: 0, unchanged: 1, failed });
  });
  it('keeps what was parsed of rows that had nothing kept', async () => {
    await using bench = await openBench();
    await bench.rulebook.import(FILES, ROOT);
    const before = await rowsIn(bench.state);
    await change(bench.state, FORGOTTEN);
    expect(await bench.rulebook.import(FILES, ROOT)).toMatchObject({ updated: 0, unchanged: 2 });
    expect(await rowsIn(bench.state)).toEqual(before);
  });
});
