import { describe, expect, test } from 'vitest';
import { bytesOf, bytesOfLatin1, latin1Of } from '../../base/bytes.ts';
import { FrontInput } from './front-input.ts';
import { ImapCommandReader, type ImapRead, type ImapToken, textOfToken } from './imap-command.ts';

const word = (token: ImapToken) =>
  typeof token === 'string' ? token : 'atom' in token ? token.atom : `"${latin1Of(token.string)}"`;

function shown(read: ImapRead): string {
  switch (read.kind) {
    case 'command':
      return [read.tag, read.name, ...read.tokens.map(word)].join(' ');
    case 'bad':
      return `bad ${read.tag}`;
    case 'too-big':
      return `too-big ${read.tag}${read.lost ? ' lost' : ''}`;
    default:
      return read.kind;
  }
}

/** Up to the first `more`, or to where it is lost. */
function allOf(text: string, maxBytes = 200, size = text.length): string[] {
  const input = new FrontInput();
  const reader = new ImapCommandReader(input, maxBytes);
  const all: string[] = [];
  for (let at = 0; at < text.length; at += size) {
    input.push(bytesOfLatin1(text.slice(at, at + size)));
    for (let read = reader.next(); read.kind !== 'more'; read = reader.next()) {
      all.push(shown(read));
      // Whoever holds the socket closes it.
      if (read.kind === 'too-big' && read.lost) return all;
    }
  }
  return all;
}

describe('commands', () => {
  test.each([
    ['a1 NOOP', 'a1 NOOP'],
    ['a1 noop', 'a1 NOOP'],
    ['. LOGIN anna secret', '. LOGIN anna secret'],
    ['A LOGIN anna@example.org "se cret"', 'A LOGIN anna@example.org "se cret"'],
    [String.raw`a LOGIN "an\"na" "\\"`, String.raw`a LOGIN "an"na" "\"`],
    ['a LOGIN "" ""', 'a LOGIN "" ""'],
    ['a ID NIL', 'a ID NIL'],
    ['a ID ("name" "x" "version" NIL)', 'a ID ( "name" "x" "version" NIL )'],
    ['a ID ()', 'a ID ( )'],
    ['a AUTHENTICATE PLAIN AGFubmEAc2VjcmV0', 'a AUTHENTICATE PLAIN AGFubmEAc2VjcmV0'],
    ['a AUTHENTICATE PLAIN =', 'a AUTHENTICATE PLAIN ='],
  ])('%s', (line, read) => {
    expect(allOf(`${line}\r\n`)).toEqual([read]);
    expect(allOf(`${line}\n`)).toEqual([read]);
  });

  test.each([
    ['', 'bad null'],
    [' a NOOP', 'bad null'],
    ['NOOP', 'bad NOOP'],
    ['a', 'bad a'],
    ['a ', 'bad a'],
    ['+ NOOP', 'bad null'],
    ['* NOOP', 'bad null'],
    [`${'a'.repeat(65)} NOOP`, 'bad null'],
    ['a\x00b NOOP', 'bad null'],
    ['a LOGIN  anna x', 'bad a'],
    ['a LOGIN anna x ', 'bad a'],
    ['a LOGIN "anna x', 'bad a'],
    [String.raw`a LOGIN "an\na" x`, 'bad a'],
    ['a LOGIN "an\x00na" x', 'bad a'],
    ['a LOGIN "an\rna" x', 'bad a'],
    ['a LOGIN anna"x" y', 'bad a'],
    ['a LOGIN ännä x', 'bad a'],
    ['a LOGIN an%a x', 'bad a'],
    ['GET / HTTP/1.1', 'bad GET'],
    [`a ID ${'('.repeat(100)}`, 'bad a'],
  ])('%j is none', (line, read) => {
    expect(allOf(`${line}\r\n`)).toEqual([read]);
  });

  test('one after the other, whatever pieces they come in', () => {
    const text = 'a NOOP\r\nb LOGIN {4}\r\nanna {6+}\r\nse\r\nc!\r\nc LOGIN {0+}\r\n "x"\r\nd NOOP\r\n';
    const wanted = ['a NOOP', 'continue', 'b LOGIN "anna" "se\r\nc!"', 'c LOGIN "" "x"', 'd NOOP'];
    for (let size = 1; size <= text.length; size++) expect(allOf(text, 200, size)).toEqual(wanted);
  });
});

describe('literals', () => {
  test('that are too big: who waits may go on, who does not is lost', () => {
    expect(allOf('a LOGIN {5000}\r\nb NOOP\r\n')).toEqual(['too-big a', 'b NOOP']);
    expect(allOf('a LOGIN {5000+}\r\nb NOOP\r\n')).toEqual(['too-big a lost']);
    expect(allOf('a LOGIN {4294967296+}\r\n')).toEqual(['too-big a lost']);
    expect(allOf('a LOGIN {9999999999}\r\n')).toEqual(['too-big a']);
    expect(allOf('a LOGIN {99999999999}\r\n')).toEqual(['bad a']);
  });

  test('many small ones are counted together', () => {
    const many = `a LOGIN${' {50+}\r\n'.concat('x'.repeat(50)).repeat(10)}\r\n`;
    expect(allOf(many)).toEqual(['too-big a lost']);
  });

  test.each(['a LOGIN{4+}\r\nanna x\r\n', 'a LOGIN x{4+}\r\nanna x\r\n', 'a LOGIN {4+}\r\nannax\r\n'])(
    '%j stands where none may',
    (text) => {
      expect(allOf(text)).toEqual(['bad a']);
    },
  );
});

test('a line that never ends is noticed before it does', () => {
  expect(allOf('a LOGIN '.concat('x'.repeat(300)))).toEqual(['too-big null lost']);
});

test('text is UTF-8 or none', () => {
  expect(textOfToken({ string: bytesOf('pä') })).toBe('pä');
  expect(textOfToken({ string: bytesOfLatin1('p\xe4') })).toBeNull();
  expect([textOfToken('('), textOfToken(undefined), textOfToken({ atom: 'x' })]).toEqual([null, null, 'x']);
});
