import { appendFileSync, copyFileSync, mkdirSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '@vong/platform/clock';
import { Collected, temporaryFolder, until } from '../test/collect.ts';
import { Lineages } from './lineages.ts';
import { createFileSource } from './source.ts';
import { BUFFER_BYTES, LINE_LIMIT } from './tail.ts';

const TIMINGS = { pace: 2, sweep: 20, scan: 40, finish: 150 };
let folder: string;
let log: string;
const running: Collected[] = [];

function follow(patterns: readonly string[] = [log], positions?: ReadonlyMap<string, string>): Collected {
  const collected = new Collected(createFileSource({ patterns, timings: TIMINGS }, { clock: systemClock, host: 'h1' }), positions);
  running.push(collected);
  return collected;
}

const byText = (a: string | undefined, b: string | undefined): number => String(a).localeCompare(String(b));

/** All lines, in order, once; then a moment in which nothing more may come. */
async function expectExactly(collected: Collected, lines: readonly string[]): Promise<void> {
  await until(
    () => collected.records.length >= lines.length,
    () => collected.texts,
  );
  await new Promise((resolve) => setTimeout(resolve, 120));
  expect(collected.texts).toEqual(lines);
  expect(new Set(collected.records.map(({ id }) => id)).size).toBe(lines.length);
}

/** Two lines, a rotation, another line; the ids they got. */
async function rotateOnce(): Promise<string[]> {
  rmSync(log, { force: true });
  writeFileSync(log, 'a\nb\n');
  const got = follow();
  await until(() => got.records.length === 2);
  renameSync(log, `${log}.1`);
  writeFileSync(log, 'c\n');
  await until(() => got.records.length === 3);
  await got.stop();
  rmSync(`${log}.1`);
  return got.records.map(({ id }) => id);
}

beforeEach(async () => {
  folder = await temporaryFolder();
  log = join(folder, 'app.log');
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((collected) => collected.stop()));
  rmSync(folder, { recursive: true, force: true });
});

describe('following one file', () => {
  it('takes whole lines only; the last, unended one waits until it is complete', async () => {
    writeFileSync(log, 'one\r\ntwo\n\nthr');
    const got = follow();
    await expectExactly(got, ['one', 'two']);
    appendFileSync(log, 'ee');
    await expectExactly(got, ['one', 'two']);
    appendFileSync(log, '\nfour\n');
    await expectExactly(got, ['one', 'two', 'three', 'four']);
    expect(got.records[0]).toMatchObject({ source: 'file', path: log, format: 'auto', host: 'h1' });
  });

  it('waits for a file that is not there yet, in a folder that is not there yet, and says so', async () => {
    const late = join(folder, 'later', 'deep', 'x.log');
    const got = follow([late]);
    await until(() => got.source.states().length > 0);
    expect(got.source.states()[0]?.error).toContain('no such file yet');
    mkdirSync(dirname(late), { recursive: true });
    writeFileSync(late, 'a\n');
    await expectExactly(got, ['a']);
    expect(got.source.states()).toEqual([{ name: late, behind: 0 }]);
  });

  it('keeps bytes that are no UTF-8 as they are', async () => {
    const bytes = Buffer.from([0x61, 0xff, 0xfe, 0x62]);
    writeFileSync(log, Buffer.concat([Buffer.from('Vọng Gác\n'), bytes, Buffer.from('\n')]));
    const got = follow();
    await until(() => got.records.length === 2);
    expect(got.records[0]!.raw).toBe('Vọng Gác');
    expect(got.records[1]!.raw).toBeUndefined();
    expect(Buffer.from(got.records[1]!.raw64!, 'base64')).toEqual(bytes);
  });

  it('cuts a line longer than the limit into numbered pieces that make the line again', async () => {
    const long = 'đ'.repeat(LINE_LIMIT);
    writeFileSync(log, `before\n${long}\nafter\n`);
    const got = follow();
    await until(() => got.records.at(-1)?.raw === 'after');
    const pieces = got.records.slice(1, -1);
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.map(({ raw }) => raw).join('') === long).toBe(true);
    expect(pieces.map(({ labels }) => labels?.['line_part'])).toEqual(pieces.map((_, index) => String(index + 1)));
  });

  it('goes on exactly after the last stored line when it is started again', async () => {
    writeFileSync(log, 'one\ntwo\nthr');
    const first = follow();
    await expectExactly(first, ['one', 'two']);
    const positions = await first.stop();
    appendFileSync(log, 'ee\nfour\n');
    await expectExactly(follow([log], positions), ['three', 'four']);
  });

  it('gives the same ids in two runs over the same content', async () => {
    expect(await rotateOnce()).toEqual(await rotateOnce());
  });
});

