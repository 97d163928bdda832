/** `node collector/sources/evtx/bench.ts FILE.evtx…`: MB/s and records/s of reading a log of full chunks made from the files, five rounds. */
import { readFileSync } from 'node:fs';
import { parseEvtx } from './index.ts';
import { denseChunk } from './test/dense.ts';

const WANTED = 64 * 1024 * 1024;

function denseLog(paths: readonly string[]): Buffer {
  const dense = paths.map((path) => denseChunk(readFileSync(path))).filter((each) => each !== undefined);
  const first = dense[0];
  if (first === undefined) throw new Error('usage: bench.ts FILE.evtx… (at least one with two records in its first chunk)');
  const parts = [first.header];
  for (let size = 0; size < WANTED;) {
    for (const { chunk } of dense) {
      parts.push(chunk);
      size += chunk.length;
    }
  }
  return Buffer.concat(parts);
}

const file = denseLog(process.argv.slice(2));
for (let round = 0; round < 5; round++) {
  const started = performance.now();
  let [records, problems, characters] = [0, 0, 0];
  for (const item of parseEvtx(file)) {
    if (item.error === undefined) {
      records++;
      characters += item.json.length;
    } else problems++;
  }
  const seconds = (performance.now() - started) / 1000;
  const result = {
    mbPerSecond: Math.round(file.length / seconds / 1e6),
    recordsPerSecond: Math.round(records / seconds),
    records,
    problems,
    characters,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
