/**
 * An event as it comes from the log: its bytes, and the few values every event is asked for. Most events match nothing, and objects
 * are made only of those that do. Held to plain `JSON.parse` by a differential test.
 */
import { JsonFields } from 'sigma-rules-ts';
import type { EcsEvent } from '@vong/platform/events';

/** Milliseconds since the epoch. */
export interface EventTimes {
  readonly happened: number;
  readonly collected: number;
  readonly received: number;
}

export interface IncomingEvent {
  readonly json: Uint8Array;
  readonly agency: string;
  readonly times: EventTimes;
  /** The whole event; made when it is first asked for. */
  readonly event: EcsEvent;
}

const decoder = new TextDecoder();
const fields = new JsonFields([['@timestamp'], ['event', 'created'], ['event', 'ingested'], ['organization', 'id']]);

/** Undefined for what is no event. */
export function readEvent(json: Uint8Array): IncomingEvent | undefined {
  const [happened, created, ingested, agency] = fields.read(json) ?? [];
  if (typeof agency === 'string' && typeof ingested === 'string')
    return new Incoming(json, { agency, times: timesOf({ happened, created, ingested }) });
  const event = parse(json);
  if (event === undefined) return undefined;
  const times = timesOf({ happened: event['@timestamp'], created: event.event.created, ingested: event.event.ingested });
  return new Incoming(json, { agency: event.organization.id, times, event });
}

class Incoming implements IncomingEvent {
  readonly json: Uint8Array;
  readonly agency: string;
  readonly times: EventTimes;
  #event: EcsEvent | undefined;

  constructor(json: Uint8Array, known: { readonly agency: string; readonly times: EventTimes; readonly event?: EcsEvent }) {
    this.json = json;
    this.agency = known.agency;
    this.times = known.times;
    this.#event = known.event;
  }

  get event(): EcsEvent {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the topic holds what our own gateway wrote
    return (this.#event ??= JSON.parse(decoder.decode(this.json)) as EcsEvent);
  }
}

function timesOf({ happened, created, ingested }: { happened: unknown; created: unknown; ingested: unknown }): EventTimes {
  const received = dateOf(ingested);
  const collected = dateOf(created);
  const began = dateOf(happened);
  return { received, collected: Number.isNaN(collected) ? received : collected, happened: Number.isNaN(began) ? received : began };
}

function dateOf(value: unknown): number {
  return typeof value === 'string' ? Date.parse(value) : Number.NaN;
}

function parse(json: Uint8Array): EcsEvent | undefined {
  try {
    const value: unknown = JSON.parse(decoder.decode(json));
    return isEvent(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** As much of an event as is used without looking. */
function isEvent(value: unknown): value is EcsEvent {
  if (!isObject(value) || !('organization' in value) || !('event' in value)) return false;
  const { organization, event } = value;
  return isObject(organization) && 'id' in organization && typeof organization.id === 'string' && isObject(event);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
