import { describe, expect, it } from 'vitest';
import type { RulesLoaded } from '../detector/index.ts';
import { file, ID, numbered, openBench, OTHER, ROOT, yaml } from './test/setup.ts';

describe('what the detectors run', () => {
  const loaded = (versions: Record<string, string>, more: Partial<RulesLoaded> = {}): RulesLoaded => ({
    generation: 1,
    at: 1_800_000_000_500,
    rules: 1,
    withoutLogsource: [],
    failed: [],
    ms: 1,
    versions: new Map(Object.entries(versions)),
    processing: [],
    ...more,
  });

  it('is pending until every thread uses it, and says since when which version is in use', async () => {
    await using bench = await openBench();
    const { rulebook, views } = bench;
    await rulebook.import([file('a.yml', yaml(ID))], ROOT);
    const { version } = await views.get(ROOT.scope, ID);
    expect(await views.get(ROOT.scope, ID)).toMatchObject({ state: 'pending' });
    await rulebook.recordLoaded(loaded({ [ID]: version }));
    const inUse = { version, since: 1_800_000_000_500 };
    expect(await views.get(ROOT.scope, ID)).toMatchObject({ state: 'in_use', inUse });
    await rulebook.recordLoaded(loaded({ [ID]: version }, { at: 1_900_000_000_000 }));
    await rulebook.import([file('a.yml', yaml(ID, 'New'))], ROOT);
    expect(await views.get(ROOT.scope, ID)).toMatchObject({ state: 'pending', inUse });
    await rulebook.setEnabled([ID], false, ROOT);
    expect(await views.get(ROOT.scope, ID)).toMatchObject({ state: 'pending', inUse });
    await rulebook.recordLoaded(loaded({}));
    expect(await views.get(ROOT.scope, ID)).toMatchObject({ state: 'off' });
    expect(await views.get(ROOT.scope, ID)).not.toHaveProperty('inUse');
  });

  it('is pending until every process that is alive uses it, and a dead one is not waited for', async () => {
    await using bench = await openBench();
    const { rulebook, views, clock } = bench;
    await rulebook.import([file('a.yml', yaml(ID))], ROOT);
    const { version } = await views.get(ROOT.scope, ID);
    expect(await rulebook.recordLoaded(loaded({}), 'one')).toBe(true);
    expect(await rulebook.recordLoaded(loaded({ [ID]: version }, { at: 1_800_000_000_700 }), 'two')).toBe(false);
    expect(await views.get(ROOT.scope, ID)).toMatchObject({ state: 'pending' });
    expect(await rulebook.recordLoaded(loaded({ [ID]: version }), 'one')).toBe(true);
    expect(await views.get(ROOT.scope, ID)).toMatchObject({ state: 'in_use', inUse: { version, since: 1_800_000_000_700 } });
    await rulebook.import([file('a.yml', yaml(ID, 'New'))], ROOT);
    const newer = (await views.get(ROOT.scope, ID)).version;
    expect(await rulebook.recordLoaded(loaded({ [ID]: newer }), 'one')).toBe(false);
    clock.advance(31_000);
    expect(await rulebook.recordLoaded(loaded({ [ID]: newer }), 'one')).toBe(true);
    expect(await rulebook.touchNode('two')).toBe(false);
    expect(await rulebook.running()).toBe(1);
    await rulebook.forgetNode('one');
    expect(await rulebook.touchNode('one')).toBe(false);
  });

  it('is told with the reason where a rule is not run, and can be filtered by', async () => {
    await using bench = await openBench();
    const { rulebook, views } = bench;
    const ids = [1, 2, 3, 4].map(numbered);
    await rulebook.import(
      ids.map((id) => file(`${id}.yml`, yaml(id))),
      ROOT,
    );
    const versions = Object.fromEntries((await views.list(ROOT.scope, {})).items.map(({ id, version }) => [id, version]));
    const failed = [
      { id: numbered(1), file: 'x', code: 'SIGMA_REGEX', reason: 'no such thing' },
      { id: numbered(2), file: 'x', code: 'SIGMA_PLACEHOLDER', reason: 'no values' },
    ];
    await rulebook.recordLoaded(loaded(versions, { failed, withoutLogsource: [numbered(3)] }));
    const states = (await views.list(ROOT.scope, {})).items.map(({ state, reason }) => [state, reason]);
    expect(states).toEqual([
      ['faulty', 'no such thing'],
      ['needs_values', 'no values'],
      ['no_logsource', undefined],
      ['in_use', undefined],
    ]);
    expect((await views.list(ROOT.scope, { state: 'faulty,no_logsource' })).total).toBe(2);
  });

  it('keeps the text of versions that were replaced', async () => {
    await using bench = await openBench();
    const { rulebook, views } = bench;
    const versions: string[] = [];
    for (let n = 0; n < 23; n++) {
      bench.clock.advance(1000);
      await rulebook.import([file('a.yml', yaml(ID, `Version ${n}`))], ROOT);
      versions.push((await views.get(ROOT.scope, ID)).version);
    }
    expect((await views.text(ID, versions[5]))?.yaml).toContain('Version 5\n');
    expect((await views.text(ID, versions[0]))?.yaml).toContain('Version 22\n');
    expect((await views.text(ID))?.version).toBe(versions[22]);
  });

  it('has the costs that were measured last, by which the list can be sorted', async () => {
    await using bench = await openBench();
    const { rulebook, views } = bench;
    await rulebook.import([file('a.yml', yaml(ID, 'A')), file('b.yml', yaml(OTHER, 'B'))], ROOT);
    await rulebook.recordCosts([{ rule: OTHER, ns: 10, share: 0.1 }]);
    await rulebook.recordCosts([
      { rule: OTHER, ns: 420, share: 0.9 },
      { rule: ID, ns: 40, share: 0.1 },
    ]);
    const { items } = await views.list(ROOT.scope, { sort: 'cost' });
    expect(items.map(({ id, cost }) => [id, cost])).toEqual([
      [OTHER, { ns: 420, share: 0.9 }],
      [ID, { ns: 40, share: 0.1 }],
    ]);
  });

  it('a fault of a version that has been replaced meanwhile switches nothing off', async () => {
    await using bench = await openBench();
    const { rulebook, views } = bench;
    await rulebook.import([file('a.yml', yaml(ID))], ROOT);
    await rulebook.recordFault(ID, 'an older one', 'too costly');
    expect((await rulebook.enabled()).map(({ id }) => id)).toEqual([ID]);
    expect((await views.get(ROOT.scope, ID)).state).toBe('pending');
  });
});
