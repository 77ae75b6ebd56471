import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeFlags } from './merge-flags.ts';

describe('merging flags', () => {
  it.each([
    { title: 'set on old', agreed: [], old: ['\\Seen'], fresh: [], add: ['\\Seen'], remove: [] },
    {
      title: 'taken off on old',
      agreed: ['\\Seen'],
      old: [],
      fresh: ['\\Seen'],
      add: [],
      remove: ['\\Seen'],
    },
    { title: 'set on new', agreed: [], old: [], fresh: ['\\Flagged'], add: [], remove: [] },
    { title: 'taken off on new', agreed: ['\\Seen'], old: ['\\Seen'], fresh: [], add: [], remove: [] },
    { title: 'set on both', agreed: [], old: ['\\Seen'], fresh: ['\\Seen'], add: [], remove: [] },
    { title: 'taken off on both', agreed: ['\\Seen'], old: [], fresh: [], add: [], remove: [] },
    { title: 'another case', agreed: ['work'], old: [], fresh: ['Work'], add: [], remove: ['Work'] },
    { title: '\\Deleted', agreed: [], old: ['\\Deleted'], fresh: [], add: [], remove: [] },
  ])('$title', ({ agreed, old, fresh, add, remove }) => {
    expect(mergeFlags(agreed, old, fresh)).toEqual({ add, remove });
  });

  it('changes on new exactly the bits that changed on old', () => {
    const flags = fc.uniqueArray(fc.constantFrom<string>('\\Seen', '\\Flagged', '\\Answered', 'a', 'b'));
    fc.assert(
      fc.property(flags, flags, flags, (agreed, old, fresh) => {
        const { add, remove } = mergeFlags(agreed, old, fresh);
        const after = new Set(fresh);
        for (const flag of add) after.add(flag);
        for (const flag of remove) after.delete(flag);
        for (const flag of ['\\Seen', '\\Flagged', '\\Answered', 'a', 'b']) {
          const changed = agreed.includes(flag) !== old.includes(flag);
          expect(after.has(flag)).toBe(changed ? old.includes(flag) : fresh.includes(flag));
        }
      }),
    );
  });
});
