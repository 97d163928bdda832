/** The last stage of an event's way: an alert on an analyst's screen. Each alert counts once, the first time somebody sees it. */
import type { Clock } from '@vong/platform/clock';
import type { Scope } from '@vong/platform/identity';
import type { StageLatencies } from '@vong/platform/metrics';
import type { State } from '@vong/platform/state';

interface AlertTimes {
  alerts: { id: string; agency: string; received: number; alerted: number };
}

/** Alerts first seen later than this were waiting for a person, not for us. */
const FRESH_MS = 60_000;
const REMEMBER = 20_000;

export class Shown {
  readonly #deps: { state: State; clock: Clock; stages: StageLatencies };
  readonly #seen = new Set<string>();

  constructor(deps: { state: State; clock: Clock; stages: StageLatencies }) {
    this.#deps = deps;
  }

  /** The alerts stand on the screen of somebody with this scope, now. */
  async record(ids: readonly string[], scope: Scope): Promise<void> {
    const { state, clock, stages } = this.#deps;
    const now = clock.now();
    const fresh = ids.filter((id) => !this.#seen.has(id)).slice(0, 500);
    if (fresh.length === 0) return;
    if (this.#seen.size > REMEMBER) this.#seen.clear();
    for (const id of fresh) this.#seen.add(id);
    const rows = await state
      .as<AlertTimes>(scope)
      .selectFrom('alerts')
      .select(['agency', 'received', 'alerted'])
      .where('id', 'in', fresh)
      .execute()
      // Nobody waits for this: while the state is away, a figure is missing.
      .catch(() => []);
    for (const { agency, received, alerted } of rows) {
      if (now - alerted > FRESH_MS) continue;
      stages.record('show', agency, now - alerted);
      stages.record('total', agency, now - received);
    }
  }
}
