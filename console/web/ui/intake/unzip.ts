/**
 * Rule files of a zip archive, read in the browser for the checks; what is imported is what the server reads. Bounded: entries, their
 * size, all together. (PKWARE APPNOTE 4.3: end of central directory, central directory, local headers.)
 */
const MAX_ENTRIES = 20_000;
const MAX_ENTRY_BYTES = 2 * 1024 * 1024;
const MAX_BYTES = 128 * 1024 * 1024;
const [END, ENTRY] = [0x06054b50, 0x02014b50];
const [END_BYTES, LONGEST_COMMENT, ENTRY_BYTES, LOCAL_BYTES] = [22, 65_535, 46, 30];
const [STORED, DEFLATED] = [0, 8];
const decoder = new TextDecoder();

export interface UnzippedFile {
  readonly file: string;
  readonly text: string;
}

/** `wanted` says by its name whether a file is read. Undefined when it is no archive that can be read here. */
export async function unzip(archive: Blob, wanted: (name: string) => boolean): Promise<UnzippedFile[] | undefined> {
  try {
    return await read(new Uint8Array(await archive.arrayBuffer()), wanted);
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return undefined;
    throw error;
  }
}

async function read(bytes: Uint8Array<ArrayBuffer>, wanted: (name: string) => boolean): Promise<UnzippedFile[]> {
  const view = new DataView(bytes.buffer);
  const end = endOf(view);
  const files: UnzippedFile[] = [];
  let [at, left] = [view.getUint32(end + 16, true), MAX_BYTES];
  for (let n = Math.min(view.getUint16(end + 10, true), MAX_ENTRIES); n > 0; n--) {
    if (view.getUint32(at, true) !== ENTRY) throw new RangeError('not an entry');
    const [method, packed, size] = [view.getUint16(at + 10, true), view.getUint32(at + 20, true), view.getUint32(at + 24, true)];
    const [name, extra, comment] = [view.getUint16(at + 28, true), view.getUint16(at + 30, true), view.getUint16(at + 32, true)];
    const local = view.getUint32(at + 42, true);
    const file = decoder.decode(bytes.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + name));
    at += ENTRY_BYTES + name + extra + comment;
    if (!wanted(file) || size > MAX_ENTRY_BYTES) continue;
    if ((left -= size) < 0) break;
    const from = local + LOCAL_BYTES + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    files.push({ file, text: decoder.decode(await inflate(bytes.slice(from, from + packed), method)) });
  }
  return files;
}

function endOf(view: DataView): number {
  const lowest = Math.max(0, view.byteLength - END_BYTES - LONGEST_COMMENT);
  for (let at = view.byteLength - END_BYTES; at >= lowest; at--) if (view.getUint32(at, true) === END) return at;
  throw new RangeError('not an archive');
}

/** Stops at the size a file may have, whatever its header says. */
async function inflate(packed: Uint8Array<ArrayBuffer>, method: number): Promise<Uint8Array> {
  if (method === STORED) return packed;
  if (method !== DEFLATED) throw new RangeError('an unknown method');
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.length;
    if (size > MAX_ENTRY_BYTES) {
      await reader.cancel();
      throw new RangeError('larger than a rule may be');
    }
    parts.push(part.value);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
