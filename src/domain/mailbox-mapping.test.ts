import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeModifiedUtf7 } from '../base/modified-utf7.ts';
import { displayName, type MappableSide, mapMailboxes } from './mailbox-mapping.ts';

function side(names: readonly string[], more: Partial<MappableSide> = {}): MappableSide {
  const delimiter = more.delimiter === undefined ? '/' : more.delimiter;
  return {
    prefix: '',
    delimiter,
    ...more,
    mailboxes: names.map((name) => ({ name, delimiter, specialUse: [] })),
  };
}

function mapped(
  old: MappableSide,
  fresh: MappableSide,
  kept: ReadonlyMap<string, string> = new Map(),
): Record<string, string> {
  return Object.fromEntries(mapMailboxes(old, fresh, kept, new Map()).map((m) => [m.oldName, m.newName]));
}

describe('mapping mailboxes', () => {
  it('keeps names that are legal on both sides', () => {
    const names = ['INBOX', 'Archiv', 'Archiv/2019', 'M&APw-ll'];
    expect(Object.values(mapped(side(names), side([])))).toEqual(names);
  });

  it('takes off one prefix and puts on the other, in the other delimiter', () => {
    const old = side(['INBOX', 'INBOX.Archiv.2019'], { prefix: 'INBOX.', delimiter: '.' });
    expect(mapped(old, side([]))).toEqual({ INBOX: 'INBOX', 'INBOX.Archiv.2019': 'Archiv/2019' });
    const fresh = side([], { prefix: 'INBOX.', delimiter: '.' });
    expect(mapped(side(['INBOX', 'Archiv/2019']), fresh)).toEqual({
      INBOX: 'INBOX',
      'Archiv/2019': 'INBOX.Archiv.2019',
    });
  });

  it('escapes what would make another level, and what stood for an escape before', () => {
    const old = side(['v1.2', 'v1=2E2'], { delimiter: '/' });
    const names = Object.values(mapped(old, side([], { delimiter: '.' })));
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).not.toContain('.');
  });

  it('finds the mailbox of the same use under another name', () => {
    const fresh = { ...side(['Sent']), mailboxes: [{ name: 'Sent', delimiter: '/', specialUse: ['sent'] }] };
    expect(mapped(side(['Gesendet']), fresh)).toEqual({ Gesendet: 'Sent' });
  });

  it('maps again to what it made, though new lists two mailboxes of one use in another order', () => {
    const old = side(['Papierkorb', 'Trash']);
    const names = { Papierkorb: 'Papierkorb', Trash: 'Trash' };
    expect(mapped(old, side([]))).toEqual(names);
    expect(mapped(old, side(['Trash', 'Papierkorb']))).toEqual(names);
    const attributed = side(['Papierkorb']).mailboxes;
    const trash = { name: 'Trash', delimiter: '/', specialUse: ['trash'] };
    expect(mapped(old, { ...side([]), mailboxes: [...attributed, trash] })).toEqual(names);
  });

  it('shows names to people decoded, with control characters made visible', () => {
    expect(displayName('M&APw-ll\t')).toBe('Müll\\x09');
  });

  const level = fc.oneof(
    fc.string({ minLength: 1, maxLength: 12 }).map((s) => s.replace(/[^\x01-\xff]/g, 'x')),
    fc.constantFrom(
      'a',
      'A',
      'a.b',
      'a=2Eb',
      '&',
      '&-',
      '&AC8-',
      '..',
      '~',
      ' x ',
      '%',
      'inbox',
      'x'.repeat(300),
    ),
  );
  const names = fc.uniqueArray(
    fc
      .array(level, { minLength: 1, maxLength: 3 })
      .map((levels) => levels.map((l) => l.replaceAll('/', '_') || '_').join('/')),
    { maxLength: 12 },
  );
  const target = fc.record({
    delimiter: fc.constantFrom('/', '.', '\\', null),
    prefix: fc.constantFrom('', 'INBOX.'),
  });

  it('never maps two names to one, and gives the same names again when they are kept', () => {
    fc.assert(
      fc.property(names, target, (olds, { delimiter, prefix }) => {
        const old = side(olds);
        const fresh = side([], { delimiter, prefix: delimiter === '.' ? prefix : '' });
        const first = mapMailboxes(old, fresh, new Map(), new Map());
        expect(new Set(first.map((m) => m.newName)).size).toBe(olds.length);
        const kept = new Map(first.map((m) => [m.oldName, m.newName]));
        const again = mapMailboxes(old, fresh, kept, new Map());
        expect(again.map((m) => m.newName)).toEqual(first.map((m) => m.newName));
      }),
    );
  });

  it('gives names only that are legal: valid modified UTF-7, levels of 1 to 255 octets, no control characters', () => {
    fc.assert(
      fc.property(names, target, (olds, { delimiter, prefix }) => {
        const fresh = side([], { delimiter, prefix: delimiter === '.' ? prefix : '' });
        for (const { newName } of mapMailboxes(side(olds), fresh, new Map(), new Map())) {
          expect(newName).toMatch(/^[\x20-\x7e]+$/);
          for (const part of delimiter === null ? [newName] : newName.split(delimiter)) {
            expect(part.length).toBeGreaterThan(0);
            expect(part.length).toBeLessThanOrEqual(255);
            expect(decodeModifiedUtf7(part).valid).toBe(true);
          }
        }
      }),
    );
  });

  it('leaves mail that was copied by name in its place when new has an empty mailbox for the use', () => {
    const box = (name: string, messages: number, specialUse: string[] = []) => ({
      name,
      delimiter: '/',
      specialUse,
      status: { messages },
    });
    const old = { ...side([]), mailboxes: [box('Gesendet', 5), box('Papierkorb', 3)] };
    const fresh = {
      ...side([]),
      mailboxes: [
        box('Sent', 0, ['sent']),
        box('Gesendet', 5),
        box('Trash', 0, ['trash']),
        box('Papierkorb', 0),
      ],
    };
    expect(mapped(old, fresh)).toEqual({ Gesendet: 'Gesendet', Papierkorb: 'Trash' });
  });
});
