/** An event read as a list of fields, and as one line. Pure; what is worked out once for an event is kept with it. */
import type { EcsEvent } from '@vong/platform/events';

const MAX_DEPTH = 12;
const known = new WeakMap<EcsEvent, ReadonlyMap<string, readonly string[]>>();

/** Every field that has a value, by ECS dotted name; a list has several values, a list of objects the values of all of them. */
export function fieldsOf(event: EcsEvent): ReadonlyMap<string, readonly string[]> {
  const kept = known.get(event);
  if (kept) return kept;
  const fields = new Map<string, string[]>();
  const visit = (value: unknown, name: string, depth: number): void => {
    if (value === undefined || value === null || value === '' || depth > MAX_DEPTH) return;
    if (Array.isArray(value)) for (const item of value) visit(item, name, depth + 1);
    else if (typeof value === 'object') {
      for (const [key, part] of Object.entries(value)) visit(part, name === '' ? key : `${name}.${key}`, depth + 1);
    } else {
      const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
      const values = fields.get(name);
      if (values) values.push(text);
      else fields.set(name, [text]);
    }
  };
  visit(event, '', 0);
  known.set(event, fields);
  return fields;
}

/** Shown in a tab of its own, exactly as it was collected. */
const RAW = 'event.original';

/** Every field with its values, by name; without the raw record. */
export function listFields(event: EcsEvent): (readonly [name: string, values: readonly string[]])[] {
  return [...fieldsOf(event)].filter(([name]) => name !== RAW).sort(([a], [b]) => (a < b ? -1 : 1));
}

export function valuesOf(event: EcsEvent, name: string): readonly string[] {
  return fieldsOf(event).get(name) ?? [];
}

export function timeOf(event: EcsEvent): number {
  return Date.parse(event['@timestamp']);
}

/** Kind of event in a few characters: `sysmon 1`, `sshd`. */
export function kindOf(event: EcsEvent): string {
  return event.event.code === undefined ? event.event.module : `${event.event.module} ${event.event.code}`;
}

const MAX_SUMMARY = 400;

const MOST_DETAILS = 12;

/** The record's own fields where it has no field of ECS that says more: `TargetUserName=an LogonType=3`. */
function detailsOf({ winlog, json, auditd }: EcsEvent): string | undefined {
  const data = winlog?.event_data ?? winlog?.user_data ?? auditd?.data ?? json;
  const parts = Object.entries(data ?? {})
    .filter(([, value]) => (typeof value === 'string' || typeof value === 'number') && value !== '' && value !== '-')
    .slice(0, MOST_DETAILS)
    .map(([name, value]) => `${name}=${String(value)}`);
  return parts.length === 0 ? undefined : parts.join(' ');
}

/** What happened, in one line of at most 400 characters: the most telling field the event has. */
export function summaryOf(event: EcsEvent): string {
  const { process, url, file, registry, dns, destination } = event;
  const request = url?.original === undefined ? undefined : `${event.http?.request?.method ?? ''} ${url.original}`.trim();
  const status = event.http?.response?.status_code;
  const text =
    process?.command_line ??
    (request && (status === undefined ? request : `${request} → ${status}`)) ??
    (dns?.question?.name && `DNS ${dns.question.name}`) ??
    (registry?.path && `${registry.path}${registry.value === undefined ? '' : ` = ${registry.value}`}`) ??
    (destination?.ip &&
      `${process?.name ?? ''} → ${destination.ip}${destination.port === undefined ? '' : `:${destination.port}`}`.trim()) ??
    file?.path ??
    event.message ??
    process?.executable ??
    detailsOf(event) ??
    event.event.action ??
    event.event.original;
  return text.slice(0, MAX_SUMMARY).replace(/\s+/g, ' ');
}
