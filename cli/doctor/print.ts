import type { Finding, Level } from './finding.ts';

const LEVELS: readonly Level[] = ['ok', 'warning', 'problem'];

/** One line for each finding, what to do below it, and a sum. */
export function text(findings: readonly Finding[]): string {
  const width = Math.max(0, ...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, level, found, advice }) => {
    const line = `${level.padEnd(8)} ${check.padEnd(width)}  ${found}`;
    return advice === undefined ? [line] : [line, `${' '.repeat(9)}→ ${advice}`];
  });
  const sums = LEVELS.map((level) => {
    const count = findings.filter((finding) => finding.level === level).length;
    return `${count} ${level}${level === 'ok' || count === 1 ? '' : 's'}`;
  });
  return `${[...lines, '', sums.join(', ')].join('\n')}\n`;
}

/** `{ ok, findings }`; `ok` is false when there is a problem. */
export function json(findings: readonly Finding[]): string {
  return `${JSON.stringify({ ok: findings.every(({ level }) => level !== 'problem'), findings }, undefined, 2)}\n`;
}