describe('rotation', () => {
  it('by rename: what is written to the old file before and after is read before the new one', async () => {
    writeFileSync(log, 'a1\n');
    const got = follow();
    await expectExactly(got, ['a1']);
    appendFileSync(log, 'a2\n');
    renameSync(log, `${log}.1`);
    appendFileSync(`${log}.1`, 'a3\n');
    writeFileSync(log, 'b1\n');
    await expectExactly(got, ['a1', 'a2', 'a3', 'b1']);
    appendFileSync(`${log}.1`, 'a4\n');
    appendFileSync(log, 'b2\n');
    await until(() => got.records.length === 6);
    expect(got.texts.toSorted(byText)).toEqual(['a1', 'a2', 'a3', 'a4', 'b1', 'b2']);
  });

  it('several times while it was not running: the old file to its end, then each rotated one, then the new', async () => {
    writeFileSync(log, 'a1\na2\n');
    const first = follow();
    await expectExactly(first, ['a1', 'a2']);
    const positions = await first.stop();
    appendFileSync(log, 'a3\n');
    for (const name of ['b', 'c', 'd']) {
      for (const n of [3, 2, 1]) {
        const from = n === 1 ? log : `${log}.${n - 1}`;
        try {
          renameSync(from, `${log}.${n}`);
        } catch {
          // Not there yet in the first rounds.
        }
      }
      writeFileSync(log, `${name}1\n${name}2\n`);
    }
    await expectExactly(follow([log], positions), ['a3', 'b1', 'b2', 'c1', 'c2', 'd1', 'd2']);
  });

  it('with dates in the names, and by deletion of the old file', async () => {
    writeFileSync(log, 'a\n');
    const got = follow();
    await expectExactly(got, ['a']);
    appendFileSync(log, 'late');
    renameSync(log, `${log}-20261122`);
    writeFileSync(log, 'b\n');
    // The unended last line of a finished file is taken once nothing more comes.
    await until(() => got.records.length === 3);
    rmSync(`${log}-20261122`);
    rmSync(log);
    writeFileSync(log, 'c\n');
    await expectExactly(got, ['a', ...got.texts.slice(1, 3).map(String), 'c']);
    expect(got.texts.toSorted(byText)).toEqual(['a', 'b', 'c', 'late']);
  });

  it('by copy and truncation: nothing twice, nothing lost', async () => {
    writeFileSync(log, 'a1\na2\n');
    const got = follow();
    await expectExactly(got, ['a1', 'a2']);
    copyFileSync(log, `${log}.1`);
    truncateSync(log);
    appendFileSync(log, 'b1\n');
    await expectExactly(got, ['a1', 'a2', 'b1']);
    const positions = await got.stop();
    await expectExactly(follow([log], positions), []);
  });

  it('by copy and truncation while it was not running: the unread rest is read from the copy', async () => {
    writeFileSync(log, 'a1\na2\n');
    const first = follow();
    await expectExactly(first, ['a1', 'a2']);
    const positions = await first.stop();
    appendFileSync(log, 'a3\na4\n');
    copyFileSync(log, `${log}.1`);
    truncateSync(log);
    appendFileSync(log, 'b1\nb2\nb3\nb4\nb5\nb6\n');
    const second = follow([log], positions);
    await expectExactly(second, ['a3', 'a4', 'b1', 'b2', 'b3', 'b4', 'b5', 'b6']);
    renameSync(`${log}.1`, `${log}.2`);
    await expectExactly(follow([log], await second.stop()), []);
  });

  it('by copy and truncation between the first sight of the empty file and the first reading: the copy is read as well', async () => {
    writeFileSync(log, '');
    const lineages = new Lineages([log]);
    await lineages.scan();
    const file = lineages.all()[0]?.files[0];
    appendFileSync(log, 'a1\na2\n');
    copyFileSync(log, `${log}.1`);
    truncateSync(log);
    const soon = Date.now() / 1000 + 5;
    appendFileSync(log, 'b1\n');
    utimesSync(log, soon, soon);
    // Only what was written after the truncation is seen here, and its time is later than the copy's.
    expect(await file?.read(Buffer.alloc(BUFFER_BYTES))).toMatchObject({ kind: 'lines', offset: 0 });
    const positions = new Map(lineages.all()[0]?.files.map(({ key, position }) => [key, JSON.stringify(position)]));
    await lineages.close();
    await expectExactly(follow([log], positions), ['a1', 'a2']);
  });

  it('leaves files that were rotated before the first start alone', async () => {
    writeFileSync(`${log}.1`, 'old\n');
    utimesSync(`${log}.1`, 1000, 1000);
    writeFileSync(log, 'new\n');
    const got = follow();
    await expectExactly(got, ['new']);
    await expectExactly(follow([log], await got.stop()), []);
  });
});

