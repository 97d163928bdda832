import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldInfo } from '@vong/platform/events';
import { completed, fieldSuggestions, jointSuggestions, placeAt, valueSuggestions } from './completion.ts';

/** `|` is the caret. */
function at(text: string): ReturnType<typeof placeAt> {
  const caret = text.indexOf('|');
  return placeAt(text.replace('|', ''), caret);
}

describe('the place of the caret', () => {
  it.each([
    ['|', 'field', ''],
    ['ho|', 'field', 'ho'],
    ['a: 1 and ho|', 'field', 'ho'],
    ['not (ho|', 'field', 'ho'],
  ])('%j wants a field name', (text, kind, typed) => {
    expect(at(text)).toMatchObject({ kind, typed });
  });

  it.each([
    ['host.name: |', 'host.name', ''],
    ['host.name:ws|', 'host.name', 'ws'],
    ['host.name: "ws 1|', 'host.name', 'ws 1'],
    ['host.name: (a or b|', 'host.name', 'b'],
    ['x: 1 and host.name: (a or |)', 'host.name', ''],
    ['"odd name": v|', 'odd name', 'v'],
  ])('%j wants a value of %s', (text, field, typed) => {
    expect(at(text)).toMatchObject({ kind: 'value', field, typed });
  });

  it('wants a joining word after a complete condition', () => {
    expect(at('a: 1 |')).toMatchObject({ kind: 'joint', typed: '' });
    expect(at('a: 1 an|')).toMatchObject({ kind: 'joint', typed: 'an' });
    expect(at('(a: 1) o|')).toMatchObject({ kind: 'joint', typed: 'o' });
  });

  it('wants nothing after a closed quote or a comparison', () => {
    expect(at('a: "b"|').kind).toBe('nothing');
    expect(at('a > 5|').kind).toBe('nothing');
  });

  it('is found in any text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), fc.nat(45), (query, caret) => {
        const place = placeAt(query, Math.min(caret, query.length));
        expect(place.from).toBeLessThanOrEqual(place.to);
        expect(place.to).toBeLessThanOrEqual(query.length);
      }),
      { interruptAfterTimeLimit: 3000 },
    );
  });
});

describe('suggestions', () => {
  const fields: FieldInfo[] = [
    { name: 'process.parent.name', type: 'keyword', count: 9 },
    { name: 'agent.name', type: 'keyword', count: 9 },
    { name: 'host.name', type: 'keyword', count: 5 },
    { name: 'name', type: 'keyword', count: 1 },
  ];

  it('put names that begin with what is typed before those that hold it', () => {
    expect(fieldSuggestions(fields, 'NAM').map(({ label }) => label)).toEqual(['name', 'process.parent.name', 'agent.name', 'host.name']);
    expect(fieldSuggestions(fields, 'ost').map(({ label }) => label)).toEqual(['host.name']);
  });

  it('find values without their marks and quote those that need it', () => {
    const values = [
      { value: 'Nguyễn Văn', count: 3 },
      { value: 'root', count: 1 },
    ];
    expect(valueSuggestions(values, 'nguyen')).toEqual([{ kind: 'value', label: 'Nguyễn Văn', insert: '"Nguyễn Văn" ', count: 3 }]);
  });

  it('do not offer the word that stands there already', () => {
    expect(jointSuggestions('or')).toEqual([]);
    expect(jointSuggestions('').map(({ label }) => label)).toEqual(['and', 'or', 'and not']);
  });

  it('replace what was typed and write no second colon', () => {
    const [host] = fieldSuggestions(fields, 'host');
    expect(completed('a: 1 and ho', placeAt('a: 1 and ho', 11), host!)).toEqual({ query: 'a: 1 and host.name: ', caret: 20 });
    expect(completed('ho: x', placeAt('ho: x', 2), host!)).toEqual({ query: 'host.name: x', caret: 11 });
  });
});
