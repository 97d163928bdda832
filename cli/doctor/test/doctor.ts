import { loadConfig } from '@vong/platform/config';
import { checksOf } from '../checks.ts';
import type { Finding } from '../finding.ts';
import { runChecks } from '../run.ts';

/** The findings about the part whose name begins so. */
export async function doctor(env: Record<string, string>, part: string, limitMs?: number): Promise<Finding[]> {
  const checks = checksOf(loadConfig(env)).filter(({ name }) => name.startsWith(part));
  return await runChecks(checks, limitMs === undefined ? {} : { limitMs });
}

/** What was found wrong, as `level check: found → advice`. */
export function wrong(findings: readonly Finding[]): string[] {
  return findings
    .filter(({ level }) => level !== 'ok')
    .map(({ level, check, found, advice }) => `${level} ${check}: ${found} → ${advice ?? ''}`);
}
