import { describe, expect, it } from 'vitest';
import { canonicalFlags, flagText, refuseKeywords, settableFlags } from './flags.ts';

const none = new Set<string>();

describe('flags', () => {
  it('have one form whatever order, case and repetition they come in', () => {
    expect(flagText(['\\SEEN', '$Label', '\\answered', '\\Seen'])).toBe('$Label \\Answered \\Seen');
    expect(flagText(['\\Seen', '\\Answered', '$Label'])).toBe('$Label \\Answered \\Seen');
  });

  it('that no server takes are left out: \\Recent, unknown system flags, NIL, and what is no atom', () => {
    const odd = ['\\Recent', '\\*', '\\Odd', 'NIL', 'two words', 'b\u00e4d', '', 'a"b', 'x]', 'fine'];
    expect(canonicalFlags(odd)).toEqual(['fine']);
  });

  it('never set \\Deleted on new', () => {
    expect(settableFlags('\\Deleted \\Seen', null, none)).toEqual({
      flags: ['\\Seen'],
      deletedDropped: true,
      keywordsDropped: false,
    });
  });

  it('keep keywords where PERMANENTFLAGS lets them be kept, and say when they do not', () => {
    const text = '$Label Work \\Seen';
    const flagsFor = (permanent: string[] | null) => settableFlags(text, permanent, none).flags;
    expect(flagsFor(null)).toEqual(['$Label', 'Work', '\\Seen']);
    expect(flagsFor(['\\Seen', '\\*'])).toEqual(['$Label', 'Work', '\\Seen']);
    expect(flagsFor(['\\Seen', '$label'])).toEqual(['$Label', '\\Seen']);
    expect(settableFlags(text, ['\\Seen'], none).keywordsDropped).toBe(true);
    expect(settableFlags(text, null, new Set(['work'])).flags).toEqual(['$Label', '\\Seen']);
    expect(settableFlags(text, null, 'all').flags).toEqual(['\\Seen']);
  });

  it('lay a refusal at the door of keywords that were never taken', () => {
    const known = { refusedKeywords: new Set<string>(), takenKeywords: new Set(['good']) };
    expect(refuseKeywords(known, ['Good', 'Bad', '\\Seen'])).toBe(true);
    expect([...known.refusedKeywords]).toEqual(['bad']);
    expect(refuseKeywords(known, ['Good'])).toBe(true);
    expect([...known.refusedKeywords]).toEqual(['bad', 'good']);
    expect(refuseKeywords(known, ['\\Seen'])).toBe(false);
  });
});
