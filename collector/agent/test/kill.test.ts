/** The agent killed with SIGKILL at random moments while lines are written and files rotated: every line exactly once. */
import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, copyFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stableId } from '@vong/platform/ids';
import { until } from '../../sources/test/collect.ts';
import { asText, Bench, numbered } from './harness.ts';

const LINES_PER_SECOND = 5000;
const KILLS = 12;
/** Numbers of the rotated files, highest first; enough that on a slow machine none is deleted before it could be read. */
const KEPT = Array.from({ length: 60 }, (_, index) => 60 - index);

let bench: Bench;
let child: ChildProcess | undefined;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await bench.close();
});

function startProcess(): ChildProcess {
  const { server, token, data, sources, flushAfter, retry } = bench.options();
  const options = JSON.stringify({ server, token, data, sources, flushAfter, retry, minFree: 0 });
  return spawn(process.execPath, [join(import.meta.dirname, 'agent-process.ts'), options], { stdio: ['ignore', 'inherit', 'inherit'] });
}

async function kill(target: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => target.once('exit', resolve));
  target.kill('SIGKILL');
  await gone;
}

/** Writes numbered lines until stopped, some of them in two pieces, and calls `rotate` every second. Gives the ids they must get. */
function startWriter(rotate: () => void): { stop(): Promise<string[]> } {
  let [written, offset] = [0, 0];
  const stop = new AbortController();
  const ids: string[] = [];
  const path = stableId('file', bench.log);
  const began = performance.now();
  const work = (async () => {
    let rotations = 0;
    while (!stop.signal.aborted) {
      const due = Math.floor(((performance.now() - began) / 1000) * LINES_PER_SECOND);
      const lines = numbered(written, Math.max(written, due));
      const text = asText(lines);
      for (const line of lines) {
        ids.push(`${path}.${rotations.toString(36)}.${offset.toString(36)}.${crc32(line).toString(36)}`);
        offset += line.length + 1;
      }
      const cut = Math.floor(text.length * 0.7);
      appendFileSync(bench.log, text.slice(0, cut));
      appendFileSync(bench.log, text.slice(cut));
      written = Math.max(written, due);
      if (performance.now() - began > (rotations + 1) * 1000) {
        rotations += 1;
        offset = 0;
        rotate();
      }
      await delay(10);
    }
    return ids;
  })();
  return {
    stop: () => {
      stop.abort();
      return work;
    },
  };
}

async function killWhileWriting(rotate: () => void): Promise<{ ids: string[]; expected: string[] }> {
  // Some answers get lost as well, so that batches are sent twice.
  let requests = 0;
  bench.gateway.misbehave = ({ path, sequence }) => {
    if (path !== '/ingest/v1/batches' || sequence <= bench.gateway.last) return undefined;
    requests += 1;
    return requests % 17 === 0 ? { storeThenBreak: true } : undefined;
  };
  writeFileSync(bench.log, '');
  child = startProcess();
  await until(() => bench.gateway.lastStatus !== undefined);
  const writer = startWriter(rotate);
  for (let n = 0; n < KILLS; n++) {
    await delay(150 + Math.random() * 700);
    await kill(child);
    child = startProcess();
  }
  const ids = await writer.stop();
  const written = ids.length;
  await until(
    () => bench.gateway.records.length >= written,
    () => ({ stored: bench.gateway.records.length, written, status: bench.gateway.lastStatus }),
    90_000,
  );
  await delay(300);
  const texts = bench.texts.map(String).toSorted();
  expect(texts.length).toBe(written);
  expect(texts).toEqual(numbered(0, written).toSorted());
  return { ids: bench.gateway.records.map(({ id }) => id).toSorted(), expected: ids.toSorted() };
}

describe(`an agent killed ${KILLS} times under ${LINES_PER_SECOND} lines a second`, () => {
  it('delivers every line exactly once while files are rotated by rename', async () => {
    const { ids, expected } = await killWhileWriting(() => {
      for (const n of KEPT) {
        try {
          renameSync(n === 1 ? bench.log : `${bench.log}.${n - 1}`, `${bench.log}.${n}`);
        } catch {
          // The first rotations have less to rename.
        }
      }
      writeFileSync(bench.log, '');
    });
    // The ids are those of a run that nobody disturbed: a function of the rotations and offsets alone.
    expect(ids).toEqual(expected);
  }, 180_000);

  it('delivers every line exactly once while the file is copied and truncated', async () => {
    const { ids } = await killWhileWriting(() => {
      for (const n of KEPT.slice(0, -1)) {
        try {
          renameSync(`${bench.log}.${n - 1}`, `${bench.log}.${n}`);
        } catch {
          // The first rotations have less to rename.
        }
      }
      copyFileSync(bench.log, `${bench.log}.1`);
      truncateSync(bench.log);
    });
    // A copy made while the agent is down is a file of its own: its lines come once, under ids of that file.
    expect(new Set(ids).size).toBe(ids.length);
  }, 180_000);
});
