import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { assert, asyncProperty, nat, record, string, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rulesOfDirectory, rulesOfUpload } from './upload.ts';

interface Entry {
  readonly name: string;
  readonly data: Buffer;
  /** What the headers say the entry holds, when it is not the truth. */
  readonly claims?: number;
}

/** A zip archive, written by hand so that its headers may lie. */
function zipOf(entries: readonly Entry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, data, claims = data.length } of entries) {
    const packed = deflateRawSync(data);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(claims, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), common, Buffer.from(name), packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    directory.push(Buffer.concat([Buffer.from('PK\u0001\u0002'), Buffer.from([20, 0]), common, rest, Buffer.from(name)]));
    parts.push(local);
    at += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...parts, central, Buffer.from('PK\u0005\u0006'), end]);
}

const entry = (name: string, text: string): Entry => ({ name, data: Buffer.from(text) });

describe('an upload', () => {
  it('is a rule file, a zip of them at any depth, or nothing of ours', async () => {
    expect(await rulesOfUpload('a.YML', Buffer.from('title: a'))).toEqual([{ name: 'a.YML', text: 'title: a' }]);
    const zip = zipOf([entry('rules/windows/a.yml', 'title: a'), entry('README.md', 'x'), entry('b.yaml', 'title: b')]);
    expect(await rulesOfUpload('pack.zip', zip)).toEqual([
      { name: 'rules/windows/a.yml', text: 'title: a' },
      { name: 'b.yaml', text: 'title: b' },
    ]);
    for (const bytes of ['', 'P', 'hi', 'not a zip']) expect(await rulesOfUpload('notes.txt', Buffer.from(bytes))).toEqual([]);
  });

  it('that is a broken zip is refused with its name', async () => {
    const whole = zipOf([entry('a.yml', 'title: a')]);
    for (const keep of [4, 20, whole.length - 10]) {
      const refused = rulesOfUpload('pack.zip', whole.subarray(0, keep));
      await expect(refused).rejects.toMatchObject({ code: 'RULES_UPLOAD_INVALID', status: 400, details: { file: 'pack.zip' } });
    }
  });

  it('whose names lead out of the archive is refused: nothing is written anywhere', async () => {
    for (const name of ['../../etc/a.yml', '/etc/a.yml'])
      await expect(rulesOfUpload('pack.zip', zipOf([entry(name, 'title: a')]))).rejects.toMatchObject({ code: 'RULES_UPLOAD_INVALID' });
  });

  it('that is a bomb is refused: a large file, many that are large together, one that is larger than it says', async () => {
    const large = Buffer.alloc(3 * 1024 * 1024, 'a');
    await expect(rulesOfUpload('p.zip', zipOf([{ name: 'a.yml', data: large }]))).rejects.toMatchObject({ code: 'RULES_UPLOAD_TOO_LARGE' });
    const many = Array.from({ length: 140 }, (_, n) => ({ name: `${n}.yml`, data: large.subarray(0, 2 * 1024 * 1024) }));
    await expect(rulesOfUpload('p.zip', zipOf(many))).rejects.toMatchObject({ code: 'RULES_UPLOAD_TOO_LARGE', status: 413 });
    const lying = zipOf([{ name: 'a.yml', data: large, claims: 100 }]);
    await expect(rulesOfUpload('p.zip', lying)).rejects.toMatchObject({ code: 'RULES_UPLOAD_INVALID' });
  });

  it('of any bytes, and of any damage to a zip, gives files or a refusal of ours', async () => {
    const whole = zipOf([entry('a.yml', 'title: a'), entry('dir/b.yml', 'title: b'.repeat(50))]);
    const outcome = async (name: string, bytes: Buffer): Promise<string> =>
      await rulesOfUpload(name, bytes).then(
        (files) => (files.every(({ text }) => typeof text === 'string') ? 'files' : 'odd'),
        (error: { code?: string }) => error.code ?? JSON.stringify(error),
      );
    const damage = record({ at: nat(whole.length - 1), bytes: uint8Array({ minLength: 1, maxLength: 8 }), keep: nat(whole.length) });
    await assert(
      asyncProperty(damage, uint8Array({ maxLength: 200 }), string(), async ({ at, bytes, keep }, any, name) => {
        const damaged = Buffer.from(whole);
        damaged.set(bytes.subarray(0, whole.length - at), at);
        for (const given of [damaged, damaged.subarray(0, keep), Buffer.from(any), Buffer.concat([Buffer.from('PK\u0003\u0004'), any])])
          expect(['files', 'RULES_UPLOAD_INVALID', 'RULES_UPLOAD_TOO_LARGE']).toContain(await outcome(name, given));
      }),
      { numRuns: 2000, interruptAfterTimeLimit: 4000 },
    );
  });
});

describe('a directory', () => {
  it('gives its rule files by name, at any depth, and follows no symbolic link', async () => {
    const root = await mkdtemp(join(tmpdir(), 'vong-rules-'));
    try {
      await mkdir(join(root, 'in/deep'), { recursive: true });
      await writeFile(join(root, 'in/deep/b.yml'), 'b');
      await writeFile(join(root, 'in/a.yaml'), 'a');
      await writeFile(join(root, 'in/readme.txt'), 'x');
      await writeFile(join(root, 'outside.yml'), 'secret');
      await symlink(join(root, 'outside.yml'), join(root, 'in/link.yml'));
      expect(await rulesOfDirectory(join(root, 'in'))).toEqual([
        { name: 'a.yaml', text: 'a' },
        { name: join('deep', 'b.yml'), text: 'b' },
      ]);
    } finally {
      await rm(root, { recursive: true });
    }
  });
});
