import { assert, array, integer, boolean, property, constantFrom, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuditTables } from '@vong/platform/identity';
import { valuesAlong, valuesOfTree } from './agency-values.ts';
import type { RuleTables } from './schema.ts';
import { by, openBench, ROOT } from './test/setup.ts';

const MINISTRY = by(new Set(['bo-a', 'cuc-a']));

async function benchOfTree() {
  const bench = await openBench();
  const db = bench.state.system<{ agencies: Record<string, unknown> }>();
  for (const [agency, path] of [
    ['bo-a', 'vn/bo-a'],
    ['cuc-a', 'vn/bo-a/cuc-a'],
    ['bo-b', 'vn/bo-b'],
  ] as const)
    await db
      .insertInto('agencies')
      .values({ agency, path, name_vi: agency, name_en: agency, kind: 'unit', parent: path.split('/').at(-2), created_at: 0 })
      .execute();
  return bench;
}

const given = (name: string, values: string[], replaces = false) => ({ place: { agency: '', name }, change: { values, replaces } });

describe('values for placeholders', () => {
  it('are inherited down the tree; an agency adds to them, or replaces them where it says so', async () => {
    await using bench = await benchOfTree();
    const { values } = bench;
    const give = async (agency: string, entries: string[], replaces = false): Promise<void> =>
      await values.change(ROOT, { agency, name: 'Servers' }, given('Servers', entries, replaces).change);
    await give('vn', ['root*']);
    await give('bo-a', ['a1', 'root*']);
    await give('bo-b', ['b1'], true);
    expect(await values.of('vn')).toEqual({ Servers: ['root*'] });
    expect(await values.of('cuc-a')).toEqual({ Servers: ['root*', 'a1'] });
    expect(await values.of('bo-b')).toEqual({ Servers: ['b1'] });
    expect(await values.of('nobody')).toEqual({});
    await give('cuc-a', [], true);
    expect(await values.of('cuc-a')).toEqual({ Servers: [] });
    await values.change(ROOT, { agency: 'cuc-a', name: 'Servers' }, undefined);
    expect(await values.of('cuc-a')).toEqual({ Servers: ['root*', 'a1'] });
    expect(await values.current()).toEqual({
      sets: [{ Servers: ['root*'] }, { Servers: ['root*', 'a1'] }, { Servers: ['b1'] }],
      agencies: { 'bo-a': 1, 'cuc-a': 1, 'bo-b': 2 },
    });
  });

  it('are shown with what is inherited, to those who reach the agency', async () => {
    await using bench = await benchOfTree();
    const { values } = bench;
    await values.change(ROOT, { agency: 'vn', name: 'Servers' }, { values: ['root*'], replaces: false });
    await values.change(MINISTRY, { agency: 'cuc-a', name: 'Servers' }, { values: ['c'], replaces: false });
    const own = { values: ['c'], replaces: false, updatedAt: bench.clock.now(), updatedBy: 'lan' };
    expect(await values.list(MINISTRY.scope, 'cuc-a')).toEqual([
      { name: 'Servers', rules: [], inherited: ['root*'], effective: ['root*', 'c'], own },
    ]);
    await expect(values.list(MINISTRY.scope, 'bo-b')).rejects.toMatchObject({ code: 'RULES_AGENCY_UNKNOWN', status: 404 });
  });

  it('are changed only in agencies in reach, each change audited there', async () => {
    await using bench = await benchOfTree();
    const { values, state } = bench;
    const change = { values: ['x'], replaces: false };
    for (const agency of ['vn', 'bo-b', 'nobody'])
      await expect(values.change(MINISTRY, { agency, name: 'Servers' }, change)).rejects.toMatchObject({ code: 'RULES_AGENCY_UNKNOWN' });
    expect(await state.system<RuleTables>().selectFrom('rule_values').selectAll().execute()).toEqual([]);
    await values.change(MINISTRY, { agency: 'cuc-a', name: 'Servers' }, change);
    await values.change(MINISTRY, { agency: 'cuc-a', name: 'Servers' }, undefined);
    const trail = await state.system<AuditTables>().selectFrom('audit').select(['action', 'target', 'agency']).execute();
    const entry = { action: 'values.change', target: 'Servers', agency: 'cuc-a' };
    expect(trail).toEqual([entry, entry]);
  });

  it('of the whole tree are those worked out agency by agency', () => {
    const name = constantFrom('A', 'B', '__proto__', 'toString');
    const row = record({
      at: integer({ min: 0, max: 12 }),
      name,
      entries: array(constantFrom('x', 'y', 'z'), { maxLength: 3 }),
      replaces: boolean(),
    });
    assert(
      property(array(integer({ min: 0, max: 11 }), { minLength: 1, maxLength: 12 }), array(row, { maxLength: 20 }), (parents, rows) => {
        const paths = ['n0'];
        parents.forEach((parent, at) => paths.push(`${paths[parent % (at + 1)]}/n${at + 1}`));
        const agencies = paths.map((path, at) => ({ agency: `n${at}`, path }));
        const unique = new Map(rows.map((one) => [`${one.at}/${one.name}`, one]));
        const stored = [...unique.values()].map((one) => ({
          agency: `n${one.at}`,
          name: one.name,
          entries: JSON.stringify(one.entries),
          replaces: one.replaces ? 1 : 0,
        }));
        const whole = valuesOfTree(agencies, stored);
        for (const { agency, path } of agencies)
          expect(whole.sets[whole.agencies[agency] ?? 0]).toEqual(valuesAlong(path.split('/'), stored));
      }),
      { numRuns: 200 },
    );
  });
});
