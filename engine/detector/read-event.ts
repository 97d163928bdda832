/**
 * An event out of its record. The raw text is two fifths of it and few rules look at it, so it is cut out before the rest is parsed
 * and read only when somebody asks. Held to plain `JSON.parse` by a differential test.
 */
import type { EcsEvent } from '@vong/platform/events';

const decoder = new TextDecoder();
/** What the gateway writes first, after a time stamp of fixed length. */
const BEFORE = '"event":{"kind":"event","original":"';
const AT = '{"@timestamp":"2026-11-22T00:00:00.000Z",'.length;
/** What follows the raw text. Inside it every quote is escaped, so this cannot stand there. */
const AFTER = '","module":"';

/** Undefined for what is no event. */
export function readEvent(value: Uint8Array): EcsEvent | undefined {
  try {
    return parse(decoder.decode(value));
  } catch {
    return undefined;
  }
}

function parse(text: string): EcsEvent {
  const from = AT + BEFORE.length;
  const to = text.startsWith(BEFORE, AT) ? text.indexOf(AFTER, from) : -1;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the topic holds what our own gateway wrote
  if (to < 0) return JSON.parse(text) as EcsEvent;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  const event = JSON.parse(text.slice(0, from) + text.slice(to)) as EcsEvent;
  Object.defineProperty(event.event, 'original', {
    enumerable: true,
    configurable: true,
    get: () => JSON.parse(`"${text.slice(from, to)}"`) as unknown,
  });
  return event;
}
