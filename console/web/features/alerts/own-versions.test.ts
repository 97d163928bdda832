import { describe, expect, it } from 'vitest';
import { OwnVersions } from './own-versions.ts';

describe('the versions one made oneself', () => {
  it('lets a second change follow the first though the screen still shows the version before it', () => {
    const own = new OwnVersions();
    own.note('a', 1, 2);
    own.note('a', 2, 3);
    expect(own.latest('a', 1)).toBe(3);
    expect(own.latest('b', 1)).toBe(1);
  });

  it('does not step over a version that someone else made', () => {
    const own = new OwnVersions();
    own.note('a', 1, 3);
    expect(own.latest('a', 1)).toBe(1);
    own.note('a', 3, 4);
    expect(own.latest('a', 1)).toBe(1);
    expect(own.latest('a', 3)).toBe(4);
  });

  it('forgets the oldest after a thousand', () => {
    const own = new OwnVersions();
    for (let n = 0; n <= 1000; n++) own.note(`alert-${n}`, 1, 2);
    expect(own.latest('alert-0', 1)).toBe(1);
    expect(own.latest('alert-1000', 1)).toBe(2);
  });
});
