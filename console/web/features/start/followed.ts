/** Which sources are followed. Pure. */
import type { AgentView } from '@vong/collector/contracts';
import type { AgencyView } from '@vong/platform/identity';

export interface FollowedSource {
  readonly agent: string;
  readonly name: string;
  readonly read: number;
  readonly tone: 'ok' | 'late' | 'failed';
  readonly error?: string;
}

/** Sources of every agent that is in force, at or below the agency when one is chosen; those in trouble first, then the busiest. */
export function followed(agents: readonly AgentView[], agencies: readonly AgencyView[], agency: string | undefined): FollowedSource[] {
  const reach = new Set(agencies.filter(({ path }) => agency === undefined || path.includes(agency)).map(({ code }) => code));
  const rank = { failed: 0, late: 1, ok: 2 };
  return agents
    .filter((agent) => agent.state !== 'revoked' && (agency === undefined || reach.has(agent.agency)))
    .flatMap((agent) =>
      (agent.status?.sources ?? []).map((source): FollowedSource => {
        const tone = source.error !== undefined ? 'failed' : agent.state === 'silent' ? 'late' : 'ok';
        const error = source.error === undefined ? {} : { error: source.error };
        return { agent: agent.name, name: source.name, read: source.read, tone, ...error };
      }),
    )
    .sort((a, b) => rank[a.tone] - rank[b.tone] || b.read - a.read);
}
