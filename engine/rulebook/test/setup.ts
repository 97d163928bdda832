/** A rulebook over an empty state, and rules of a few words to put into it. */
import { ManualClock } from '@vong/platform/clock';
import { identityModule, type AuditTables, type By, type Scope } from '@vong/platform/identity';
import type { State } from '@vong/platform/state';
import { openTestState } from '@vong/platform/state/testing';
import { Rulebook, rulebookModule, RuleViews, Values, type RuleFile } from '../index.ts';

export const ID = '77777777-7777-4777-8777-777777777777';
export const OTHER = '88888888-8888-4888-8888-888888888888';

export const yaml = (id: string, title = 'A rule'): string => `title: ${title}
id: ${id}
level: high
logsource:
  product: windows
detection:
  selection:
    CommandLine: x
  condition: selection
`;
export const numbered = (n: number): string => `99999999-0000-4000-8000-${String(n).padStart(12, '0')}`;
export const file = (name: string, text: string): RuleFile => ({ name, text });

export function by(agencies: Scope['agencies']): By {
  const agency = agencies === 'all' ? 'vn' : 'bo-a';
  return { scope: { actor: { kind: 'user', id: 'u', name: 'lan' }, role: 'administrator', agency, agencies }, from: '192.0.2.1' };
}
export const ROOT = by('all');

export interface Bench {
  readonly state: State;
  readonly clock: ManualClock;
  readonly rulebook: Rulebook;
  readonly views: RuleViews;
  readonly values: Values;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function openBench(): Promise<Bench> {
  const clock = new ManualClock(1_800_000_000_000);
  const state = await openTestState({ modules: [identityModule, rulebookModule], clock });
  const parts = { state, clock };
  const [rulebook, views, values] = [new Rulebook(parts), new RuleViews(parts), new Values(parts)];
  return { ...parts, rulebook, views, values, [Symbol.asyncDispose]: async () => await state.close() };
}

export async function audited({ state }: Bench): Promise<string[]> {
  const rows = await state.system<AuditTables>().selectFrom('audit').select('action').orderBy('sequence').execute();
  return rows.map(({ action }) => action);
}
