/** Whose a token is, remembered for a few seconds; a change told by whichever process made it ends that at once. */
import { hash } from 'node:crypto';
import type { Clock } from '@vong/platform/clock';
import type { AgentIdentity } from '@vong/platform/http';
import type { Signals } from '@vong/platform/live';
import type { State } from '@vong/platform/state';
import type { GatewayTables } from './schema.ts';

/** Says that tokens stopped working. */
export const AGENTS_SIGNAL = 'agents';
/** How old an answer may be when the word of a change was lost. */
const CACHE_MS = 5_000;
const CACHE_SIZE = 20_000;

export interface AgentTokensDeps {
  readonly state: State;
  readonly clock: Clock;
  readonly signals?: Pick<Signals, 'subscribe'>;
}

export class AgentTokens {
  readonly #deps: AgentTokensDeps;
  readonly #known = new Map<string, { agent: AgentIdentity; until: number }>();
  /** Grows with every change: what was read before one is not remembered after it. */
  #changes = 0;

  constructor(deps: AgentTokensDeps) {
    this.#deps = deps;
    deps.signals?.subscribe(AGENTS_SIGNAL, () => this.forget());
  }

  /** The next request with any token asks the state. */
  forget(): void {
    this.#changes++;
    this.#known.clear();
  }

  async verify(token: string): Promise<AgentIdentity | undefined> {
    const { state, clock } = this.#deps;
    const tokenHash = hashOf(token);
    const cached = this.#known.get(tokenHash);
    if (cached !== undefined && cached.until > clock.now()) return cached.agent;
    const before = this.#changes;
    const row = await state
      .system<GatewayTables>()
      .selectFrom('agents')
      .select(['id', 'name', 'agency'])
      .where('token_hash', '=', tokenHash)
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    if (row === undefined) this.#known.delete(tokenHash);
    else if (before === this.#changes) {
      if (this.#known.size >= CACHE_SIZE) this.#known.clear();
      this.#known.set(tokenHash, { agent: row, until: clock.now() + CACHE_MS });
    }
    return row;
  }
}

export function hashOf(token: string): string {
  return hash('sha256', token, 'hex');
}
