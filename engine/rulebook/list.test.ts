import { describe, expect, it } from 'vitest';
import type { RuleFilter } from './list.ts';
import { by, file, ID, numbered, openBench, ROOT, yaml } from './test/setup.ts';

describe('the list', () => {
  it('gives every rule once, page by page, and filters; an odd cursor starts anew, and % is only a character', async () => {
    await using bench = await openBench();
    const { rulebook, views } = bench;
    await rulebook.import(
      Array.from({ length: 25 }, (_, n) => file(`r${n}.yml`, yaml(numbered(n), n % 2 === 0 ? 'Even 100%' : 'Odd'))),
      ROOT,
    );
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await views.list(ROOT.scope, { limit: 7, ...(cursor === undefined ? {} : { cursor }) });
      expect(page.total).toBe(25);
      seen.push(...page.items.map((rule) => rule.id));
      cursor = page.next;
    } while (cursor !== undefined);
    expect(seen).toHaveLength(25);
    expect(new Set(seen).size).toBe(25);
    expect((await views.list(ROOT.scope, { q: '100%' })).total).toBe(13);
    expect((await views.list(ROOT.scope, { q: '%' })).total).toBe(13);
    expect((await views.list(ROOT.scope, { level: 'low,high', product: 'windows', enabled: true })).total).toBe(25);
    expect((await views.list(ROOT.scope, { level: 'low' })).total).toBe(0);
    expect((await views.list(ROOT.scope, { cursor: '{"x":', limit: 3 })).items).toHaveLength(3);
    await expect(views.get(ROOT.scope, 'nobody')).rejects.toMatchObject({ code: 'RULES_NOT_FOUND' });
  });

  it('comes in any order, page by page, with equals by title', async () => {
    await using bench = await openBench();
    const { rulebook, views } = bench;
    const levels = ['low', 'critical', 'medium', 'informational', 'high'];
    const files = levels.flatMap((level, n) =>
      ['a', 'b'].map((title, m) => file(`${n}${m}.yml`, yaml(numbered(2 * n + m), `${title} ${level}`).replace('high', level))),
    );
    await rulebook.import(files, ROOT);
    await rulebook.recordMatches([[numbered(7), 'bo-a', 9]]);
    const titles = async (filter: RuleFilter): Promise<string[]> => {
      const all: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await views.list(ROOT.scope, { ...filter, limit: 3, ...(cursor === undefined ? {} : { cursor }) });
        all.push(...page.items.map(({ title }) => title));
        cursor = page.next;
      } while (cursor !== undefined);
      return all;
    };
    const descending = ['critical', 'high', 'medium', 'low', 'informational'].flatMap((level) => [`a ${level}`, `b ${level}`]);
    expect(await titles({ sort: 'level' })).toEqual(descending);
    expect(await titles({ sort: 'level', direction: 'ascending' })).toHaveLength(10);
    const byTitle = await titles({});
    expect(await titles({ direction: 'descending' })).toEqual(byTitle.toReversed());
    for (const sort of ['matches', 'last'] as const) expect((await titles({ sort }))[0]).toBe('b informational');
    // Nothing of these is known yet: all are equal.
    for (const sort of ['state', 'cost'] as const) expect(await titles({ sort })).toEqual(byTitle);
  });
});

describe('matches', () => {
  it('are added up over the last 24 hours', async () => {
    await using bench = await openBench();
    const { rulebook, views, clock } = bench;
    await rulebook.import([file('a.yml', yaml(ID))], ROOT);
    await rulebook.recordMatches([[ID, 'bo-a', 3]]);
    await rulebook.recordMatches([[ID, 'bo-b', 4]]);
    clock.advance(3 * 3_600_000);
    await rulebook.recordMatches([[ID, 'bo-a', 5]]);
    expect(await views.get(ROOT.scope, ID)).toMatchObject({ matches24h: 12, lastMatch: clock.now() });
    expect((await views.get(ROOT.scope, ID)).hourly?.slice(-4)).toEqual([7, 0, 0, 5]);
    clock.advance(22 * 3_600_000);
    expect((await views.get(ROOT.scope, ID)).matches24h).toBe(5);
  });

  it('are those of the agencies the reader reaches', async () => {
    await using bench = await openBench();
    const { rulebook, views } = bench;
    await rulebook.import([file('a.yml', yaml(ID))], ROOT);
    await rulebook.recordMatches([
      [ID, 'bo-a', 3],
      [ID, 'bo-b', 40],
    ]);
    expect((await views.get(by(new Set(['bo-a'])).scope, ID)).matches24h).toBe(3);
    expect(await views.get(by(new Set(['bo-c'])).scope, ID)).not.toHaveProperty('lastMatch');
  });
});
