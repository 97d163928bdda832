/** Names of agents and agencies as the server takes them, and how far a new agent has come. Pure. */
import type { AgentView } from '@vong/collector/contracts';
import { fold } from '../format.ts';

const AGENT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const AGENCY_CODE = /^[a-z0-9][a-z0-9-]{0,62}$/;

export function isAgentName(name: string): boolean {
  return AGENT_NAME.test(name);
}

export function isAgencyCode(code: string): boolean {
  return AGENCY_CODE.test(code);
}

/** `Sở Y tế Đà Nẵng` → `so-y-te-da-nang`. */
export function suggestCode(name: string): string {
  return fold(name)
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);
}

/** `waiting`: no word yet; `greeted`: it reports, no batch yet; `arrived`: its first batch is stored. */
export type Arrival = 'waiting' | 'greeted' | 'arrived' | 'revoked';

export function arrivalOf(agent: AgentView): Arrival {
  if (agent.state === 'revoked') return 'revoked';
  if (agent.received > 0 || agent.lastSequence >= 0) return 'arrived';
  return agent.lastSeenAt === undefined ? 'waiting' : 'greeted';
}

/** The newer of what is known and what came: a list read before a change must not undo it. */
export function furthest(known: AgentView, came: AgentView): AgentView {
  if (came.state === 'revoked') return came;
  return came.received >= known.received && (came.lastSeenAt ?? 0) >= (known.lastSeenAt ?? 0) ? came : known;
}
