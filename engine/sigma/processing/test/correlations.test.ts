import { describe, expect, it } from 'vitest';
import { applyProcessingToCorrelations, loadProcessingPipeline, parseSigma } from '../../index.ts';
import { pipelineOf } from './support.ts';

const text = `title: Logons
id: logons
name: failed
logsource: {product: windows, service: security}
detection: {s: {EventID: 4625}, condition: s}
---
title: Many
id: many
name: many
correlation:
    type: value_count
    rules: [failed]
    group-by: [ComputerName, who]
    timespan: 5m
    aliases: {who: {failed: TargetUserName}}
    condition: {gte: 5, field: IpAddress}
---
title: Then
id: then
correlation: {type: temporal, rules: [many], group-by: [ComputerName], timespan: 1h}
`;
const { rules, correlations, failures } = parseSigma(text, 'c.yml');
const run = (...lines: string[]) =>
  applyProcessingToCorrelations(correlations, [loadProcessingPipeline(pipelineOf(...lines), 'p.yml')], { rules });

describe('a processing pipeline on correlations', () => {
  it('maps the fields they group by, those of aliases and those of conditions, never the aliases themselves', () => {
    expect(failures).toEqual([]);
    const mapping =
      '{type: field_name_mapping, mapping: {ComputerName: host.name, TargetUserName: user.name, IpAddress: source.ip, who: wrong}}';
    const { correlations: done } = run(mapping);
    expect(done[0]).toMatchObject({
      groupBy: ['host.name', 'who'],
      aliases: [{ name: 'who', fields: [{ rule: 'failed', field: 'user.name' }] }],
      condition: { fields: ['source.ip'] },
    });
    expect(done[1]?.groupBy).toEqual(['host.name']);
  });
  it('may give a group several names, but an alias and a condition only one', () => {
    expect(run('{type: field_name_mapping, mapping: {ComputerName: [a, b]}}').correlations.map(({ groupBy }) => groupBy)).toEqual([
      ['a', 'b', 'who'],
      ['a', 'b'],
    ]);
    const { correlations: done, failures: refused } = run('{type: field_name_mapping, mapping: {IpAddress: [a, b]}}');
    expect(done.map(({ id }) => id)).toEqual(['then']);
    expect(refused).toMatchObject([{ file: 'c.yml', line: 7, code: 'SIGMA_TRANSFORMATION' }]);
  });
  it('asks for the log source of the rules they refer to, through other correlations too', () => {
    const on = (condition: string): string[] =>
      run(`{type: field_name_prefix, prefix: p., rule_conditions: [${condition}]}`).correlations.map(({ groupBy }) => groupBy[0] ?? '');
    expect(on('{type: logsource, service: security}')).toEqual(['p.ComputerName', 'p.ComputerName']);
    expect(on('{type: logsource, service: system}')).toEqual(['ComputerName', 'ComputerName']);
    expect(on('{type: is_sigma_correlation_rule}')).toEqual(['p.ComputerName', 'p.ComputerName']);
    expect(on('{type: is_sigma_rule}')).toEqual(['ComputerName', 'ComputerName']);
  });
});
