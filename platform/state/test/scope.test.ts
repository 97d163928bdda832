import { assert, asyncProperty, constantFrom, uniqueArray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Scope } from '../../identity/scope.ts';
import { AGENCIES, fill, scopeOf, state, type Tables } from './scope-setup.ts';
import { SHAPES } from './scope-shapes.ts';

const everything: Scope = { ...scopeOf('vn'), agencies: 'all' };

const sorted = (rows: readonly { seen: string | null }[]): string[] =>
  rows.map((row) => row.seen ?? '').toSorted((a, b) => (a < b ? -1 : 1));

describe('a scoped handle', () => {
  it.each(Object.keys(SHAPES))('shows and touches no row of a sibling agency: %s', async (shape) => {
    const scopes = uniqueArray(constantFrom(...AGENCIES), { minLength: 0, maxLength: 3 });
    await assert(
      asyncProperty(scopes, async (codes) => {
        await fill();
        const seen = await SHAPES[shape]!(state.as<Tables>(scopeOf(...codes)));
        for (const row of seen) if (row.seen !== null) expect(codes).toContain(row.seen);
        const others = await state
          .system<Tables>()
          .selectFrom('alerts')
          .select(['id', 'n'])
          .where('agency', 'not in', ['-', ...codes])
          .execute();
        expect(others).toHaveLength((AGENCIES.length - codes.length) * 2);
        for (const { id, n } of others) expect(n).toBe(AGENCIES.indexOf(id.split('/')[0]!) * 10 + Number(id.split('/')[1]));
      }),
      { numRuns: 12 },
    );
  });

  it.each(Object.keys(SHAPES))('sees what is in its scope as if nothing else were there: %s', async (shape) => {
    const codes = ['bca', 'byt-k'];
    await fill();
    const scoped = await SHAPES[shape]!(state.as<Tables>(scopeOf(...codes)));
    await fill();
    const db = state.system<Tables>();
    for (const table of ['alerts', 'notes'] as const) await db.deleteFrom(table).where('agency', 'not in', codes).execute();
    const alone = await SHAPES[shape]!(db);
    expect(sorted(scoped)).toEqual(sorted(alone));
    expect(alone.length + (shape.startsWith('order') ? 1 : 0)).toBeGreaterThan(0);
  });

  it('with the scope `all` sees everything and writes everywhere', async () => {
    await fill();
    const db = state.as<Tables>(everything);
    expect(await db.selectFrom('alerts').selectAll().execute()).toHaveLength(8);
    await db.insertInto('alerts').values({ id: 'new', agency: 'anywhere', n: 0 }).execute();
    expect(await db.deleteFrom('alerts').executeTakeFirst()).toMatchObject({ numDeletedRows: 9n });
  });

  it('holds thousands of agencies in one parameter', async () => {
    await fill();
    const codes = Array.from({ length: 4000 }, (_, i) => `unit-${i}`);
    const query = state
      .as<Tables>(scopeOf(...codes, 'byt'))
      .selectFrom('alerts')
      .selectAll();
    expect(query.compile().parameters).toHaveLength(1);
    expect(await query.execute()).toHaveLength(2);
  });
});
