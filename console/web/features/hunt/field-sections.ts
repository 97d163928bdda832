/** Which fields are offered, in which order. Pure. */
import type { FieldInfo } from '@vong/platform/events';
import { fold } from '../../ui/format.ts';

/** What hunts begin with; shown first when the events have them. */
const COMMON = [
  'host.name',
  'user.name',
  'event.module',
  'event.code',
  'event.action',
  'event.outcome',
  'process.name',
  'process.parent.name',
  'process.command_line',
  'source.ip',
  'destination.ip',
  'destination.port',
  'dns.question.name',
  'url.path',
  'http.response.status_code',
  'file.path',
  'registry.path',
  'organization.id',
];

/** One character for each type of field; the usual one, a keyword, has none. */
export const TYPE_MARKS: Readonly<Record<FieldInfo['type'], string>> = {
  keyword: '',
  text: 't',
  number: '#',
  date: '◷',
  ip: '@',
  boolean: '✓',
};

/** The same for every event, or shown elsewhere. */
const HIDDEN = new Set(['event.original', 'event.kind']);

export function sections(fields: readonly FieldInfo[], typed: string): { common: FieldInfo[]; all: FieldInfo[] } {
  const wanted = fold(typed.trim());
  const found = fields.filter(({ name }) => !HIDDEN.has(name) && fold(name).includes(wanted));
  const byName = new Map(found.map((field) => [field.name, field]));
  const common = COMMON.flatMap((name) => byName.get(name) ?? []);
  const all = found.filter(({ name }) => !COMMON.includes(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
  return { common, all };
}
