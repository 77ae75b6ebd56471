import { describe, expect, it } from 'vitest';
import type { Refusal } from './mail-store.ts';
import { asItIs, nextVariant, refusedCode } from './outgoing.ts';

const because = (kind: Refusal['class']): Refusal => ({ class: kind, code: null, text: 'no' });

describe('the ladder of a refused message', () => {
  it('changes one thing at a time, each once, and never the bytes', () => {
    const flagless = nextVariant(asItIs, because('bad-flags'), true);
    expect(flagless).toEqual({ ...asItIs, systemFlagsOnly: true });
    const dateless = nextVariant(flagless ?? asItIs, because('bad-date'), true);
    expect(dateless).toEqual({ systemFlagsOnly: true, withoutDate: true, binary: false });
    const binary = nextVariant(dateless ?? asItIs, because('content'), true);
    expect(binary).toEqual({ systemFlagsOnly: true, withoutDate: true, binary: true });
    for (const kind of ['bad-flags', 'bad-date', 'nul', 'content'] as const)
      expect(nextVariant(binary ?? asItIs, because(kind), true)).toBeNull();
  });

  it('has no rung of literal8 where BINARY is not offered', () => {
    expect(nextVariant(asItIs, because('nul'), false)).toBeNull();
  });

  it('ends at once where trying in another way cannot help', () => {
    for (const kind of ['too-large', 'over-quota', 'other', 'exists'] as const)
      expect(nextVariant(asItIs, because(kind), true)).toBeNull();
  });

  it('names what is listed by stable codes', () => {
    expect(
      ['too-large', 'over-quota', 'content'].map((k) => refusedCode(because(k as Refusal['class']))),
    ).toEqual(['message-too-large', 'over-quota', 'message-refused']);
  });
});
