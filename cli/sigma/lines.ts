/** Lines of an NDJSON file, plain, gzip or zstd, or of standard input, with the share of the file read so far. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { CommandFailure, EXIT } from '../exit.ts';

/** A longer line is not an event: it is given up as soon as it passes this many characters. */
const LONGEST_LINE = 16 * 1024 * 1024;

export interface LineReader {
  /** Whole lines as they are read, a few hundred at a time; a line that is too long comes as undefined. */
  readonly batches: AsyncIterable<(string | undefined)[]>;
  /** Compressed bytes in all (0: not known), and read so far. */
  readonly size: number;
  read(): number;
}

export async function readLines(file: string): Promise<LineReader> {
  const size = file === '-' ? 0 : await sizeOf(file);
  const input = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: 1 << 18 });
  let bytes = 0;
  input.on('data', (chunk: Buffer | string) => (bytes += chunk.length));
  const unpack = file.endsWith('.zst') ? createZstdDecompress() : file.endsWith('.gz') ? createGunzip() : undefined;
  if (unpack !== undefined) input.on('error', (error: Error) => unpack.destroy(error)).pipe(unpack);
  const source: AsyncIterable<Buffer | string> = unpack ?? input;
  return { batches: split(source, file), size, read: () => bytes };
}

async function sizeOf(file: string): Promise<number> {
  try {
    const found = await stat(file);
    if (!found.isFile()) throw new CommandFailure(EXIT.usage, `${file} is not a file.`);
    return found.size;
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw new CommandFailure(EXIT.usage, `${file} cannot be read.`, { cause: error });
  }
}

async function* split(source: AsyncIterable<Buffer | string>, file: string): AsyncGenerator<(string | undefined)[]> {
  const decoder = new TextDecoder();
  let rest = '';
  let skipping = false;
  try {
    for await (const chunk of source) {
      const text = rest + (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }));
      const lines: (string | undefined)[] = text.split('\n');
      rest = lines.pop() ?? '';
      if (skipping && lines.length > 0) {
        lines[0] = undefined;
        skipping = false;
      }
      if (rest.length > LONGEST_LINE) {
        rest = '';
        skipping = true;
      }
      yield lines;
    }
  } catch (error) {
    throw new CommandFailure(EXIT.usage, `${file} cannot be read to its end: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  rest += decoder.decode();
  if (skipping) yield [undefined];
  else if (rest !== '') yield [rest];
}
