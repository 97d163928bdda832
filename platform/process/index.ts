/** The life of a process: what was started is stopped in reverse order, once, within a bound. */
import { setFlagsFromString } from 'node:v8';
import { hasCode, VongError } from '../errors/index.ts';
import type { Logger } from '../logger/index.ts';

type Stop = () => void | Promise<void>;

/** A part that takes longer to stop is named. */
const SLOW_STOP_MS = 4000;

export class Lifecycle {
  readonly #stops: { name: string; stop: Stop }[] = [];
  #stopping: Promise<void> | undefined;

  /** Registers how to stop what was just started. */
  onStop(name: string, stop: Stop): void {
    this.#stops.push({ name, stop });
  }

  /** Stops everything, the latest first. A part that fails to stop is logged and does not keep the others. */
  stop(logger: Pick<Logger, 'error' | 'warn' | 'debug'>): Promise<void> {
    this.#stopping ??= this.#run(logger);
    return this.#stopping;
  }

  async #run(logger: Pick<Logger, 'error' | 'warn' | 'debug'>): Promise<void> {
    for (const { name, stop } of this.#stops.toReversed()) {
      const started = performance.now();
      const slow = setTimeout(() => logger.warn({ part: name }, 'still stopping'), SLOW_STOP_MS);
      try {
        await stop();
      } catch (error) {
        logger.error({ err: error, part: name }, 'a part did not stop cleanly');
      }
      clearTimeout(slow);
      logger.debug({ part: name, ms: Math.round(performance.now() - started) }, 'stopped');
    }
  }
}

/** Runs the work again and again, `ms` after it last ended; a failure is logged and the next turn comes. Returns how to stop it. */
export function every(ms: number, work: () => Promise<void>, logger: Pick<Logger, 'error'>): Stop {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  const plan = (): void => {
    timer = setTimeout(() => {
      running = work()
        .catch((error: unknown) => logger.error({ err: error }, 'a repeated task failed'))
        .finally(() => {
          if (!stopped) plan();
        });
    }, ms);
  };
  plan();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await running;
  };
}

const STOP_LIMIT_MS = 9000;

/**
 * A flag of V8, for the threads started after it. Node reads TypeScript by WebAssembly, in every thread; V8 compiles the calls out of it a second
 * time after a thousand of them, into memory that all threads share, and when threads do so at one time ends the process
 * ("Check failed: jit_page.has_value()", seen once in about a hundred starts of threads under load). So often nobody calls.
 */
export const STEADY_WRAPPERS = '--wasm-wrapper-tiering-budget=2147483647';

/**
 * Starts, then waits for SIGINT or SIGTERM, drains, and ends the process. An expected error at the start is printed plainly. A
 * second signal, or a stop that takes too long, ends at once: nothing is lost, the next start resumes.
 */
export async function runUntilSignal(start: () => Promise<{ stop: () => Promise<void> }>): Promise<void> {
  setFlagsFromString(STEADY_WRAPPERS);
  let running: { stop: () => Promise<void> };
  try {
    running = await start();
  } catch (error) {
    say(messageOf(error));
    process.exit(1);
  }
  let signals = 0;
  const end = (signal: NodeJS.Signals): void => {
    if (++signals > 1) process.exit(130);
    say(`${signal}: finishing what is in hand`);
    setTimeout(() => {
      say('stopping took too long; ending now, the next start resumes');
      process.exit(1);
    }, STOP_LIMIT_MS).unref();
    void running.stop().then(() => process.exit(0));
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
}

function say(line: string): void {
  process.stderr.write(`vong: ${line}\n`);
}

function messageOf(error: unknown): string {
  if (error instanceof VongError) return error.message;
  if (hasCode(error, 'EADDRINUSE'))
    return 'The address is in use by another program. Set VONG_LISTEN to a free one, for example 127.0.0.1:8081.';
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
