/** Where the cluster is and how the store uses it: plain data, so that it can be handed to another thread. */
import { SCAN_EVENTS } from '../bounds.ts';
import { eventsError } from '../errors.ts';

export interface ElasticOptions {
  /** `https://host:9200`, one or more. */
  readonly nodes: readonly string[];
  readonly user?: string;
  readonly password?: string;
  /** Instead of user and password. */
  readonly apiKey?: string;
  /** PEM of the authority that signed the nodes' certificates. */
  readonly ca?: string;
  /** Begins the name of every index and template; default `vong`. */
  readonly prefix?: string;
  /** Copies of each index beside the first; default 1. */
  readonly replicas?: number;
  /** Shards of each new index; default 1. */
  readonly shards?: number;
  /**
   * Agency code → class: agencies of a class share their indices. An agency keeps the class it was first stored in. Default, and
   * for agencies not named: `general`.
   */
  readonly classes?: Readonly<Record<string, string>>;
  /** Size at which an index is closed to writing and the next begun, bytes of one shard; default 30 GB. */
  readonly rolloverBytes?: number;
  /** Longest time a query may take, ms; default 15,000. */
  readonly timeoutMs?: number;
  /** How long storing a batch is tried again before it is given back as failed, ms; default 60,000. */
  readonly patienceMs?: number;
  /** Most events that a search may look at value by value where it gives no time range; default 50 million. */
  readonly scanEvents?: number;
}

export interface Settings extends Omit<Required<ElasticOptions>, 'user' | 'password' | 'apiKey' | 'ca'> {
  readonly user?: string;
  readonly password?: string;
  readonly apiKey?: string;
  readonly ca?: string;
}

const PREFIX = /^[a-z0-9][a-z0-9_-]{0,63}$/;
const CLASS = /^[a-z0-9_]{1,32}$/;
export const GENERAL = 'general';

/** @throws EVENTS_STORE_OPTIONS */
export function settingsOf(options: ElasticOptions): Settings {
  const settings: Settings = {
    prefix: 'vong',
    replicas: 1,
    shards: 1,
    classes: {},
    rolloverBytes: 30e9,
    timeoutMs: 15_000,
    patienceMs: 60_000,
    scanEvents: SCAN_EVENTS,
    ...options,
  };
  if (settings.nodes.length === 0) refuse('nodes', 'at least one address is needed');
  for (const node of settings.nodes) if (!isAddress(node)) refuse('nodes', `"${withoutSecrets(node)}" is not http(s)://host:port`);
  if (!PREFIX.test(settings.prefix)) refuse('prefix', 'small letters, digits, - and _ only, at most 64');
  if (!whole(settings.replicas, 0, 10)) refuse('replicas', 'a whole number from 0 to 10');
  if (!whole(settings.shards, 1, 100)) refuse('shards', 'a whole number from 1 to 100');
  for (const name of Object.values(settings.classes)) {
    if (!CLASS.test(name)) refuse('classes', `"${name}" is no name for a class: small letters, digits and _ only, at most 32`);
  }
  if (settings.apiKey !== undefined && settings.user !== undefined) refuse('apiKey', 'give a key or a user, not both');
  return settings;
}

function refuse(name: string, reason: string): never {
  throw eventsError('EVENTS_STORE_OPTIONS', { name, reason });
}

function whole(value: number, low: number, high: number): boolean {
  return Number.isInteger(value) && value >= low && value <= high;
}

function isAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function withoutSecrets(text: string): string {
  return text.replace(/\/\/[^/@]*@/, '//');
}
