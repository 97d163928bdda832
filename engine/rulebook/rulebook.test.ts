import { describe, expect, it, vi } from 'vitest';
import { ManualClock } from '@vong/platform/clock';
import { identityModule, type AuditTables, type By, type Scope } from '@vong/platform/identity';
import { openState, type State } from '@vong/platform/state';
import { Rulebook, rulebookModule, RuleViews } from './index.ts';

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
  const state = await openState({ path: ':memory:', modules: [identityModule, rulebookModule], clock });
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
    const before = await views.list({});
    clock.advance(5000);
    expect(await rulebook.import(files, ROOT)).toEqual({ imported: 0, updated: 0, unchanged: 2, failed: [] });
    expect(await views.list({})).toEqual(before);
    const changed = [file('a.yml', yaml(ID, 'Another title')), file('b.yml', yaml(OTHER))];
    expect(await rulebook.import(changed, ROOT)).toMatchObject({ imported: 0, updated: 1, unchanged: 1 });
    expect(await views.get(ID)).toMatchObject({ title: 'Another title', updatedAt: clock.now() });
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
    expect(await bench.views.get(ID)).toMatchObject({ title: 'Second', origin: 'b.yml' });
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
    expect(await views.get(ID)).toMatchObject({ title: 'New version', enabled: false });
    expect(await rulebook.enabled()).toEqual([]);
    expect(await rulebook.setEnabled([ID, 'nobody'], true, ROOT)).toBe(1);
    expect(await rulebook.enabled()).toMatchObject([{ id: ID, file: 'a.yml' }]);
  });

  it('by the engine leaves the reason with the rule until it is switched on again or a new version comes', async () => {
    await using bench = await openBench();
    const { rulebook, views } = bench;
    await rulebook.import([file('a.yml', yaml(ID))], ROOT);
    await rulebook.recordFault(ID, 'too costly');
    expect(await views.get(ID)).toMatchObject({ enabled: true, fault: 'too costly' });
    expect(await rulebook.enabled()).toEqual([]);
    expect(await rulebook.setEnabled([ID], true, ROOT)).toBe(1);
    expect((await views.get(ID)).fault).toBeUndefined();
    await rulebook.recordFault(ID, 'again');
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
    expect(await views.get(ID)).toMatchObject({ title: 'A rule', enabled: true });
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
    await rulebook.recordMatches(new Map([[ID, 3]]));
    await rulebook.recordMatches(new Map([[ID, 4]]));
    clock.advance(3 * 3_600_000);
    await rulebook.recordMatches(new Map([[ID, 5]]));
    expect((await views.get(ID)).matches24h).toBe(12);
    clock.advance(22 * 3_600_000);
    expect((await views.get(ID)).matches24h).toBe(5);
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
      const page = await views.list({ limit: 7, ...(cursor === undefined ? {} : { cursor }) });
      expect(page.total).toBe(25);
      seen.push(...page.items.map((rule) => rule.id));
      cursor = page.next;
    } while (cursor !== undefined);
    expect(seen).toHaveLength(25);
    expect(new Set(seen).size).toBe(25);
    expect((await views.list({ q: '100%' })).total).toBe(13);
    expect((await views.list({ q: '%' })).total).toBe(13);
    expect((await views.list({ level: 'low,high', product: 'windows', enabled: true })).total).toBe(25);
    expect((await views.list({ level: 'low' })).total).toBe(0);
    expect((await views.list({ cursor: '{"x":', limit: 3 })).items).toHaveLength(3);
    await expect(views.get('nobody')).rejects.toMatchObject({ code: 'RULES_NOT_FOUND' });
  });
});
