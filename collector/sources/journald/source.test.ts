import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '@vong/platform/clock';
import { Collected, temporaryFolder, until } from '../test/collect.ts';
import { createJournaldSource } from './source.ts';

let folder: string;
let running: Collected | undefined;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  await running?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A journalctl that notes how it was called and runs the script. */
function fakeJournalctl(script: string): string {
  const path = join(folder, 'journalctl');
  writeFileSync(path, `#!/bin/sh\necho "$@" >> "${folder}/calls"\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

function follow(command: string, positions?: ReadonlyMap<string, string>): Collected {
  running = new Collected(createJournaldSource({ command, firstRetry: 10 }, { clock: systemClock, host: 'h1' }), positions);
  return running;
}

const calls = (): string[] => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
const entry = (n: number): string => `{ "__CURSOR" : "s=ab;i=${n};b=cd", "MESSAGE" : "hello \\\\"__CURSOR\\\\":\\\\"x ${n}" }`;

describe('the journal', () => {
  it('is read from a day back at the first start, and after the stored cursor later', async () => {
    const command = fakeJournalctl(`echo '${entry(1)}'; echo '${entry(2)}'; exec sleep 60`);
    const first = follow(command);
    await until(() => first.records.length === 2);
    expect(first.records[0]).toMatchObject({ source: 'journald', path: 'journald', format: 'journald' });
    expect(JSON.parse(first.records[1]!.raw!)).toMatchObject({ __CURSOR: 's=ab;i=2;b=cd' });
    const positions = await first.stop();
    expect([...positions]).toEqual([['cursor', 's=ab;i=2;b=cd']]);
    const ids = first.records.map(({ id }) => id);
    const second = follow(command, positions);
    await until(() => second.records.length === 2);
    expect(second.records.map(({ id }) => id)).toEqual(ids);
    expect(calls().map((call) => call.split(' ').at(-1))).toEqual(['--since=-24h', '--after-cursor=s=ab;i=2;b=cd']);
  });

  it('is taken up again after the cursor when journalctl dies, and the reason shows meanwhile', async () => {
    const command = fakeJournalctl(
      `if [ -e "${folder}/again" ]; then echo '${entry(2)}'; exec sleep 60; fi\ntouch "${folder}/again"; echo '${entry(1)}'; echo "journal is broken" >&2; exit 3`,
    );
    const got = follow(command);
    await until(() => got.source.states()[0]?.error !== undefined);
    expect(got.source.states()[0]?.error).toMatch(/ended \(3\).*journal is broken/);
    await until(() => got.records.length === 2);
    expect(calls().at(-1)).toContain('--after-cursor=s=ab;i=1;b=cd');
    expect(got.source.states()).toEqual([{ name: 'journald' }]);
  });

  it('that a machine does not have is a visible error, not a crash', async () => {
    const got = follow(join(folder, 'nowhere'));
    await until(() => got.source.states()[0]?.error !== undefined);
    expect(got.source.states()[0]?.error).toContain('not installed');
    await got.stop();
    expect(got.records).toEqual([]);
  });
});
