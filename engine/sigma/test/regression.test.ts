/** Every case of SigmaHQ's regression data raises its rule, from its event in each of the shapes that our pipelines know. */
import { describe, expect, it } from 'vitest';
import { compileRules } from '../index.ts';
import { isRecord } from '../pipelines/paths.ts';
import { plainMatch } from '../plain/index.ts';
import { corpusRules, hasCorpus, ourPipelines, regressionCases } from './support.ts';

type Members = Readonly<Record<string, unknown>>;

const record = (value: unknown): Members => (isRecord(value) ? value : {});

/** What stands in the head and in the body of an event as EVTX readers write it. */
function partsOf(event: object): { id: unknown; channel: unknown; provider: unknown; computer: unknown; data: Members; user: Members } {
  const { System, EventData, UserData } = record(record(event)['Event']);
  const { EventID, Channel, Provider, Computer } = record(System);
  return {
    id: isRecord(EventID) ? EventID['#text'] : EventID,
    channel: Channel,
    provider: record(record(Provider)['#attributes'])['Name'] ?? record(Provider)['Name'],
    computer: Computer,
    data: record(EventData),
    user: record(UserData),
  };
}

/** NXLog: every field at the top. */
function flat(event: object): object {
  const { id, channel, provider, computer, data, user } = partsOf(event);
  const inner = Object.values(user).filter((value) => isRecord(value));
  return { ...Object.assign({}, ...inner), ...data, EventID: id, Channel: channel, SourceName: provider, Hostname: computer } as object;
}

/** ECS, as our own agent and Winlogbeat write it. */
function ecs(event: object): object {
  const { id, channel, provider, computer, data, user } = partsOf(event);
  return {
    event: { module: 'windows', code: String(id) },
    winlog: { channel, event_id: String(id), provider_name: provider, computer_name: computer, event_data: data, user_data: user },
  };
}

describe.skipIf(!hasCorpus)('regression cases', () => {
  const rules = hasCorpus ? corpusRules() : [];
  const pipelines = ourPipelines();
  const set = compileRules(rules, { pipelines });
  const cases = hasCorpus ? regressionCases() : [];

  it('are 153, all of them of Windows', () => expect(cases).toHaveLength(153));
  it.each(cases)('$name raises $rule from its nested, flat and ECS form, as objects and as JSON text', ({ rule, count, events }) => {
    const own = rules.filter((one) => one.id === rule);
    for (const [shape, change] of Object.entries({ nested: (event: object) => event, flat, ecs })) {
      const changed = events.map(change);
      const raised = (ids: (event: object) => readonly string[]): number => changed.filter((event) => ids(event).includes(rule)).length;
      const text = (event: object): string[] =>
        set.matchJson(new TextEncoder().encode(JSON.stringify(event))).map((match) => match.rule.id);
      expect([shape, raised((event) => set.match(event).map((match) => match.rule.id)) >= count]).toEqual([shape, true]);
      expect([shape, raised(text) >= count]).toEqual([shape, true]);
      expect([shape, raised((event) => plainMatch(event, own, pipelines).map(({ id }) => id)) >= count]).toEqual([shape, true]);
    }
  });
});
