import { describe, expect, it, vi } from 'vitest';
import { ManualClock } from '@vong/platform/clock';
import { identityModule, type AuditTables, type By, type Scope } from '@vong/platform/identity';
import type { State } from '@vong/platform/state';
import { openTestState } from '@vong/platform/state/testing';
import type { RulesLoaded } from '../detector/index.ts';
import { Rulebook, rulebookModule, RuleViews } from './index.ts';
import type { RuleFilter } from './list.ts';

const ID = '77777777-7777-4777-8777-777777777777';
const OTHER = '88888888-8888-4888-8888-888888888888';

const yaml = (id: string, title = 'A rule'): string => `title: ${title}
id: ${id}
level: high
logsource:
  product: windows
detection:
  selection:
    CommandLine: x
  condition: selection
`;
const numbered = (n: number): string => `99999999-0000-4000-8000-${String(n).padStart(12, '0')}`;
const file = (name: string, text: string) => ({ name, text });

function by(agencies: Scope['agencies']): By {
  const agency = agencies === 'all' ? 'vn' : 'bo-a';
  return { scope: { actor: { kind: 'user', id: 'u', name: 'lan' }, role: 'administrator', agency, agencies }, from: '192.0.2.1' };
}
const ROOT = by('all');

interface Bench {
  readonly state: State;
  readonly clock: ManualClock;
  readonly rulebook: Rulebook;
  readonly views: RuleViews;
  [Symbol.asyncDispose](): Promise<void>;
}

async function openBench(): Promise<Bench> {
  const clock = new ManualClock(1_800_000_000_000);
  const state = await openTestState({ modules: [identityModule, rulebookModule], clock });
  const parts = { state, clock };
  return { ...parts, rulebook: new Rulebook(parts), views: new RuleViews(parts), [Symbol.asyncDispose]: async () => await state.close() };
}

async function audited({ state }: Bench): Promise<string[]> {
  const rows = await state.system<AuditTables>().selectFrom('audit').select('action').orderBy('sequence').execute();
  return rows.map(({ action }) => action);
}

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
