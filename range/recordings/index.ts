/** Recordings of events, whatever they are packed in, as one stream of records. */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { RecordFormat } from '@vong/collector/contracts';
import { parseRecord } from '@vong/collector/parsers';
import { isEvtx, readEvtx } from '@vong/collector/sources/evtx';
import type { RecordingView } from '../contracts.ts';
import { isTar, isZip, tarEntries, zipEntries } from './archives.ts';
import type { ArchiveEntry } from './archives.ts';
import { recordingError } from './errors.ts';
import { Meter, metered, noted, peek, through, unpacker, unpackLimit } from './streams.ts';
import type { Bytes } from './streams.ts';
import { layoutOf, LAYOUT_BYTES, textEvents } from './text.ts';

export { RECORDING_ERRORS, recordingError } from './errors.ts';

/** One event of a recording. */
export interface RecordedEvent {
  readonly raw: string;
  /** The bytes in base64, where they are not valid UTF-8; `raw` then shows them with replacement characters. */
  readonly raw64?: string;
  /** Where it is: unique in the recording and a function of its content only, ≤ 60 characters. */
  readonly position: string;
  /** When it happened, in milliseconds since the epoch, as the parsers read it; absent where it names no time. */
  readonly time?: number;
  readonly format: RecordFormat;
}

export interface RecordingOptions {
  /** Read each event's time (default true); costs about as much as parsing it. */
  readonly times?: boolean;
  /**
   * Told of what could not be read. Without it, the iteration throws RECORDING_DAMAGED at its end, after everything that could be.
   */
  readonly onProblem?: (reason: string) => void;
  /** Told of the share of the file that was read since the last call; the sum is about the file's size in bytes. */
  readonly onRead?: (bytes: number) => void;
  readonly signal?: AbortSignal;
  /** Most bytes that it may unpack to (default: a thousand times its size, at least 1 GB, at most 64 GB). */
  readonly unpackBytes?: number;
}

/** How deep compressions and archives may lie in each other. */
const MOST_LAYERS = 4;
/** Offers the parser no time of its own to fall back on. */
const NO_TIME = new Date(0).toISOString();

interface Reading {
  readonly meter: Meter;
  readonly report: (reason: string) => void;
  readonly options: RecordingOptions;
}

/**
 * The events of a recording in its order. Recognised by content: NDJSON, JSON documents in a row or in an array, EVTX, log lines; any of
 * them in gzip or zstd, in a zip, in a tar (OTRF's `.zip` and `.tar.gz`). Throws RECORDING_MISSING, RECORDING_DAMAGED, RECORDING_EXPANDS.
 */
export async function* openRecording(path: string, options: RecordingOptions = {}): AsyncGenerator<RecordedEvent> {
  const problems: string[] = [];
  let count = 0;
  function report(reason: string): void {
    count++;
    options.onProblem?.(reason);
    if (problems.length === 0) problems.push(reason);
  }
  const stored = await sizeOf(path);
  const reading = { meter: new Meter(options.unpackBytes ?? unpackLimit(stored)), report, options };
  const events = isZip(await firstBytes(path)) ? zipEvents(path, reading) : fileEvents(path, reading);
  for await (const event of events) {
    options.signal?.throwIfAborted();
    yield options.times === false || event.time !== undefined ? event : withTime(event);
  }
  if (count > 0 && options.onProblem === undefined) throw recordingError('RECORDING_DAMAGED', { count, reason: problems[0] });
}

/** What a recording is, by its content; undefined for an empty file. Throws RECORDING_MISSING. */
export async function recogniseRecording(path: string): Promise<RecordingView['kind'] | undefined> {
  if (isZip(await firstBytes(path))) return 'archive';
  const file = createReadStream(path);
  try {
    let { head, all } = await peek(file, LAYOUT_BYTES);
    for (let layer = 0; layer < MOST_LAYERS; layer++) {
      const transform = unpacker(head);
      if (transform === undefined) break;
      ({ head, all } = await peek(through(all, transform), LAYOUT_BYTES));
    }
    if (head.length === 0) return undefined;
    if (isTar(head)) return 'archive';
    if (isEvtx(head)) return 'evtx';
    return layoutOf(head) === 'documents' ? 'json' : 'ndjson';
  } catch {
    return undefined;
  } finally {
    file.destroy();
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    const found = await stat(path);
    if (found.isFile()) return found.size;
  } catch (error) {
    throw recordingError('RECORDING_MISSING', { name: path }, error);
  }
  throw recordingError('RECORDING_MISSING', { name: path });
}

