/** Every error a person can meet in the console has a Vietnamese sentence with the same particulars. */
import { describe, expect, it } from 'vitest';
import { DEAD_LETTER_ERRORS, GATEWAY_ERRORS } from '../../collector/gateway/errors.ts';
import { PARSER_ERRORS } from '../../collector/parsers/errors.ts';
import { ALERT_ERRORS } from '../../engine/alerter/errors.ts';
import { RULES_ERRORS } from '../../engine/rulebook/errors.ts';
import { EVENTS_ERRORS } from '../../platform/events/errors.ts';
import { REPLAY_ERRORS } from '../../range/replay/errors.ts';
import { HTTP_ERRORS } from '../../platform/http/errors.ts';
import { IDENTITY_ERRORS } from '../../platform/identity/errors.ts';
import { CAUSES } from '../web/features/sources/causes.ts';
import { ApiError } from '../web/client/api.ts';
import { problemOf } from '../web/ui/problems.ts';
import { PROBLEMS_VI } from '../web/ui/problems.vi.ts';

// Faults of a program or of an agent: no page leads to them.
const PROGRAMS = /^INGEST_(?!AGENT|DEAD)|^HTTP_(ACCESS|SCOPE)_MISSING$/;

const ENTRIES = Object.entries({
  ...GATEWAY_ERRORS,
  ...REPLAY_ERRORS,
  ...ALERT_ERRORS,
  ...RULES_ERRORS,
  ...EVENTS_ERRORS,
  ...HTTP_ERRORS,
  ...IDENTITY_ERRORS,
}).filter(([code]) => !PROGRAMS.test(code));
const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!).sort();

describe('errors in Vietnamese', () => {
  it('are there for every code', () => {
    expect(ENTRIES.map(([code]) => code).filter((code) => !(code in PROBLEMS_VI))).toEqual([]);
  });

  it('are there for every reason a record is a dead letter', () => {
    expect(new Set(CAUSES)).toEqual(new Set([...Object.keys(DEAD_LETTER_ERRORS), ...Object.keys(PARSER_ERRORS)]));
  });

  it('ask for nothing the server does not give', () => {
    const asking = ENTRIES.filter(([code, { message }]) =>
      placeholders(PROBLEMS_VI[code] ?? '').some((name) => !placeholders(message).includes(name)),
    );
    expect(asking.map(([code]) => code)).toEqual([]);
  });

  it('are filled from the details; English and unknown codes keep the server’s sentence', () => {
    const error = new ApiError(409, { code: 'IDENTITY_NAME_TAKEN', message: 'The user name lan is taken.', details: { name: 'lan' } });
    expect(problemOf(error, 'vi').message).toBe('Tên đăng nhập lan đã có người dùng. Hãy chọn tên khác.');
    expect(problemOf(error, 'en').message).toBe('The user name lan is taken.');
    expect(problemOf(new ApiError(500, { code: 'NEW', message: 'Said.', incident: 'i1' }), 'vi')).toEqual({
      message: 'Said.',
      code: 'NEW',
      incident: 'i1',
    });
    expect(problemOf(new ApiError(400, { code: 'constructor', message: 'Said.' }), 'vi').message).toBe('Said.');
    expect(problemOf('bare', 'vi').message).toBe('bare');
  });
});
