import type { Readable } from 'node:stream';

const MOST_BYTES = 32 * 1024 * 1024;
const MOST_MS = 2000;

/**
 * Reads and drops what is left of a refused body, up to a bound: a sender that is still writing when the connection closes sees a
 * broken connection instead of the answer. Never rejects.
 */
export function drainRest(stream: Readable): Promise<void> {
  if (stream.readableEnded || stream.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    let bytes = 0;
    const done = (): void => {
      clearTimeout(timer);
      stream.off('data', drop).off('end', done).off('close', done).off('error', done);
      stream.pause();
      resolve();
    };
    const drop = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) done();
    };
    const timer = setTimeout(done, MOST_MS);
    stream.on('data', drop).once('end', done).once('close', done).once('error', done);
    stream.resume();
  });
}
