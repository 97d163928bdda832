import { describe, expect, it } from 'vitest';
import { detailLines, ownWord, plainText, triageWordOf } from './audit-details.ts';

describe('the details of an audit entry', () => {
  it('show what changed as before and after, the rest as it is', () => {
    expect(detailLines({ status: ['open', 'closed'], assignee: [null, { id: 'u', name: 'Ngọc' }], name: 'a' })).toEqual([
      { name: 'status', before: 'open', value: 'closed' },
      { name: 'assignee', before: null, value: { id: 'u', name: 'Ngọc' } },
      { name: 'name', value: 'a' },
    ]);
    expect(detailLines({ before: null, after: ['10.0.0.1', '10.0.0.2'], replaces: false })).toEqual([
      { name: 'values', before: null, value: ['10.0.0.1', '10.0.0.2'] },
      { name: 'replaces', value: false },
    ]);
  });

  it('have words for values only where they mean something: a person may be called open', () => {
    expect(triageWordOf({ name: 'status', value: 'open' })).toBe('status.open');
    expect(triageWordOf({ name: 'name', value: 'open' })).toBeUndefined();
    expect(ownWord({ name: 'role', value: 'constructor' })).toBeUndefined();
  });

  it('lose nothing that has no word', () => {
    expect([plainText(['a', 'b']), plainText({ id: 'u', name: 'Ngọc' }), plainText({ odd: 1 }), plainText(7)]).toEqual([
      'a, b',
      'Ngọc',
      '{"odd":1}',
      '7',
    ]);
  });
});
