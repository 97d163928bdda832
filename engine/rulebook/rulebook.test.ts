import { describe, expect, it, vi } from 'vitest';
import { audited, by, file, ID, openBench, OTHER, ROOT, yaml } from './test/setup.ts';

describe('importing', () => {
  it('the same files again changes nothing; a changed file updates its rule', async () => {
    await using bench = await openBench();
    const { rulebook, views, clock } = bench;
    const files = [file('a.yml', yaml(ID)), file('b.yml', yaml(OTHER))];
    expect(await rulebook.import(files, ROOT)).toEqual({ imported: 2, updated: 0, unchanged: 0, failed: [] });
    const before = await views.list(ROOT.scope, {});
    clock.advance(5000);
    expect(await rulebook.import(files, ROOT)).toEqual({ imported: 0, updated: 0, unchanged: 2, failed: [] });
    expect(await views.list(ROOT.scope, {})).toEqual(before);
    const changed = [file('a.yml', yaml(ID, 'Another title')), file('b.yml', yaml(OTHER))];
    expect(await rulebook.import(changed, ROOT)).toMatchObject({ imported: 0, updated: 1, unchanged: 1 });
    expect(await views.get(ROOT.scope, ID)).toMatchObject({ title: 'Another title', updatedAt: clock.now() });
  });

  it('keeps what cannot be read with file, line and reason, stops no other, and forgets it when it is mended', async () => {
    await using bench = await openBench();
    const { rulebook, views } = bench;
    const bad = file('pack/bad.yml', 'title: Bad\nid: not-an-id\ndetection:\n  selection: [unclosed\n');
    const result = await rulebook.import([bad, file('good.yml', yaml(ID))], ROOT);
    expect(result).toMatchObject({ imported: 1, failed: [{ file: 'pack/bad.yml', code: 'SIGMA_YAML', line: expect.any(Number) }] });
    expect(await views.failures()).toEqual(result.failed);
    await rulebook.import([bad], ROOT);
    expect(await views.failures()).toHaveLength(1);
    await rulebook.import([file('pack/bad.yml', yaml(OTHER))], ROOT);
    expect(await views.failures()).toEqual([]);
  });

  it('a rule twice in one upload counts once, the last one holds', async () => {
    await using bench = await openBench();
    const result = await bench.rulebook.import([file('a.yml', yaml(ID, 'First')), file('b.yml', yaml(ID, 'Second'))], ROOT);
    expect(result).toMatchObject({ imported: 1, updated: 0 });
    expect(await bench.views.get(ROOT.scope, ID)).toMatchObject({ title: 'Second', origin: 'b.yml' });
  });
});

describe('a rule with a name nobody can look up', () => {
  it('is a failure of its own file, and the others are stored', async () => {
    await using bench = await openBench();
    const long = Array.from({ length: 990 }, (_, i) => String.fromCodePoint(0x4e00 + ((i * 7919) % 20_000))).join('');
    const result = await bench.rulebook.import([file('a.yml', yaml(ID, long)), file('b.yml', yaml(OTHER))], ROOT);
    expect(result).toMatchObject({
      imported: 1,
      failed: [{ file: 'a.yml', code: 'SIGMA_DOCUMENT', reason: 'id and title have more than 2500 bytes' }],
    });
  });
});

describe('switching off', () => {
  it('outlives a new version of the rule', async () => {
    await using bench = await openBench();
    const { rulebook, views } = bench;
    await rulebook.import([file('a.yml', yaml(ID))], ROOT);
    expect(await rulebook.setEnabled([ID], false, ROOT)).toBe(1);
    expect(await rulebook.setEnabled([ID], false, ROOT)).toBe(0);
    await rulebook.import([file('a.yml', yaml(ID, 'New version'))], ROOT);
    expect(await views.get(ROOT.scope, ID)).toMatchObject({ title: 'New version', enabled: false });
    expect(await rulebook.enabled()).toEqual([]);
    expect(await rulebook.setEnabled([ID, 'nobody'], true, ROOT)).toBe(1);
    expect(await rulebook.enabled()).toMatchObject([{ id: ID }]);
  });

  it('by the engine leaves the reason with the rule until it is switched on again or a new version comes', async () => {
    await using bench = await openBench();
    const { rulebook, views } = bench;
    await rulebook.import([file('a.yml', yaml(ID))], ROOT);
    await rulebook.recordFault(ID, (await views.get(ROOT.scope, ID)).version, 'too costly');
    expect(await views.get(ROOT.scope, ID)).toMatchObject({ enabled: true, state: 'faulty', reason: 'too costly' });
    expect(await rulebook.enabled()).toEqual([]);
    expect(await rulebook.setEnabled([ID], true, ROOT)).toBe(1);
    expect((await views.get(ROOT.scope, ID)).reason).toBeUndefined();
    await rulebook.recordFault(ID, (await views.get(ROOT.scope, ID)).version, 'again');
    await rulebook.import([file('a.yml', yaml(ID, 'Mended'))], ROOT);
    expect(await rulebook.enabled()).toHaveLength(1);
  });
});

describe('who may', () => {
  it('only an administrator of the root; nothing is changed or audited for anyone else', async () => {
    await using bench = await openBench();
    const { rulebook, views } = bench;
    await rulebook.import([file('a.yml', yaml(ID))]);
    const ministry = by(new Set(['bo-a']));
    await expect(rulebook.import([file('a.yml', yaml(ID, 'Theirs'))], ministry)).rejects.toMatchObject({ code: 'RULES_ROOT_ONLY' });
    await expect(rulebook.setEnabled([ID], false, ministry)).rejects.toMatchObject({ code: 'RULES_ROOT_ONLY', status: 403 });
    expect(await views.get(ROOT.scope, ID)).toMatchObject({ title: 'A rule', enabled: true });
    expect(await audited(bench)).toEqual([]);
  });

  it('every change by a person is audited, once per rule', async () => {
    await using bench = await openBench();
    await bench.rulebook.import([file('a.yml', yaml(ID)), file('b.yml', yaml(OTHER))], ROOT);
    await bench.rulebook.setEnabled([ID, OTHER], false, ROOT);
    await bench.rulebook.setEnabled([OTHER], true, ROOT);
    expect(await audited(bench)).toEqual(['rule.import', 'rule.disable', 'rule.disable', 'rule.enable']);
  });
});

describe('telling the detectors', () => {
  it('happens once for changes that come close together, and not at all when nothing changed', async () => {
    await using bench = await openBench();
    const { rulebook } = bench;
    let told = 0;
    const stop = rulebook.onChange(() => void told++);
    for (let n = 0; n < 5; n++) await rulebook.import([file('a.yml', yaml(ID, `Version ${n}`))], ROOT);
    await rulebook.setEnabled([ID], false, ROOT);
    await vi.waitFor(() => expect(told).toBe(1), { timeout: 3000 });
    await rulebook.import([file('a.yml', yaml(ID, 'Version 4'))], ROOT);
    await rulebook.setEnabled([ID], false, ROOT);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(told).toBe(1);
    stop();
    await rulebook.setEnabled([ID], true, ROOT);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(told).toBe(1);
  });
});
