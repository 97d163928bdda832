/** Every log source of the taxonomy appendix is known to our pipelines; those of Windows select the events its tables name. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileRules } from '../index.ts';
import { plainMatch } from '../plain/index.ts';
import { onlyRule, ourPipelines, ruleText, shared } from './support.ts';

const file = join(shared, 'spec', 'sigma', 'specification', 'sigma-appendix-taxonomy.md');
const present = existsSync(file);

interface Row {
  readonly logsource: Readonly<Record<string, string>>;
  readonly name: string;
  readonly channels: readonly string[];
  readonly ids: readonly number[];
}

/** The rows of the tables: `| product | product: x<br>service: y | EventID: 1<br>Channel: … |`. */
function rows(text: string): Row[] {
  return [...text.matchAll(/^\|[^|]*\| *((?:(?:product|service|category): *[^|<\s]+ *(?:<br>)? *)+)\|([^|]*)\|/gm)].map(
    ([, names = '', description = '']) => {
      const logsource = Object.fromEntries(
        [...names.matchAll(/(product|service|category): *([^|<\s]+)/g)].map(([, key = '', value = '']) => [key, value.toLowerCase()]),
      );
      const [, ids = ''] = /EventIDs?:([\d\s<br>-]*)/.exec(description) ?? [];
      const [, channels = ''] = /Channel:(.*)$/.exec(description) ?? [];
      return {
        logsource,
        name: Object.values(logsource).join(' '),
        ids: [...ids.matchAll(/\d+/g)].map(([id]) => Number(id)),
        // One row has Splunk's prefix before the name of the channel.
        channels: channels
          .replaceAll('WinEventLog:', '')
          .split(/<br>\s*-?/)
          .map((channel) => channel.replace(/^\s*-\s+/, '').trim())
          .filter((channel) => channel !== ''),
      };
    },
  );
}

describe.skipIf(!present)('the taxonomy appendix', () => {
  const table = present ? rows(readFileSync(file, 'utf8')) : [];
  const pipelines = ourPipelines();
  const ruleOn = (logsource: Row['logsource']) =>
    onlyRule(
      ruleText('    s: {F: 1}\n    condition: s').replace(
        'product: test',
        Object.entries(logsource)
          .map(([key, value]) => `${key}: ${value}`)
          .join('\n    '),
      ),
    );

  it('names more than a hundred log sources', () => expect(table.length).toBeGreaterThan(100));
  it.each(table)('$name is known', ({ logsource }) =>
    expect(compileRules([ruleOn(logsource)], { pipelines }).withoutLogsource).toEqual([]),
  );
  it.each(table.filter(({ channels }) => channels.length > 0))('$name selects $channels $ids', ({ logsource, channels, ids }) => {
    const rule = ruleOn(logsource);
    const set = compileRules([rule], { pipelines });
    for (const channel of channels)
      for (const id of ids.length === 0 ? [9_999] : ids) {
        // Sysmon 12 is one event for keys made and keys deleted: its type says which.
        const types = logsource['category'] === 'registry_delete' ? 'DeleteKey' : 'CreateKey';
        const event = { EventID: id, Channel: channel, EventType: types, F: 1 };
        expect([channel, id, set.match(event).length]).toEqual([channel, id, 1]);
        expect(plainMatch(event, [rule], pipelines)).toHaveLength(1);
        expect(set.match({ ...event, Channel: 'Another' })).toEqual([]);
      }
  });
});
