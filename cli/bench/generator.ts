/**
 * The load of `bench pipeline`, a process of its own as agents are: sends batches of real events, each with a fresh id and the
 * present time, at a given rate or as fast as the gateway answers. Sends nothing anywhere but to the address it is given.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { createZstdDecompress, constants, zstdCompressSync } from 'node:zlib';

export interface GeneratorOrder {
  readonly url: string;
  readonly token: string;
  readonly events: string;
  readonly seconds: number;
  /** Events per second; 0 = as fast as answered. */
  readonly rate: number;
}

export interface GeneratorReport {
  readonly sent: number;
  /** Of compressed batches. */
  readonly bytes: number;
  readonly seconds: number;
  readonly refused: number;
}

/** Events read into memory; the lane is repeated beyond them. */
const SAMPLE = 50_000;
const BATCH = 1000;
const STAMP = '"SystemTime":"';

/** Each event cut where its time stands, already escaped as a JSON string's content. */
async function readSample(file: string): Promise<[string, string][]> {
  const raw = createReadStream(file);
  const lines = createInterface({ input: file.endsWith('.zst') ? raw.pipe(createZstdDecompress()) : raw });
  const sample: [string, string][] = [];
  for await (const line of lines) {
    // The lane names each event's log source for engines that cannot tell; the product has to find it out itself.
    const plain = line.replace(/,"ls_product":.*\}$/, '}');
    const at = plain.indexOf(STAMP);
    const end = plain.indexOf('"', at + STAMP.length);
    if (at < 0 || end < 0) continue;
    sample.push([JSON.stringify(plain.slice(0, at + STAMP.length)).slice(1, -1), JSON.stringify(plain.slice(end)).slice(1, -1)]);
    if (sample.length >= SAMPLE) break;
  }
  lines.close();
  raw.destroy();
  return sample;
}

function makeBody(sample: readonly [string, string][], from: number, count: number): Buffer {
  const now = new Date().toISOString();
  let text = '';
  for (let i = from; i < from + count; i++) {
    const [head, tail] = sample[i % sample.length] ?? ['', ''];
    text += `{"id":"${i}","source":"bench","format":"windows","collected":"${now}","raw":"${head}${now}${tail}"}\n`;
  }
  return zstdCompressSync(text, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
}

/** Batches of the full load are made before it starts: an agency's machine does that work, not the one that is measured. */
const PREPARED_PER_SECOND = 12_000;

async function run(order: GeneratorOrder): Promise<GeneratorReport> {
  const sample = await readSample(order.events);
  const prepared: Buffer[] = [];
  if (order.rate === 0) for (let n = 0; n < order.seconds * PREPARED_PER_SECOND; n += BATCH) prepared.push(makeBody(sample, n, BATCH));
  process.send?.({ ready: true });
  const started = performance.now();
  const batch = order.rate > 0 ? Math.min(BATCH, Math.max(1, Math.round(order.rate / 20))) : BATCH;
  let [sent, bytes, sequence, refused] = [0, 0, 0, 0];
  while (performance.now() - started < order.seconds * 1000) {
    if (order.rate > 0) {
      const due = started + (sent / order.rate) * 1000;
      if (due > performance.now()) await sleep(due - performance.now());
    }
    const body = prepared[sequence] ?? makeBody(sample, sent, batch);
    refused += await post(order, sequence++, body);
    sent += batch;
    bytes += body.byteLength;
  }
  return { sent, bytes, seconds: (performance.now() - started) / 1000, refused };
}

/** Posts until acknowledged; returns how often the gateway asked to wait. */
async function post(order: GeneratorOrder, sequence: number, body: Buffer): Promise<number> {
  const headers = {
    authorization: `Bearer ${order.token}`,
    'content-type': 'application/x-ndjson',
    'content-encoding': 'zstd',
    'x-vong-sequence': String(sequence),
  };
  for (let refused = 0; ; refused++) {
    const response = await fetch(`${order.url}/ingest/v1/batches`, { method: 'POST', headers, body: new Uint8Array(body) });
    const text = await response.text();
    if (response.ok) return refused;
    if (response.status !== 429 && response.status !== 503) throw new Error(`the gateway answered ${response.status}: ${text}`);
    await sleep(Math.min(1000, 1000 * Number(response.headers.get('retry-after') ?? 0.1)));
  }
}

process.once('message', (order: GeneratorOrder) => {
  run(order).then(
    (report) => process.send?.({ report }, () => process.exit(0)),
    (error: unknown) => process.send?.({ error: String(error) }, () => process.exit(1)),
  );
});
