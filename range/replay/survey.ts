import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { openRecording } from '../recordings/index.ts';

/** Events counted one by one; beyond them the rest is estimated from the share of the file that was read. */
const MOST_COUNTED = 1_000_000;
const ID_CHARACTERS = 22;

/** Identity of a recording: a function of its bytes alone. */
export async function fingerprint(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, ...(signal === undefined ? {} : { signal }) }))
    hash.update(chunk);
  return hash.digest('base64url').slice(0, ID_CHARACTERS);
}

/** How many events a recording holds; an estimate for very large ones. */
export async function countEvents(path: string, signal?: AbortSignal): Promise<number> {
  const { size } = await stat(path);
  let events = 0;
  let read = 0;
  const options = {
    times: false,
    onProblem: () => undefined,
    onRead: (bytes: number) => (read += bytes),
    ...(signal === undefined ? {} : { signal }),
  };
  for await (const _event of openRecording(path, options)) {
    events++;
    if (events >= MOST_COUNTED) return read === 0 ? events : Math.max(events, Math.round((events * size) / read));
  }
  return events;
}
