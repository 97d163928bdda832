/** Samples of events: as they are, or as the raw record of a source that the product's parsers read first. */
import type { RecordFormat } from '@vong/collector/contracts';

export interface Sample {
  /** `firing.ndjson:3`. */
  readonly place: string;
  /** Undefined where the text is no event; `problem` says why. */
  readonly event?: object;
  /** When it happened, in milliseconds since the epoch, where it says so. */
  readonly time?: number;
  readonly problem?: string;
}

const FORMATS: readonly RecordFormat[] = ['windows', 'syslog', 'auditd', 'nginx', 'apache', 'json', 'journald'];
/** Time a sample counts as collected, where its record names none: the result of a test must not hang on the clock. */
const COLLECTED = '2026-01-01T00:00:00.000Z';

/** A JSON event; `{"format", "raw"}` is parsed as the collector parses it. Undefined for anything else. */
export async function toEvent(text: string): Promise<object | undefined> {
  const value = readObject(text);
  if (value === undefined || !('raw' in value) || typeof value.raw !== 'string') return value;
  const named = 'format' in value ? value.format : undefined;
  return await parsed(value.raw, FORMATS.find((format) => format === named) ?? 'auto');
}

async function parsed(raw: string, format: RecordFormat): Promise<object | undefined> {
  const { parseRecord } = await import('@vong/collector/parsers');
  const outcome = parseRecord({ raw, format, collected: COLLECTED });
  return 'event' in outcome ? outcome.event : undefined;
}

function readObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Every event of a file: NDJSON, JSON documents in a row or in an array, EVTX, log lines, packed or not. */
export async function readSamples(path: string, name: string): Promise<Sample[]> {
  const { openRecording } = await import('@vong/range/recordings');
  const samples: Sample[] = [];
  try {
    for await (const { raw, format, time: recorded } of openRecording(path)) {
      const event = (await toEvent(raw)) ?? (await parsed(raw, format));
      const place = `${name}:${samples.length + 1}`;
      const time = event === undefined ? undefined : (timeOf(event) ?? recorded);
      samples.push(event === undefined ? { place, problem: 'it is no event' } : { place, event, ...(time === undefined ? {} : { time }) });
    }
  } catch (error) {
    samples.push({ place: name, problem: error instanceof Error ? error.message : String(error) });
  }
  return samples;
}

function timeOf(event: object): number | undefined {
  const text = '@timestamp' in event ? event['@timestamp'] : undefined;
  const time = typeof text === 'string' ? Date.parse(text) : NaN;
  return Number.isNaN(time) ? undefined : time;
}
