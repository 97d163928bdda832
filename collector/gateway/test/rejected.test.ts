import { expect, test } from 'vitest';
import type { DeadLetter } from '../batch.ts';
import { rejectedLetters } from '../rejected.ts';

const lettersOf = (event: string, now: number): DeadLetter[] =>
  rejectedLetters([{ id: 'e1', agency: 'bo-a', reason: 'no such type', event }], now).map(
    ({ value }) => JSON.parse(Buffer.from(value).toString()) as DeadLetter,
  );

test('an event that the store refused is one dead letter with the reason and the event, however often it is refused', () => {
  const event = JSON.stringify({ event: { id: 'e1' }, agent: { id: 'a1', name: 'may-1' }, message: 'Đăng nhập' });
  const [first] = lettersOf(event, 1);
  const [again] = lettersOf(event, 2);
  expect(first).toMatchObject({ agency: 'bo-a', agent: 'a1', agentName: 'may-1', code: 'EVENTS_REJECTED', at: 1 });
  expect(first?.reason).toContain('no such type');
  expect(Buffer.from(first?.raw64 ?? '', 'base64').toString()).toBe(event);
  expect(again?.id).toBe(first?.id);
});

test('one that cannot be read is a letter all the same', () => {
  expect(lettersOf('{', 1)).toMatchObject([{ agency: 'bo-a', agent: '', agentName: '', bytes: 1 }]);
});
