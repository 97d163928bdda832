import { describe, expect, it } from 'vitest';
import { loadPipelines, parseSigma } from 'sigma-rules-ts';
import { correlatedRules } from './correlated.ts';

const FILE = `title: Failed
id: failed
logsource: {product: linux}
detection: {s: {a: b}, condition: s}
---
title: Many
id: many
correlation: {type: event_count, rules: [failed], group-by: [User, ip], timespan: 1m, condition: {gte: 3}, aliases: {ip: {failed: source.ip}}}
---
title: Other
id: other
logsource: {product: linux}
detection: {s: {a: c}, condition: s}
`;
const pipelines = loadPipelines([
  `shapes: [{name: any, requires: [], roots: ['', deep], keywords: ['']}]
logsources: [{is: {product: linux}, fields: {User: user.name}}]`,
]);
const { rules, correlations } = parseSigma(FILE, 'many.yml');
const held = rules.map((rule) => ({ ...rule, file: rule.id, origin: rule.file }));
const event = { user: { name: 'binh' }, deep: { source: { ip: ['192.0.2.1', '192.0.2.2'] } }, source: { port: 22 } };

describe('the signal of a rule that correlations refer to', () => {
  it('carries what they read, found as the rule finds it, and that the rule of the same file stays silent', () => {
    const found = correlatedRules(held, { correlations, written: correlations, pipelines });
    expect(found.of('failed', event)).toEqual({ silent: true, fields: { User: 'binh', 'source.ip': ['192.0.2.1', '192.0.2.2'] } });
    expect(found.of('other', event)).toBeUndefined();
  });
  it('stays silent, and carries nothing, while the correlation is switched off', () => {
    expect(correlatedRules(held, { correlations: [], written: correlations, pipelines }).of('failed', event)).toEqual({
      silent: true,
      fields: {},
    });
  });
  it('alerts on its own where the correlation stands in another file, and does not forbid it', () => {
    const elsewhere = parseSigma(FILE, 'other.yml').correlations;
    expect(correlatedRules(held, { correlations: elsewhere, written: elsewhere, pipelines }).of('failed', event)?.silent).toBe(false);
    const forbidding = elsewhere.map((each) => ({ ...each, generate: false }));
    expect(correlatedRules(held, { correlations: forbidding, written: forbidding, pipelines }).of('failed', event)?.silent).toBe(true);
    expect(correlatedRules(held, { correlations: [], written: forbidding, pipelines }).of('failed', event)).toBeUndefined();
  });
  it('is not held up by a correlation that cannot be used: that one is named, with its place', () => {
    const broken = correlations.map((each) => ({ ...each, rules: [{ rule: 'nobody', place: { line: 9, column: 3 } }] }));
    expect(correlatedRules(held, { correlations: broken, written: broken, pipelines }).failed).toMatchObject([
      { id: 'many', file: 'many.yml', line: 9, column: 3, code: 'SIGMA_CORRELATION' },
    ]);
  });
});
