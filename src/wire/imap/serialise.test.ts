import { describe, expect, test } from 'vitest';
import { bytesOf, latin1Of } from '../../base/bytes.ts';
import { isMailferryError } from '../../base/errors.ts';
import type { RawMailboxName } from './response.ts';
import {
  astring,
  atom,
  type CommandPart,
  commandLine,
  dateTime,
  flagList,
  isFlag,
  list,
  literal,
  literalForm,
  literalHead,
  mailbox,
  quoted,
  searchUid,
  sequenceSet,
  streamedLiteral,
  words,
} from './serialise.ts';

/** Parts as text: the head of a literal as on the line, streamed data as dots. */
function shown(parts: CommandPart | readonly CommandPart[]): string {
  return [parts]
    .flat()
    .map((part: CommandPart) => {
      if (part instanceof Uint8Array) return latin1Of(part);
      return latin1Of(literalHead(part)) + (part.data === null ? '...' : latin1Of(part.data));
    })
    .join('');
}

function refused(run: () => unknown): boolean {
  try {
    run();
  } catch (error) {
    return isMailferryError(error, 'internal');
  }
  return false;
}

const name = (text: string) => text as RawMailboxName;

describe('mailbox', () => {
  test.each([
    ['INBOX', '"INBOX"'],
    ['NIL', '"NIL"'],
    ['{5}', '"{5}"'],
    ['', '""'],
    ['a"b\\c', '"a\\"b\\\\c"'],
    ['Entw&APw-rfe', '"Entw&APw-rfe"'],
    ['a\tb', '"a\tb"'],
    ['Entw\xc3\xbc', '{6+}\r\nEntw\xc3\xbc'],
    ['a\r\nA2 DELETE b', '{14+}\r\na\r\nA2 DELETE b'],
    ['a\0', '{2+}\r\na\0'],
  ])('writes %j as %j', (text, line) => {
    expect(shown(mailbox(name(text), 'literal-plus'))).toBe(line);
  });

  test('synchronises the literal where the server has no LITERAL+', () => {
    expect(shown(mailbox(name('\xfc'), 'sync'))).toBe('{1}\r\n\xfc');
  });
});

test('LITERAL- synchronises above 4,096 bytes', () => {
  expect(literalForm('literal-minus', 4096)).toBe('nonsync');
  expect(literalForm('literal-minus', 4097)).toBe('sync');
  expect(literalForm('literal-plus', 5e9)).toBe('nonsync');
  expect(literalForm('sync', 1)).toBe('sync');
});

test('an astring is an atom where it can be, but never NIL', () => {
  expect(shown(astring('abc', 'sync'))).toBe('abc');
  expect(shown(astring('nil', 'sync'))).toBe('"nil"');
  expect(shown(astring('', 'sync'))).toBe('""');
  expect(shown(astring('a b', 'sync'))).toBe('"a b"');
  expect(shown(astring('\xfc', 'sync'))).toBe('{1}\r\n\xfc');
});

test.each(['a b', '', 'a(', 'a{', 'a"', 'a\\', 'a%', 'a*', 'a]', 'ü', 'a\r', 'a\n', 'a\0'])(
  '%j is no atom',
  (text) => {
    expect(refused(() => atom(text))).toBe(true);
  },
);

test.each(['\r', '\n', '\0', 'ü'])('%j cannot stand in quotes or between words', (text) => {
  expect(refused(() => quoted(`a${text}`))).toBe(true);
  expect(refused(() => commandLine('A1', `NOOP${text}`))).toBe(true);
  expect(refused(() => commandLine(`A1${text}`, 'NOOP'))).toBe(true);
});

test('writes flag lists and refuses what is no flag', () => {
  expect(shown(flagList(['\\Seen', '$Forwarded']))).toBe('(\\Seen $Forwarded)');
  expect(shown(flagList([]))).toBe('()');
  for (const flag of ['', '\\', '\\*', '\\\\Seen', 'a b', 'a)', 'f\xfc', '\r\n']) {
    expect(isFlag(flag)).toBe(false);
    expect(refused(() => flagList([flag]))).toBe(true);
  }
});

test('writes sets, and refuses the empty one', () => {
  const ranges = [
    [1, 5],
    [7, 7],
  ] as const;
  expect(shown(sequenceSet(ranges))).toBe('1:5,7');
  expect(shown(searchUid(ranges))).toBe('UID 1:5,7');
  expect(refused(() => sequenceSet([]))).toBe(true);
});

test('writes dates, and refuses texts that are none', () => {
  expect(shown(dateTime(' 1-Feb-2024 03:04:05 +0130'))).toBe('" 1-Feb-2024 03:04:05 +0130"');
  expect(shown(dateTime(Date.UTC(2024, 1, 1, 3, 4, 5), 60))).toBe('" 1-Feb-2024 04:04:05 +0100"');
  expect(refused(() => dateTime('1-Feb-2024 03:04:05 +0130'))).toBe(true);
});

describe('commandLine', () => {
  test('joins words, and parts that are bytes', () => {
    const parts = commandLine('A1', 'UID FETCH', sequenceSet([[1, 9]]), '(UID FLAGS BODY.PEEK[])');
    expect(parts).toHaveLength(1);
    expect(shown(parts)).toBe('A1 UID FETCH 1:9 (UID FLAGS BODY.PEEK[])\r\n');
  });

  test('writes a MULTIAPPEND of streamed and ready literals', () => {
    const parts = commandLine(
      'A1',
      'APPEND',
      mailbox(name('a'), 'literal-plus'),
      words(flagList(['\\Seen']), literal(bytesOf('abc'), 'literal-plus')),
      words(flagList([]), streamedLiteral(9, 'nonsync', true)),
    );
    expect(parts.map((part) => part instanceof Uint8Array)).toEqual([true, false, true, false, true]);
    expect(shown(parts)).toBe('A1 APPEND "a" (\\Seen) {3+}\r\nabc () ~{9+}\r\n...\r\n');
  });

  test('puts words in parentheses', () => {
    expect(shown(list('name', quoted('Mailferry'), 'x', literal(bytesOf('y'), 'sync')))).toBe(
      '(name "Mailferry" x {1}\r\ny)',
    );
  });
});
