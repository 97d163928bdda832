/** An event as a list of fields, and as one line. Pure. */
import type { EcsEvent } from '@vong/platform/events';

export interface Field {
  /** ECS dotted name. */
  readonly name: string;
  /** An array has several. */
  readonly values: readonly string[];
}

const MAX_DEPTH = 12;
/** Shown in a tab of its own, exactly as it was collected. */
const ELSEWHERE = new Set(['event.original']);

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function scalar(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** Every field with a value, by name. */
export function flatten(event: EcsEvent): Field[] {
  const fields: Field[] = [];
  const walk = (value: unknown, name: string, depth: number): void => {
    if (value === undefined || value === null || value === '' || ELSEWHERE.has(name)) return;
    if (isRecord(value) && depth < MAX_DEPTH) {
      for (const [key, part] of Object.entries(value)) walk(part, name === '' ? key : `${name}.${key}`, depth + 1);
    } else if (Array.isArray(value)) {
      if (value.length > 0) fields.push({ name, values: value.map(scalar) });
    } else fields.push({ name, values: [scalar(value)] });
  };
  walk(event, '', 0);
  return fields.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What happened, in one line: the most telling field the event has. */
export function summarize(event: EcsEvent): string {
  const { process, url, file, registry, dns, destination } = event;
  const request = url?.original === undefined ? undefined : `${event.http?.request?.method ?? ''} ${url.original}`.trim();
  return (
    process?.command_line ??
    request ??
    (dns?.question?.name && `DNS ${dns.question.name}`) ??
    (registry?.path && `${registry.path}${registry.value === undefined ? '' : ` = ${registry.value}`}`) ??
    (destination?.ip && `→ ${destination.ip}:${destination.port ?? ''}`) ??
    file?.path ??
    event.message ??
    process?.executable ??
    event.event.action ??
    event.event.original.slice(0, 300)
  );
}

/** Kind of event in a few characters: `sysmon 1`, `sshd`. */
export function kindOf(event: EcsEvent): string {
  return event.event.code === undefined ? event.event.module : `${event.event.module} ${event.event.code}`;
}
