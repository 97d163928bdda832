/** Which parser a file most likely needs, by the names servers give their logs; `auto` looks at the content. */
import { basename } from 'node:path';
import type { RecordFormat } from '../../contracts.ts';

const HINTS: readonly (readonly [RegExp, RecordFormat])[] = [
  [/\.(?:json|ndjson|jsonl)(?:[.-]\d.*)?$/i, 'json'],
  [/\/nginx\/[^/]*access[^/]*$/i, 'nginx'],
  [/\/(?:apache2?|httpd)\/[^/]*access[^/]*$/i, 'apache'],
  [/\/audit\/audit\.log/i, 'auditd'],
];
const SYSLOG_NAMES = /^(?:auth|syslog|messages|secure|kern|daemon|cron|maillog|mail|user)(?:\.log)?(?:[.-]\d.*)?$/i;

export function formatOfPath(path: string): RecordFormat {
  const hint = HINTS.find(([pattern]) => pattern.test(path));
  if (hint !== undefined) return hint[1];
  if (/^audit\.log/i.test(basename(path))) return 'auditd';
  return SYSLOG_NAMES.test(basename(path)) ? 'syslog' : 'auto';
}
