/** The examples of the specification itself, where the shared data is there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileCorrelations, parseSigma } from '../../index.ts';
import { shared } from '../../test/support.ts';

const page = join(shared, 'spec', 'sigma', 'specification', 'sigma-correlation-rules-specification.md');
const present = existsSync(page);
const examples = present
  ? [...readFileSync(page, 'utf8').matchAll(/```ya?ml\n([\s\S]*?)```/g)]
      .map((found) => found[1] ?? '')
      .filter((text) => /^ {4}type:/m.test(text))
  : [];

describe.skipIf(!present)('the examples of the correlation specification', () => {
  it('are all read; where one is cut short to its correlation, only its title is missing', () => {
    expect(examples.length).toBeGreaterThan(7);
    for (const text of examples) {
      const { correlations, failures } = parseSigma(text.startsWith('title') ? text : `title: Cut short\n${text}`, 'example.yml');
      expect(failures).toEqual([]);
      expect(correlations.length).toBeGreaterThan(0);
    }
  });
  it('"Failed Logins Followed by Successful Login" matches ten failures and a success of one user, in this order', () => {
    const { rules, correlations } = parseSigma(examples.at(-1) ?? '', 'example.yml');
    const run = (failures: number, success: number, user: string) => {
      const { correlator } = compileCorrelations(correlations, { rules });
      const failed = Array.from({ length: failures }, (_, i) => ({
        rule: '53ba33fd-3a50-4468-a5ef-c583635cfa92',
        time: i * 1000,
        User: 'ann',
      }));
      const all = [...failed, { rule: '4d0a2c83-c62c-4ed4-b475-c7e23a9269b8', time: success * 1000, User: user }];
      const events = all
        .toSorted((a, b) => a.time - b.time)
        .map(({ rule, time, User }, i) => ({ rule, time, id: `${i}`, fields: { User } }));
      return events.flatMap((event) => correlator.push(event)).filter(({ correlation }) => correlation.level === 'high').length;
    };
    expect([run(10, 20, 'ann'), run(10, 20, 'bob'), run(9, 20, 'ann'), run(10, 2, 'ann'), run(10, 620, 'ann')]).toEqual([1, 0, 0, 0, 0]);
  });
});
