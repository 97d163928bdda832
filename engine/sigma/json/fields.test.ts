import { describe, expect, it } from 'vitest';
import { JsonFields } from './fields.ts';

const fields = new JsonFields([['a'], ['b', 'c'], ['d']]);
const read = (json: string): unknown => fields.read(new TextEncoder().encode(json));

describe('values out of a JSON text', () => {
  it('come in the order of the paths, as JSON.parse gives them', () => {
    expect(read('{"b":{"x":[1],"c":"một\\n"},"a":1.50}')).toEqual([1.5, 'một\n', undefined]);
    expect(read('{"a":null,"b":{"c":false},"d":""}')).toEqual([null, false, '']);
  });

  it('are not given for lists, objects, or what is inside a list', () => {
    expect(read('{"a":[1],"b":[{"c":1}],"d":{}}')).toEqual([undefined, undefined, undefined]);
  });

  it('are not read from what is left to JSON.parse', () => {
    expect(read('{"a":1,"a":2}')).toBeUndefined();
    expect(read('{"a":1')).toBeUndefined();
    expect(read('[]')).toBeUndefined();
  });
});
