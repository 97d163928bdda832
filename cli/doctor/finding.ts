/** What a check found, and what to do about it. */
export type Level = 'ok' | 'warning' | 'problem';

export interface Finding {
  /** What was looked at, such as `kafka topic vong.events`. */
  readonly check: string;
  readonly level: Level;
  /** What was found, one line. */
  readonly found: string;
  /** What to do, with the command where there is one; always given unless `level` is ok. */
  readonly advice?: string;
}

export interface Check {
  /** Stands for the check when it fails as a whole. */
  readonly name: string;
  readonly run: () => Promise<readonly Finding[]>;
}

export const LIMIT_MS = 5000;

export function ok(check: string, found: string): Finding {
  return { check, level: 'ok', found };
}

export function warning(check: string, found: string, advice: string): Finding {
  return { check, level: 'warning', found, advice };
}

export function problem(check: string, found: string, advice: string): Finding {
  return { check, level: 'problem', found, advice };
}

/** `1.5 GB`, in powers of 1000. */
export function size(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(bytes, 1)) / 3)));
  const number = bytes / 1000 ** power;
  return `${power === 0 || number >= 100 ? Math.round(number) : number.toFixed(1)} ${units[power] ?? ''}`;
}
