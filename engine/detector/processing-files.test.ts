import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { ManualClock } from '@vong/platform/clock';
import { ProcessingFiles } from './processing-files.ts';

const pipeline = (name: string, priority: number): string =>
  `name: ${name}\npriority: ${priority}\ntransformations: [{type: field_name_prefix, prefix: ${name}.}]\n`;

async function openFiles() {
  const directory = await mkdtemp(join(tmpdir(), 'pipelines-'));
  const write = async (name: string, text: string): Promise<void> => await writeFile(join(directory, name), text);
  await write('a.yml', pipeline('a', 20));
  const logger = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const files = await ProcessingFiles.open({ directories: [directory], clock: new ManualClock(1000), logger });
  const changed = vi.fn();
  files.onChange(changed);
  return { directory, write, files, changed, logger, [Symbol.asyncDispose]: async () => await rm(directory, { recursive: true }) };
}

describe('the processing pipelines of a server', () => {
  it('follow their files, once two looks found the same', async () => {
    await using bench = await openFiles();
    const { files, changed, write } = bench;
    await files.look();
    expect(changed).not.toHaveBeenCalled();
    await write('b.yml', pipeline('b', 10));
    await files.look();
    expect(files.views().map(({ name }) => name)).toEqual(['a']);
    await files.look();
    expect(changed).toHaveBeenCalledOnce();
    expect(files.views()).toMatchObject([
      { file: 'b.yml', name: 'b', priority: 10, transformations: 1 },
      { file: 'a.yml', name: 'a', priority: 20, transformations: 1 },
    ]);
    await files.look();
    expect(changed).toHaveBeenCalledOnce();
  });
  it('stay as they are while one of them is broken or the directory is gone, and say why; mended, they are taken', async () => {
    await using bench = await openFiles();
    const { files, changed, write, directory, logger } = bench;
    await write('b.yml', 'transformations:\n  - type: invented\n');
    for (let i = 0; i < 3; i++) await files.look();
    expect(files.problem).toMatchObject({ file: 'b.yml', line: 2, at: 1000, reason: expect.stringContaining('"invented" is not known') });
    expect(logger.error).toHaveBeenCalledOnce();
    await rm(directory, { recursive: true });
    for (let i = 0; i < 2; i++) await files.look();
    expect(files.problem?.reason).toContain('ENOENT');
    expect([changed.mock.calls.length, files.views().map(({ name }) => name)]).toEqual([0, ['a']]);
    await mkdir(directory);
    await write('c.yml', pipeline('c', 1));
    for (let i = 0; i < 2; i++) await files.look();
    expect([files.problem, files.views().map(({ name }) => name)]).toEqual([undefined, ['c']]);
  });
  it('are in use once every detector thread says so of these very ones', async () => {
    await using bench = await openFiles();
    const { files, write } = bench;
    const before = files.texts;
    files.used({ processing: before, at: 7 });
    expect(files.since).toBe(7);
    await write('a.yml', pipeline('z', 1));
    for (let i = 0; i < 2; i++) await files.look();
    files.used({ processing: before, at: 8 });
    expect(files.since).toBeUndefined();
    files.used({ processing: files.texts, at: 9 });
    expect(files.since).toBe(9);
  });
});
