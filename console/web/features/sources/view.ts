/** What the URLs of the sources say, and how agents and dead letters stand. Pure. */
import type { AgentView, DeadLetterView } from '@vong/collector/contracts';
import type { AgencyView } from '@vong/platform/identity';
import { defined, oneOf, text } from '../../client/search-params.ts';
import { fold } from '../../ui/format.ts';
import type { StateTone } from '../../ui/StateMark.tsx';

export const CONNECT = 'new';
export const FORMS = ['preview', 'text', 'hex'] as const;
export type Form = (typeof FORMS)[number];

export interface AgentsView {
  readonly agency?: string;
  readonly q?: string;
  readonly revoked?: 'yes';
  /** The agent on the right; `new`: connecting one. */
  readonly agent?: string;
}

export function agentsSearch(raw: Record<string, unknown>): Omit<AgentsView, 'agency'> {
  return defined({ q: text(raw['q']), revoked: oneOf(raw['revoked'], ['yes']), agent: text(raw['agent'], 64) });
}

export interface LettersView {
  /** Only of this agent. */
  readonly agent?: string;
  readonly letter?: string;
  readonly form?: Form;
}

export function lettersSearch(raw: Record<string, unknown>): LettersView {
  return defined({ agent: text(raw['agent'], 64), letter: text(raw['letter'], 64), form: oneOf(raw['form'], FORMS) });
}

export type Standing = AgentView['state'] | 'full';

/** A full spool is worse than being live or silent: the agent has stopped reading. */
export function standingOf(agent: AgentView): Standing {
  const running = agent.state === 'live' || agent.state === 'silent';
  return running && agent.status?.spool.full === true ? 'full' : agent.state;
}

export const TONES: Record<Standing, StateTone> = { full: 'failed', silent: 'late', new: 'waiting', live: 'ok', revoked: 'waiting' };
const RANK: Record<Standing, number> = { full: 0, silent: 1, new: 2, live: 3, revoked: 4 };

/** Those the view asks for, trouble first, then by agency and name. */
export function listed(agents: readonly AgentView[], view: AgentsView, agencies: readonly AgencyView[]): AgentView[] {
  const names = new Map(agencies.map(({ code, name }) => [code, `${name.vi} ${name.en}`]));
  const { agency } = view;
  const reach = agency === undefined ? undefined : new Set(agencies.filter(({ path }) => path.includes(agency)).map(({ code }) => code));
  const wanted = fold(view.q?.trim() ?? '');
  return agents
    .filter((agent) => view.revoked === 'yes' || agent.state !== 'revoked')
    .filter((agent) => reach === undefined || reach.has(agent.agency))
    .filter((agent) => fold(`${agent.name} ${agent.agency} ${names.get(agent.agency) ?? ''}`).includes(wanted))
    .sort((a, b) => RANK[standingOf(a)] - RANK[standingOf(b)] || compare(a.agency, b.agency) || compare(a.name, b.name));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What live changes say laid over what was read. */
export function withChanges(agents: readonly AgentView[], came: readonly AgentView[]): AgentView[] {
  const byId = new Map(agents.map((agent) => [agent.id, agent]));
  // A change is written when something was stored; its rate is of that moment and would make the number jump.
  for (const agent of came)
    byId.set(agent.id, { ...agent, eventsPerSecond: agent.eventsPerSecond || (byId.get(agent.id)?.eventsPerSecond ?? 0) });
  return [...byId.values()];
}

export type LetterState = 'waiting' | 'again' | 'replayed';

export function letterState(letter: DeadLetterView): LetterState {
  if (letter.replayedAt !== undefined) return 'replayed';
  return letter.replayError === undefined ? 'waiting' : 'again';
}

export const LETTER_TONES: Record<LetterState, StateTone> = { waiting: 'waiting', again: 'failed', replayed: 'ok' };
