import { describe, expect, it } from 'vitest';
import { explainer } from './explainer.ts';
import { openBench, ROOT } from './test/setup.ts';

const RULE = '77777777-7777-4777-8777-777777777777';
const FILTER = '88888888-8888-4888-8888-888888888888';
const pipelines = [`shapes: [{name: any, requires: [], roots: [''], keywords: ['']}]\nlogsources: [{is: {product: windows}}]`];
const files = [
  { name: 'rule.yml', text: `title: R\nid: ${RULE}\nlevel: high\nlogsource: {product: windows}\ndetection: {s: {A: x}, condition: s}\n` },
  {
    name: 'mf_root.yml',
    text: `title: Root is known\nid: ${FILTER}\nlogsource: {product: windows}\nfilter: {rules: [${RULE}], own: {User: root}, condition: not own}\n`,
  },
];

async function benchWithFiles() {
  const bench = await openBench();
  await bench.rulebook.import(files, ROOT);
  return bench;
}

describe('a filter in the rulebook', () => {
  it('is imported, listed, versioned and switched like a rule, and says what it is', async () => {
    await using bench = await benchWithFiles();
    const { rulebook, views } = bench;
    expect(await rulebook.import(files, ROOT)).toEqual({ imported: 0, updated: 0, unchanged: 2, failed: [] });
    const { items } = await views.list(ROOT.scope, {});
    expect(items.map(({ id, kind, level, title }) => [id, kind, level, title])).toEqual([
      [RULE, undefined, 'high', 'R'],
      [FILTER, 'filter', 'informational', 'Root is known'],
    ]);
    expect((await rulebook.enabled()).map(({ id }) => id)).toEqual([RULE, FILTER]);
    expect(await rulebook.setEnabled([FILTER], false, ROOT)).toBe(1);
    expect((await rulebook.enabled()).map(({ id }) => id)).toEqual([RULE]);
    expect(await views.filters()).toEqual([]);
  });
  it('shows why the detectors cannot use it', async () => {
    await using bench = await benchWithFiles();
    const { rulebook, views } = bench;
    const versions = new Map((await rulebook.enabled()).map(({ id, version }) => [id, version]));
    const failed = [{ id: FILTER, file: 'mf_root.yml', line: 4, code: 'SIGMA_FILTER', reason: 'there is no rule "gone"' }];
    await rulebook.recordLoaded({ generation: 1, at: 5, rules: 1, withoutLogsource: [], failed, ms: 1, versions, processing: [] });
    expect(await views.get(ROOT.scope, FILTER)).toMatchObject({ state: 'faulty', reason: 'there is no rule "gone"' });
    expect(await views.get(ROOT.scope, RULE)).toMatchObject({ state: 'in_use' });
  });
  it('stands in the explanation of the rules it narrows, and pipelines change both', async () => {
    await using bench = await benchWithFiles();
    const { views, values } = bench;
    const processing = { texts: [{ file: 'p.yml', text: 'transformations: [{type: field_name_prefix, prefix: in.}]' }] };
    const explain = explainer({ views, values, pipelines, processing });
    const event = { in: { A: 'x', User: 'bob' }, organization: { id: 'vn' } };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the explanation needs of an event
    const found = await explain(RULE, event as unknown as Parameters<typeof explain>[1]);
    expect(found?.conditions).toMatchObject([
      {
        label: 'and',
        result: true,
        children: [
          { label: 's', result: true },
          { label: 'not', children: [{ label: '_filter_own' }] },
        ],
      },
    ]);
    expect(found?.matches).toMatchObject([{ selection: 's', field: 'in.A', path: 'in.A', value: 'x' }]);
  });
  it('beside correlations in an upload: both are kept, and what a correlation needs is found', async () => {
    await using bench = await benchWithFiles();
    const text = `title: C\nid: c\nlevel: high\ncorrelation: {type: event_count, rules: [${RULE}], group-by: [User], timespan: 5m, condition: {gte: 3}}\n`;
    expect((await bench.rulebook.import([{ name: 'c.yml', text }], ROOT)).failed).toEqual([]);
    expect((await bench.rulebook.correlated()).map(({ id }) => id)).toEqual([RULE, 'c'].toSorted());
    const listed = async (kind: 'rule' | 'correlation' | 'filter') =>
      (await bench.views.list(ROOT.scope, { kind })).items.map(({ id }) => id);
    expect(await listed('correlation')).toEqual(['c']);
    expect(await listed('rule')).toEqual([RULE]);
    expect(await listed('filter')).toEqual(
      (await bench.views.list(ROOT.scope, {})).items.map(({ id }) => id).filter((id) => ![RULE, 'c'].includes(id)),
    );
    await bench.rulebook.setEnabled(['c'], false, ROOT);
    expect(await bench.rulebook.correlated()).toEqual([]);
  });
});
