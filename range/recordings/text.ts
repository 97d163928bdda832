/** Text recordings: NDJSON, JSON documents, log lines. */
import { isUtf8 } from 'node:buffer';
import { splitDocuments } from './documents.ts';
import { splitLines } from './lines.ts';
import type { Piece } from './lines.ts';
import { asUtf8 } from './streams.ts';
import type { Bytes } from './streams.ts';

/** Bytes looked at to tell the layout of a text. */
export const LAYOUT_BYTES = 256 * 1024;
const LINES_LOOKED_AT = 5;
/** Files of AWS CloudTrail: one object that holds the events. */
const WRAPPED = /^\{\s*"Records"\s*:\s*\[/;

export type Layout = 'lines' | 'documents';

/** A text's events, as written. `raw64` only where the bytes are not UTF-8. */
export interface TextEvent {
  readonly raw: string;
  readonly raw64?: string;
  /** Offset in the text, with `.n` for the n-th event of a wrapper. */
  readonly position: string;
}

/** NDJSON and log lines are read line by line; JSON that spans lines, or an array, by its brackets. */
export function layoutOf(head: Buffer): Layout {
  const text = head
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (/^\[\s*(?:\{|\]|$)/.test(text)) return 'documents';
  if (!text.startsWith('{')) return 'lines';
  const lines = text.split('\n', LINES_LOOKED_AT + 1);
  // The last line may be cut off where the looking ended; one without an end is a line all the same.
  if (lines.length === 1) return 'lines';
  return lines.slice(0, LINES_LOOKED_AT).some(isObject) ? 'lines' : 'documents';
}

function isObject(line: string): boolean {
  if (!line.startsWith('{')) return false;
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

export async function* textEvents(source: Bytes, head: Buffer, report: (reason: string) => void): AsyncGenerator<TextEvent> {
  const utf8 = asUtf8(source, head);
  // A UTF-16 head is decoded for the look, too.
  const layout = layoutOf(await decoded(head));
  const pieces = layout === 'lines' ? splitLines(utf8, report) : splitDocuments(utf8, report);
  for await (const piece of pieces) yield* eventsOf(piece);
}

function* eventsOf({ bytes, offset }: Piece): Generator<TextEvent> {
  const raw = bytes.toString('utf8');
  const position = String(offset);
  const wrapped = WRAPPED.test(raw) ? recordsOf(raw) : undefined;
  if (wrapped !== undefined) yield* wrapped.map((each, index) => ({ raw: JSON.stringify(each), position: `${position}.${index}` }));
  else if (raw.includes('\uFFFD') && !isUtf8(bytes)) yield { raw, raw64: bytes.toString('base64'), position };
  else yield { raw, position };
}

function recordsOf(raw: string): unknown[] | undefined {
  try {
    const found: { Records?: unknown } = JSON.parse(raw);
    return Array.isArray(found.Records) ? found.Records : undefined;
  } catch {
    return undefined;
  }
}

async function decoded(head: Buffer): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of asUtf8(once(head), head)) parts.push(part);
  return Buffer.concat(parts);
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}
