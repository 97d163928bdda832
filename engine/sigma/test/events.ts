/** Events of the shared data: the lanes of the benchmark, SigmaHQ's regression data, OTRF's recordings. */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { inflateRawSync, zstdDecompressSync } from 'node:zlib';
import { readObject, shared } from './support.ts';

export type Lane = 'windows-mix' | 'windows-process';

/** The lines of a lane: one JSON event each. */
export function laneLines(lane: Lane): string[] {
  const text = zstdDecompressSync(readFileSync(join(shared, 'data', 'bench', `${lane}.ndjson.zst`))).toString();
  return text.trimEnd().split('\n');
}

/** A sample that misses no kind of event: the first and the last of each channel and event id, and every n-th line. */
export function sampleLines(lines: readonly string[], every: number): string[] {
  const seen = new Map<string, [number, number]>();
  for (const [index, line] of lines.entries()) {
    const key = ['Channel', 'EventID', 'ls_service', 'ls_category'].map((name) => memberText(line, name)).join('|');
    const range = seen.get(key);
    if (range === undefined) seen.set(key, [index, index]);
    else range[1] = index;
  }
  const ends = new Set([...seen.values()].flat());
  return lines.filter((_, index) => index % every === 0 || ends.has(index));
}

function memberText(line: string, name: string): string {
  return new RegExp(`"${name}":\\s*("[^"]*"|[^,}]*)`).exec(line)?.[1] ?? '';
}

/** Events of OTRF's recordings in zip archives: every n-th line of each file in them. */
export function otrfEvents(every: number): { name: string; events: object[] }[] {
  return globSync(join(shared, 'data', 'otrf', '**', '*.zip'))
    .sort()
    .map((file) => ({
      name: basename(file),
      events: unzip(readFileSync(file)).flatMap((text) =>
        text
          .split('\n')
          .filter((line, index) => index % every === 0 && line.startsWith('{'))
          .map((line) => readObject(line)),
      ),
    }));
}

/** The texts in a zip archive, by its central directory. */
function unzip(archive: Buffer): string[] {
  const end = archive.lastIndexOf(Buffer.from('PK\u0005\u0006'));
  const texts: string[] = [];
  let at = archive.readUInt32LE(end + 16);
  for (let entry = archive.readUInt16LE(end + 10); entry > 0; entry--) {
    const [method, size, start] = [archive.readUInt16LE(at + 10), archive.readUInt32LE(at + 20), archive.readUInt32LE(at + 42)];
    const body = start + 30 + archive.readUInt16LE(start + 26) + archive.readUInt16LE(start + 28);
    const data = archive.subarray(body, body + size);
    if (size > 0) texts.push((method === 0 ? data : inflateRawSync(data)).toString());
    at += 46 + archive.readUInt16LE(at + 28) + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return texts;
}
