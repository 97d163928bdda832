import { deflateRawSync } from 'node:zlib';
import { assert, asyncProperty, integer, uint8Array } from 'fast-check';
import { expect, it } from 'vitest';
import { unzip } from './unzip.ts';

/** A zip archive of these files, deflated; the sizes its headers say may be false. */
function archiveOf(files: Readonly<Record<string, string>>, said?: number): Buffer {
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  let at = 0;
  for (const [name, text] of Object.entries(files)) {
    const packed = deflateRawSync(text);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(8, 10);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(said ?? text.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(at, 42);
    entries.push(entry, Buffer.from(name));
    locals.push(local, Buffer.from(name), packed);
    at += 30 + name.length + packed.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, ...entries, end]);
}
const isRule = (name: string): boolean => name.endsWith('.yml');
const read = async (bytes: Uint8Array) => await unzip(new Blob([new Uint8Array(bytes)]), isRule);

it('gives the rule files of an archive, and no others', async () => {
  const archive = archiveOf({ 'a/one.yml': 'title: Một\n'.normalize('NFKD').replace(/[^ -~\n]/g, ''), 'README.md': 'x', 'two.yml': '' });
  expect((await read(archive))?.map(({ file, text }) => [file, text.startsWith('title')])).toEqual([
    ['a/one.yml', true],
    ['two.yml', false],
  ]);
});

it('stops where an archive says too little of its size, and leaves out what is too large', async () => {
  const large = 'x'.repeat(3 * 1024 * 1024);
  expect(await read(archiveOf({ 'bomb.yml': large }, 10))).toBeUndefined();
  expect(await read(archiveOf({ 'large.yml': large, 'small.yml': 'a' }))).toEqual([{ file: 'small.yml', text: 'a' }]);
});

it('of any bytes, and of any damage to an archive, gives files or nothing', async () => {
  const archive = archiveOf({ 'one.yml': 'title: a\n', 'two.yml': 'title: b\n' });
  await assert(
    asyncProperty(uint8Array({ maxLength: 200 }), async (bytes) => void (await read(bytes))),
    { numRuns: 200 },
  );
  await assert(
    asyncProperty(integer({ min: 0, max: archive.length - 1 }), integer({ min: 0, max: 255 }), async (at, byte) => {
      const damaged = Buffer.from(archive);
      damaged[at] = byte;
      await read(damaged);
    }),
    { numRuns: 400 },
  );
}, 20_000);