describe('truncation and look-alikes', () => {
  it('reads a truncated file from its beginning', async () => {
    writeFileSync(log, 'a1\na2\na3\n');
    const got = follow();
    await expectExactly(got, ['a1', 'a2', 'a3']);
    writeFileSync(log, 'b\n');
    await expectExactly(got, ['a1', 'a2', 'a3', 'b']);
  });

  it('notices a file that was written anew beyond the old place while it was not running', async () => {
    writeFileSync(log, 'a1\na2\n');
    const first = follow();
    await expectExactly(first, ['a1', 'a2']);
    const positions = await first.stop();
    writeFileSync(log, 'other\nand longer\nthan before\n');
    await expectExactly(follow([log], positions), ['other', 'and longer', 'than before']);
  });

  it('tells short files apart that begin alike and grow', async () => {
    const [a, b] = [join(folder, 'a.log'), join(folder, 'b.log')];
    writeFileSync(a, '#head\n');
    writeFileSync(b, '#head\n');
    const got = follow([join(folder, '*.log')]);
    await expectExactly(got, ['#head', '#head']);
    appendFileSync(b, 'b1\n');
    await expectExactly(got, ['#head', '#head', 'b1']);
    renameSync(a, join(folder, 'a.log.1'));
    writeFileSync(a, '#head\n');
    appendFileSync(join(folder, 'a.log.1'), 'a1\n');
    await until(() => got.records.length === 5);
    expect(got.texts.toSorted(byText)).toEqual(['#head', '#head', '#head', 'a1', 'b1']);
    const positions = await got.stop();
    appendFileSync(b, 'b2\n');
    await expectExactly(follow([join(folder, '*.log')], positions), ['b2']);
  });

  it('passes over the hole that a truncation leaves under a writer that does not append', async () => {
    writeFileSync(log, Buffer.concat([Buffer.alloc(3_000_000), Buffer.from('after the hole\nnext\n')]));
    await expectExactly(follow(), ['after the hole', 'next']);
  });

  it('follows new files under a pattern and leaves compressed ones out', async () => {
    const got = follow([join(folder, '**/*.log*')]);
    writeFileSync(join(folder, 'x.log.gz'), 'not text\n');
    mkdirSync(join(folder, 'sub'));
    writeFileSync(join(folder, 'sub', 'y.log'), 'y\n');
    await expectExactly(got, ['y']);
  });
});
