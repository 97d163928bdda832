/** A progress bar on stderr that appears only when a person watches and the work takes longer than two seconds. */
import { SingleBar } from 'cli-progress';

export interface Progress {
  update(done: number, total?: number): void;
  stop(): void;
}

const PATIENCE_MS = 2000;

/** `unit` is what is counted, in the plural: `events`, `bytes`. */
export function startProgress(unit: string, total = 0): Progress {
  if (!process.stderr.isTTY) return { update: () => undefined, stop: () => undefined };
  const started = performance.now();
  const format = `{bar} {percentage} % · {value}/{total} ${unit} · {duration_formatted}`;
  const bar = new SingleBar({ format, stream: process.stderr, clearOnComplete: true, hideCursor: true });
  let [shown, size] = [false, total];
  return {
    update(done, newTotal) {
      size = newTotal ?? size;
      if (!shown && performance.now() - started > PATIENCE_MS) {
        bar.start(size, done);
        shown = true;
      } else if (shown) {
        bar.setTotal(size);
        bar.update(done);
      }
    },
    stop() {
      if (shown) bar.stop();
    },
  };
}
