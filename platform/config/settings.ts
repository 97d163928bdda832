import { availableParallelism } from 'node:os';
import ipaddr from 'ipaddr.js';
import { Type } from 'typebox';
import { readBytes, readList, readSwitch, readTimes, setting } from './setting.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MIB = 1024 * 1024;

const Path = Type.String({ minLength: 1, maxLength: 4096 });
const Limit = (minimum: number) => Type.Union([Type.Integer({ minimum }), Type.Null()]);
const asIs = (text: string): string => text;

/** Settings that stand by themselves in `Config`; those of a cluster are in `cluster-settings.ts`. */
export const SETTINGS = {
  data: setting({
    variable: 'VONG_DATA',
    key: 'data',
    fallback: './data',
    about: 'Directory of everything the server keeps. One server at a time may use it.',
    form: 'a directory',
    read: asIs,
    kind: Path,
  }),
  listen: setting({
    variable: 'VONG_LISTEN',
    key: 'listen',
    fallback: '127.0.0.1:8080',
    about: 'Address and port to listen on. Port 0 takes a free one. Put a reverse proxy with TLS in front before opening it to a network.',
    form: 'an address and a port, for example 127.0.0.1:8080 or [::1]:8080',
    read: readListen,
    kind: Type.Object({ host: Type.String({ minLength: 1 }), port: Type.Integer({ minimum: 0, maximum: 65_535 }) }),
  }),
  publicUrl: setting({
    variable: 'VONG_PUBLIC_URL',
    key: 'public_url',
    fallback: 'none',
    about: 'Address people and agents use, when it is not the one listened on. With https, cookies are sent over TLS only.',
    form: 'an address such as https://soc.example.vn, without a path, or none',
    read: readOrigin,
    kind: Type.Union([Type.String(), Type.Null()]),
  }),
  trustProxy: setting({
    variable: 'VONG_TRUST_PROXY',
    key: 'trust_proxy',
    fallback: 'none',
    about: 'Addresses or networks of the reverse proxies in front, separated by commas: the client address they report is believed.',
    form: 'addresses or networks such as 10.0.0.5,10.1.0.0/16, or none',
    read: readList,
    list: true,
    kind: Type.Array(Type.Refine(Type.String(), (text) => ipaddr.isValid(text) || ipaddr.isValidCIDR(text))),
  }),
  logLevel: setting({
    variable: 'VONG_LOG_LEVEL',
    key: 'log_level',
    fallback: 'info',
    about: 'How much the server writes to its own log (JSON lines on standard output). At debug, every request.',
    form: 'one of trace, debug, info, warn, error, fatal, silent',
    read: (text) => text.toLowerCase(),
    kind: Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
  }),
  detectors: setting({
    variable: 'VONG_DETECTORS',
    key: 'detectors',
    fallback: 'auto',
    about: 'Threads that run the rules. auto: the number of processors less one, at least one.',
    form: 'a whole number from 1 to 64, or auto',
    read: (text) => (text.toLowerCase() === 'auto' ? Math.min(64, Math.max(1, availableParallelism() - 1)) : readTimes(1)(text)),
    kind: Type.Integer({ minimum: 1, maximum: 64 }),
  }),
  minFreeBytes: setting({
    variable: 'VONG_MIN_FREE',
    key: 'min_free',
    fallback: '256MiB',
    about:
      'Below this much free space under the data directory the gateway answers 503 and agents keep what they have: what was taken still has room to be searched and alerted on.',
    form: 'a size, for example 1GiB',
    read: readBytes,
    kind: Type.Integer({ minimum: 0 }),
  }),
  eventsMemoryBytes: setting({
    variable: 'VONG_EVENTS_MEMORY',
    key: 'events.memory',
    fallback: '256MB',
    about: 'Memory the event store may use for itself; the process takes about half as much again.',
    form: 'a size of at least 128MB, for example 1GB',
    read: readBytes,
    kind: Type.Integer({ minimum: 128_000_000 }),
  }),
  logRetentionMs: setting({
    variable: 'VONG_LOG_RETENTION_HOURS',
    key: 'log.retention_hours',
    fallback: '72',
    about: 'How long the durable log keeps batches after every reader has read them.',
    form: 'a number of hours, at least 1, or none for no limit',
    read: readTimes(HOUR_MS),
    kind: Limit(HOUR_MS),
  }),
  logRetentionBytes: setting({
    variable: 'VONG_LOG_RETENTION_BYTES',
    key: 'log.retention_bytes',
    fallback: '20GiB',
    about: 'Size beyond which the durable log deletes its oldest batches.',
    form: 'a size of at least 64MiB, for example 20GiB, or none for no limit',
    read: readBytes,
    kind: Limit(64 * MIB),
  }),
  eventsRetentionMs: setting({
    variable: 'VONG_EVENTS_RETENTION_DAYS',
    key: 'events.retention_days',
    fallback: '400',
    about: 'How many days events stay searchable after they happened and were received.',
    form: 'a number of days, at least 1, or none for no limit',
    read: readTimes(DAY_MS),
    kind: Limit(DAY_MS),
  }),
  eventsRetentionBytes: setting({
    variable: 'VONG_EVENTS_RETENTION_BYTES',
    key: 'events.retention_bytes',
    fallback: 'none',
    about: 'Size beyond which the event store deletes its oldest days.',
    form: 'a size of at least 64MiB, for example 500GiB, or none for no limit',
    read: readBytes,
    kind: Limit(64 * MIB),
  }),
  alertWindowMs: setting({
    variable: 'VONG_ALERT_WINDOW_MINUTES',
    key: 'alerts.window_minutes',
    fallback: '60',
    about: 'The same rule on the same host and user within this time of an alert joins it instead of making a new one.',
    form: 'a number of minutes from 1 to 10080',
    read: readTimes(60_000),
    kind: Type.Integer({ minimum: 60_000, maximum: 7 * DAY_MS }),
  }),
  rules: setting({
    variable: 'VONG_RULES',
    key: 'rules',
    fallback: 'none',
    about: 'Directories of Sigma rules loaded besides those of the product, separated by commas.',
    form: 'directories separated by commas, or none',
    read: readList,
    list: true,
    kind: Type.Array(Path, { maxItems: 32 }),
  }),
  pipelines: setting({
    variable: 'VONG_PIPELINES',
    key: 'pipelines',
    fallback: 'none',
    about:
      'Directories of processing pipelines in the format of pySigma, separated by commas: applied to every rule and correlation, in the order of their priority. A change of their files is in use within seconds, without a restart; where one of them cannot be used those of before stay, and the page Rules says why. At the start one that cannot be used stops the start.',
    form: 'directories separated by commas, or none',
    read: readList,
    list: true,
    kind: Type.Array(Path, { maxItems: 32 }),
  }),
  recordings: setting({
    variable: 'VONG_RECORDINGS',
    key: 'recordings',
    fallback: 'none',
    about: 'Directories of recordings offered for replay besides the uploaded ones, separated by commas.',
    form: 'directories separated by commas, or none',
    read: readList,
    list: true,
    kind: Type.Array(Path, { maxItems: 32 }),
  }),
  agent: setting({
    variable: 'VONG_AGENT',
    key: 'agent',
    fallback: 'on',
    about: 'Whether the server runs an agent of its own that follows the logs of this machine.',
    form: 'on or off',
    read: readSwitch,
    kind: Type.Boolean(),
  }),
} as const;

function readListen(text: string): { host: string; port: number } | undefined {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  return host === undefined ? undefined : { host, port: Number(port) };
}

function readOrigin(text: string): string | null | undefined {
  if (text.toLowerCase() === 'none') return null;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const plain = url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '' && url.password === '';
  return plain && (url.protocol === 'https:' || url.protocol === 'http:') ? url.origin : undefined;
}
