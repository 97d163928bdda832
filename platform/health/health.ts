import type { Clock } from '../clock/index.ts';
import { VongError } from '../errors/index.ts';
import type { Logger } from '../logger/index.ts';

/** One thing this process needs to do its work. */
export interface HealthCheck {
  /** Short, such as `kafka`; shown to anyone. */
  readonly name: string;
  /**
   * Resolves when it works. A text is the reason why it does not, shown to anyone: no address, no name of a person, no secret. A
   * rejection is shown as its code alone; its message is in the log.
   */
  readonly check: () => Promise<void | string>;
}

export interface Readiness {
  readonly ready: boolean;
  /** What keeps it from working; empty when ready. */
  readonly reasons: readonly { readonly name: string; readonly reason: string }[];
}

export interface HealthOptions {
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn' | 'info'>;
  /** A check that takes longer counts as failed. Default: 2000. */
  readonly limitMs?: number;
  /** How long an answer is good, so that whoever asks often does not load the servers. Default: 1000. */
  readonly cacheMs?: number;
}

type Life = 'starting' | 'serving' | 'draining';

const REASON_LENGTH = 200;

/** The checks of this process. Not ready before `serving()` and after `draining()`. */
export class Health {
  readonly #options: Required<HealthOptions>;
  readonly #checks = new Map<string, () => Promise<void | string>>();
  /** A check that hangs is waited for again, not begun a second time. */
  readonly #running = new Map<string, Promise<void | string>>();
  readonly #failing = new Set<string>();
  #life: Life = 'starting';
  #latest: { at: number; answer: Promise<Readiness> } | undefined;

  constructor(options: HealthOptions) {
    this.#options = { limitMs: 2000, cacheMs: 1000, ...options };
  }

  /** Returns how to take the check away again. A second check of the same name replaces the first. */
  register({ name, check }: HealthCheck): () => void {
    this.#checks.set(name, check);
    return () => {
      if (this.#checks.get(name) === check) this.#checks.delete(name);
    };
  }

  /** Everything is started: from now on the checks decide. */
  serving(): void {
    if (this.#life === 'starting') this.#life = 'serving';
  }

  /** Not ready for ever: whoever sends work here shall send it elsewhere. Call it first when stopping. */
  draining(): void {
    this.#life = 'draining';
  }

  /** Asks every check at once; the answer is as old as `cacheMs` at most. Never rejects. */
  async ready(): Promise<Readiness> {
    if (this.#life !== 'serving') return { ready: false, reasons: [{ name: 'process', reason: this.#life }] };
    const now = this.#options.clock.now();
    const { cacheMs } = this.#options;
    if (this.#latest === undefined || now - this.#latest.at >= cacheMs || now < this.#latest.at)
      this.#latest = { at: now, answer: this.#ask() };
    const answer = await this.#latest.answer;
    // It may have begun to drain meanwhile.
    return this.#life === 'serving' ? answer : await this.ready();
  }

  async #ask(): Promise<Readiness> {
    const asked = [...this.#checks].map(async ([name, check]) => ({ name, reason: await this.#reason(name, check) }));
    const reasons = (await Promise.all(asked)).flatMap(({ name, reason }) => (reason === undefined ? [] : [{ name, reason }]));
    return { ready: reasons.length === 0, reasons };
  }

  async #reason(name: string, check: HealthCheck['check']): Promise<string | undefined> {
    let timer: NodeJS.Timeout | undefined;
    let failure: unknown;
    const limit = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve(`no answer within ${this.#options.limitMs} ms`), this.#options.limitMs);
    });
    const said = this.#once(name, check).catch((error: unknown) => {
      failure = error;
      return codeOf(error);
    });
    const reason = (await Promise.race([said, limit])) || undefined;
    clearTimeout(timer);
    this.#note(name, reason, failure);
    return reason?.replaceAll(/\p{Cc}/gu, ' ').slice(0, REASON_LENGTH);
  }

  #once(name: string, check: HealthCheck['check']): Promise<void | string> {
    const running = this.#running.get(name);
    if (running !== undefined) return running;
    const begun = (async () => await check())().finally(() => this.#running.delete(name));
    this.#running.set(name, begun);
    return begun;
  }

  /** In the log when it changes, not each time it is asked. */
  #note(name: string, reason: string | undefined, failure: unknown): void {
    const { logger } = this.#options;
    if (reason === undefined && this.#failing.delete(name)) logger.info({ check: name }, 'works again');
    if (reason === undefined || this.#failing.has(name)) return;
    this.#failing.add(name);
    // The message alone: errors of some clients carry whole requests.
    const error = failure instanceof Error ? failure.message : undefined;
    logger.warn({ check: name, reason, error }, 'not ready: a check failed');
  }
}

function codeOf(error: unknown): string {
  return error instanceof VongError ? `failed: ${error.code}` : 'failed; the log of the server says why';
}
