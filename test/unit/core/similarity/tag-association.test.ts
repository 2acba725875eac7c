// Rare tags go, and tags that always come with another one are taken for it.

import { describe, expect, it } from 'vitest';

import { mergeByAssociation } from '../../../../src/core/similarity/tag-association.ts';

const times = (count: number, tags: readonly string[]) => Array.from({ length: count }, () => tags);

describe('mergeByAssociation()', () => {
  const rules = { frequencyMin: 2, supportMin: 3, confidenceMin: 0.99 };

  it('drops rare tags and merges a tag into the more frequent one that it always comes with', () => {
    const tags = [...times(3, ['maths', 'algebra']), ...times(2, ['maths']), ['once', 'maths', 'maths']];
    const cleared = mergeByAssociation(tags, rules);
    expect(cleared[0]).toEqual(['maths']);
    expect(cleared.at(-1)).toEqual(['maths']);
  });

  it('keeps tags apart that come alone too often, or together too seldom', () => {
    const tags = [...times(3, ['a', 'b']), ['b'], ['b'], ['a'], ...times(2, ['c', 'd'])];
    expect(mergeByAssociation(tags, rules)).toEqual(tags);
  });

  it('follows a chain of merges to its end', () => {
    const tags = [...times(3, ['x', 'y', 'z']), ...times(3, ['y', 'z']), ...times(3, ['z'])];
    expect(new Set(mergeByAssociation(tags, rules).flat())).toEqual(new Set(['z']));
  });

  it('merges two tags that only come together into one of them', () => {
    expect(new Set(mergeByAssociation(times(3, ['b', 'a']), rules).flat())).toEqual(new Set(['a']));
  });
});