async function firstBytes(path: string): Promise<Buffer> {
  await sizeOf(path);
  await using file = await open(path, 'r');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
  return buffer.subarray(0, bytesRead);
}

async function* fileEvents(path: string, reading: Reading): AsyncGenerator<RecordedEvent> {
  const { onRead } = reading.options;
  const file: Bytes = createReadStream(path, { highWaterMark: 256 * 1024 });
  yield* guarded(onRead === undefined ? file : noted(file, onRead), { prefix: '', layer: 0, name: '' }, reading);
}

async function* zipEvents(path: string, reading: Reading): AsyncGenerator<RecordedEvent> {
  try {
    for await (const entry of zipEntries(path, reading.report)) {
      yield* entryEvents(entry, { prefix: '', layer: 0, name: '' }, reading);
      reading.options.onRead?.(entry.stored);
    }
  } catch (error) {
    reading.report(reasonOf(error));
  }
}

interface Place {
  /** Of positions inside: `<entry>/`. */
  readonly prefix: string;
  readonly layer: number;
  readonly name: string;
}

async function* entryEvents(entry: ArchiveEntry, at: Place, reading: Reading): AsyncGenerator<RecordedEvent> {
  let content: Bytes;
  try {
    content = await entry.content();
  } catch (error) {
    reading.report(`${entry.name}: ${reasonOf(error)}`);
    return;
  }
  yield* guarded(content, { prefix: `${at.prefix}${entry.index}/`, layer: at.layer + 1, name: `${entry.name}: ` }, reading);
}

/** One part of a recording: what is wrong with it is reported and does not touch the others. */
async function* guarded(source: Bytes, place: Place, reading: Reading): AsyncGenerator<RecordedEvent> {
  const events = streamEvents(metered(source, reading.meter), place, reading);
  try {
    while (true) {
      // Only reading is guarded: what the consumer throws at `yield` is its own.
      const next = await attempt(events, place, reading);
      if (next === undefined) return;
      yield next;
    }
  } finally {
    await events.return(undefined);
  }
}

async function attempt(events: AsyncGenerator<RecordedEvent>, { name }: Place, reading: Reading): Promise<RecordedEvent | undefined> {
  try {
    const next = await events.next();
    return next.done === true ? undefined : next.value;
  } catch (error) {
    if (reading.options.signal?.aborted === true) throw error;
    reading.report(`${name}${reasonOf(error)}`);
    return undefined;
  }
}

async function* streamEvents(source: Bytes, place: Place, reading: Reading): AsyncGenerator<RecordedEvent> {
  if (place.layer > MOST_LAYERS) throw new Error(`packed more than ${MOST_LAYERS} times`);
  const { head, all } = await peek(source, LAYOUT_BYTES);
  const inside = { ...place, layer: place.layer + 1 };
  const transform = unpacker(head);
  if (transform !== undefined) yield* streamEvents(metered(through(all, transform), reading.meter), inside, reading);
  else if (isTar(head)) {
    for await (const entry of tarEntries(all, reading.report)) yield* entryEvents(entry, place, reading);
  } else if (isZip(head)) throw new Error('a zip inside of an archive is not read');
  else if (isEvtx(head)) yield* evtxEvents(all, place, reading);
  else {
    for await (const { position, ...event } of textEvents(all, head, (reason) => reading.report(`${place.name}${reason}`))) {
      yield { ...event, position: `${place.prefix}${position}`, format: 'auto' };
    }
  }
}

async function* evtxEvents(source: Bytes, { prefix, name }: Place, reading: Reading): AsyncGenerator<RecordedEvent> {
  for await (const item of readEvtx(source)) {
    if (item.error === undefined) {
      yield { raw: item.json, position: `${prefix}${item.offset}`, time: Date.parse(item.timestamp), format: 'windows' };
    } else reading.report(`${name}${item.error.reason} (at ${item.error.offset})`);
  }
}

function withTime(event: RecordedEvent): RecordedEvent {
  const parsed = parseRecord({ raw: event.raw, format: event.format, collected: NO_TIME });
  const time = 'event' in parsed ? Date.parse(parsed.event['@timestamp']) : 0;
  return time === 0 || Number.isNaN(time) ? event : { ...event, time };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
