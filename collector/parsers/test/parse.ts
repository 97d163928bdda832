/** Shared by the parser tests: one record in, one event out. */
import type { ParsedEvent, ParserInput } from '../../contracts.ts';
import { parseRecord } from '../index.ts';

export const collected = '2026-11-22T04:00:00.000Z';

export function parse(raw: string, more: Partial<ParserInput> = {}): ParsedEvent {
  const outcome = parseRecord({ raw, format: 'auto', collected, host: 'collector-1', ...more });
  if ('error' in outcome) throw new Error(outcome.error.code);
  return outcome.event;
}
