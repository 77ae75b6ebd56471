/** What servers send against the grammar and still mean well. Each with where it was seen. */
import { describe, expect, test } from 'vitest';
import { bytesOfLatin1 } from '../../base/bytes.ts';
import { byteByByte, parseEvents, responsesOf } from '../../../test/fuzz/imap-events.ts';
import type { ImapResponse } from './response.ts';

function events(text: string) {
  const bytes = bytesOfLatin1(`* OK hi\r\n${text}`);
  const whole = parseEvents([bytes]);
  expect(parseEvents(byteByByte(bytes))).toEqual(whole);
  return whole.slice(1);
}

function only(line: string): ImapResponse | undefined {
  const found = responsesOf(events(`${line}\r\n`));
  expect(found).toHaveLength(1);
  return found[0];
}

function fetched(items: string) {
  const response = only(`* 7 FETCH (${items})`);
  if (response?.kind !== 'fetch') throw new Error('no FETCH response');
  return response.attributes;
}

describe('numbers', () => {
  test('a literal size with a leading zero (net-imap: a server in the wild)', () => {
    expect(events('* 7 FETCH (BODY[] {012}\r\nFoo: bar\r\n\r\n)\r\n')[0]).toMatchObject({ sizeBytes: 12 });
  });

  test('an integer as a float (mail.ru)', () => {
    expect(fetched('RFC822.SIZE 9.3736e+06 UID 8')).toEqual({ seq: 7, sizeBytes: 9373600, uid: 8 });
    expect(only('* STATUS a (MESSAGES 1e+2)')).toMatchObject({ attributes: { messages: 100 } });
  });

  test('a float is rounded where it is a hint, and none where it is an identity', () => {
    expect(fetched('UID 9.3736e+06 MODSEQ (9.3736e+06) FLAGS ()')).toEqual({ seq: 7, flags: [] });
    expect(only('* STATUS a (UIDNEXT 1e+6 HIGHESTMODSEQ 1e+6 UNSEEN 1e+2)')).toMatchObject({
      attributes: { unseen: 100 },
    });
    expect(only('* SEARCH 1e+2')).toMatchObject({ kind: 'unknown' });
    expect(only('* OK [UIDNEXT 1e+2] x')).toMatchObject({ code: { name: 'UIDNEXT', argument: '1e+2' } });
  });

  test('half a number is none', () => {
    expect(only('* 7 FETCH (UID 8x FLAGS ())')).toMatchObject({ kind: 'unknown' });
  });

  test('a float that is no number, where a number decides what the line is', () => {
    expect(only('* 1.2.3 FETCH (UID 1)')).toEqual({ kind: 'unknown', line: '* 1.2.3 FETCH (UID 1)' });
    expect(fetched('RFC822.SIZE 1e999 UID 8')).toEqual({ seq: 7, uid: 8 });
  });

  test.each(['(-1)', '(0)', '(9223372036854775808)', '(99999999999999999999)'])(
    'MODSEQ %s is none (Zoho)',
    (value) => {
      expect(fetched(`MODSEQ ${value} UID 8`)).toEqual({ seq: 7, uid: 8 });
    },
  );

  test('MODSEQ without its parentheses', () => {
    expect(fetched('MODSEQ 99 UID 8')).toEqual({ seq: 7, modSeq: 99n, uid: 8 });
  });

  test('HIGHESTMODSEQ 0 or -1 is none', () => {
    expect(only('* STATUS a (HIGHESTMODSEQ 0 MESSAGES 1)')).toMatchObject({ attributes: { messages: 1 } });
    expect(only('* OK [HIGHESTMODSEQ -1] x')).toMatchObject({
      code: { name: 'HIGHESTMODSEQ', argument: '-1' },
    });
  });

  test.each(['UID 0', 'UID NIL', 'UID 4294967296', 'RFC822.SIZE NIL', 'RFC822.SIZE -1'])(
    '%s is left out, the rest of the line stands',
    (item) => {
      expect(fetched(`${item} FLAGS (a)`)).toEqual({ seq: 7, flags: ['a'] });
    },
  );

  test('a set with its ends turned round', () => {
    expect(only('* VANISHED 9:5')).toMatchObject({ uids: [[5, 9]] });
  });
});

describe('spaces and line ends', () => {
  test('more spaces than one', () => {
    expect(only('*  7  FETCH  ( UID  8  FLAGS  ( a  b )  )')).toEqual({
      kind: 'fetch',
      attributes: { seq: 7, uid: 8, flags: ['a', 'b'] },
    });
    expect(only('*  SEARCH  1  2 ')).toMatchObject({ numbers: [1, 2] });
    expect(only('A1  OK  done')).toMatchObject({ kind: 'tagged', text: 'done' });
    expect(only('* LIST  (\\Noselect)  "/"  a')).toMatchObject({ delimiter: '/', mailbox: 'a' });
  });

  test('bare LF as line end', () => {
    expect(responsesOf(events('* 3 EXISTS\n* LIST () "/" {2}\nab\nA1 OK\n')).map((r) => r.kind)).toEqual([
      'exists',
      'list',
      'tagged',
    ]);
  });

  test('two CRs before the LF', () => {
    expect(only('* 3 EXISTS\r')).toEqual({ kind: 'exists', number: 3 });
  });

  test('two CRs behind the head of a literal', () => {
    expect(only('* LIST () "/" {2}\r\r\nab')).toMatchObject({ mailbox: 'ab' });
  });

  test('an empty SEARCH, with and without a space', () => {
    expect(only('* SEARCH')).toMatchObject({ numbers: [] });
    expect(only('* SEARCH ')).toMatchObject({ numbers: [] });
  });

  test('no spaces between the items of a NAMESPACE', () => {
    expect(only('* NAMESPACE (("" "/"))(("~" "/")) NIL')).toMatchObject({
      personal: [{ prefix: '' }],
      otherUsers: [{ prefix: '~' }],
    });
  });
});

describe('conditions', () => {
  test('no text at all, after the word or after the code', () => {
    expect(only('A1 NO')).toMatchObject({ status: 'NO', code: null, text: '' });
    expect(only('A1 OK [TRYCREATE]')).toMatchObject({ code: { name: 'TRYCREATE' }, text: '' });
    expect(only('+')).toMatchObject({ kind: 'continuation', text: '' });
  });

  test('words in small letters (MailKit: "lowercase")', () => {
    expect(only('a1 ok [uidvalidity 3] done')).toMatchObject({ status: 'OK', code: { value: 3 } });
    expect(only('* 1 fetch (uid 5 flags (\\seen))')).toMatchObject({ attributes: { uid: 5 } });
  });

  test('a tagged BYE (Office 365)', () => {
    expect(only('A1 BYE Connection closed')).toMatchObject({ kind: 'tagged', status: 'BYE' });
  });

  test('a code with quotes and equals signs (Exchange)', () => {
    expect(only('A1 OK [Error="a ] b" Proxy=x:1993:SSL] done')).toEqual({
      kind: 'tagged',
      tag: 'A1',
      status: 'OK',
      code: { name: 'ERROR', argument: '="a ] b" Proxy=x:1993:SSL' },
      text: 'done',
    });
  });

  test.each([
    ['COPYUID ', ''],
    ['COPYUID 701  ', '701  '],
    ['COPYUID 1 1:10 101:110 extra junk', '1 1:10 101:110 extra junk'],
    ['APPENDUID 0 1', '0 1'],
    ['UIDNEXT x', 'x'],
  ])('a code whose argument does not fit keeps it as text: [%s]', (code, argument) => {
    const name = code.slice(0, code.indexOf(' '));
    expect(only(`* OK [${code}] bad`)).toMatchObject({ code: { name, argument }, text: 'bad' });
  });

  test('an escaped quote does not end a string within a code', () => {
    expect(only('* OK [X "a\\"]b"] c')).toMatchObject({ code: { argument: '"a\\"]b"' }, text: 'c' });
  });

  test('a code that never ends is text', () => {
    expect(only('* OK [ALERT watch out')).toMatchObject({ code: null, text: '[ALERT watch out' });
  });

  test('a code whose quotes do not pair ends at the first bracket', () => {
    expect(only('* OK [X "a] b')).toMatchObject({ code: { name: 'X', argument: '"a' }, text: 'b' });
  });

  test('an untagged code without its OK (home.pl)', () => {
    expect(only('* [COPYUID 55 31 6]')).toMatchObject({
      kind: 'condition',
      status: 'OK',
      code: { name: 'COPYUID', uidValidity: 55 },
    });
  });

  test('LITERAL + with a space stays two words', () => {
    expect(only('* CAPABILITY IMAP4rev1 LITERAL + ID')).toMatchObject({
      capabilities: ['IMAP4rev1', 'LITERAL', '+', 'ID'],
    });
  });

  test('an untagged echo of NOOP (net-imap: quirky_behaviors)', () => {
    expect(only('* NOOP')).toEqual({ kind: 'unknown', line: '* NOOP' });
    expect(only('* 99 NOOP froopy')).toEqual({ kind: 'unknown', line: '* 99 NOOP froopy' });
  });
});

describe('mailbox names', () => {
  test('TAB without quotes (Exchange)', () => {
    expect(only('* LIST () "/" a\tb')).toMatchObject({ mailbox: 'a\tb' });
    expect(only('* STATUS a\tb (MESSAGES 1)')).toMatchObject({
      mailbox: 'a\tb',
      attributes: { messages: 1 },
    });
  });

  test('spaces and parentheses without quotes', () => {
    expect(only('* LIST () "/" a b (c)')).toMatchObject({ mailbox: 'a b (c)' });
    expect(only('* STATUS a b (MESSAGES 1)')).toMatchObject({ mailbox: 'a b' });
  });

  test('8 bit, raw', () => {
    expect(only('* LIST () "/" "Entw\xfcrfe"')).toMatchObject({ mailbox: 'Entw\xfcrfe' });
    expect(only('* LIST () "/" Entw\xc3\xbcrfe')).toMatchObject({ mailbox: 'Entw\xc3\xbcrfe' });
  });

  test('NIL and {5} are names', () => {
    expect(only('* LIST () "/" NIL')).toMatchObject({ delimiter: '/', mailbox: 'NIL' });
    expect(only('* LIST () NIL NIL')).toMatchObject({ delimiter: null, mailbox: 'NIL' });
    expect(only('* LIST () NIL')).toMatchObject({ delimiter: null, mailbox: 'NIL' });
    expect(only('* LIST () "/" "{5}"')).toMatchObject({ mailbox: '{5}' });
    expect(only('* LIST () "/" a{5}')).toMatchObject({ mailbox: 'a{5}' });
  });

  test('the case of INBOX is kept', () => {
    expect(only('* LIST () "/" Inbox')).toMatchObject({ mailbox: 'Inbox' });
  });

  test('a missing delimiter, missing attributes, or both', () => {
    expect(only('* LIST (\\Noselect) INBOX')).toMatchObject({ delimiter: null, mailbox: 'INBOX' });
    expect(only('* LIST (\\Noselect) "INBOX"')).toMatchObject({ delimiter: null, mailbox: 'INBOX' });
    expect(only('* LIST "/" a')).toMatchObject({ attributes: [], delimiter: '/', mailbox: 'a' });
    expect(only('* LIST () "" a')).toMatchObject({ delimiter: null, mailbox: 'a' });
  });

  test('a backslash as delimiter, escaped or not (Domino, hMailServer)', () => {
    expect(only('* LIST () "\\\\" "a"')).toMatchObject({ delimiter: '\\', mailbox: 'a' });
    expect(only('* LIST () "\\" "a"')).toMatchObject({ delimiter: '\\', mailbox: 'a' });
  });

  test('the root asked for with LIST "" ""', () => {
    expect(only('* LIST (\\Noselect) "/" ""')).toMatchObject({ delimiter: '/', mailbox: '' });
  });
});

describe('FETCH', () => {
  test('a sequence number alone', () => {
    expect(only('* 7 FETCH')).toEqual({ kind: 'fetch', attributes: { seq: 7 } });
    expect(only('* 7 FETCH ()')).toEqual({ kind: 'fetch', attributes: { seq: 7 } });
  });

  test('a one-digit day, a broken date and NIL for INTERNALDATE', () => {
    expect(fetched('INTERNALDATE "1-Feb-2024 03:04:05 +0000"')).toMatchObject({
      internalDate: '1-Feb-2024 03:04:05 +0000',
    });
    expect(fetched('INTERNALDATE "00-Jan-0000"')).toMatchObject({ internalDate: '00-Jan-0000' });
    expect(fetched('INTERNALDATE NIL UID 8')).toEqual({ seq: 7, uid: 8 });
  });

  test('flags that are none', () => {
    expect(fetched('FLAGS (\\* NIL \\Seen \\\\Seen f\xfc [Google)').flags).toEqual([
      '\\*',
      'NIL',
      '\\Seen',
      '\\\\Seen',
      'f\xfc',
      '[Google',
    ]);
    expect(fetched('FLAGS NIL').flags).toEqual([]);
  });

  test('a body that is missing altogether (Yandex)', () => {
    expect(fetched('UID 8 BODY[2] ')).toEqual({
      seq: 7,
      uid: 8,
      bodies: [{ section: '2', origin: null, sizeBytes: null }],
    });
  });

  test('parentheses round ENVELOPE (Domino)', () => {
    expect(fetched('UID 8 (ENVELOPE (NIL NIL)) FLAGS ()')).toEqual({ seq: 7, uid: 8, flags: [] });
  });

  test('brackets behind RFC822 (Courier of old)', () => {
    expect(events('* 7 FETCH (RFC822[] {3}\r\nfoo)\r\n')[1]).toEqual({ body: 'foo', ended: true });
  });

  test('the UID behind the body, and bodies before everything else (Exchange)', () => {
    expect(events('* 7 FETCH (BODY[] {1}\r\na UID 8 FLAGS ())\r\n').at(-1)).toMatchObject({
      response: { attributes: { uid: 8, flags: [] } },
    });
  });
});

describe('searches', () => {
  test('ESEARCH without correlator, with MAILBOX in it, and with nothing found', () => {
    expect(only('* ESEARCH UID COUNT 5 ALL 4:19')).toMatchObject({ tag: null, uid: true, count: 5 });
    expect(only('* ESEARCH (TAG "t" MAILBOX "f 1" UIDVALIDITY 3) UID ALL 4')).toMatchObject({
      tag: 't',
      all: [[4, 4]],
    });
    expect(only('* ESEARCH (TAG "A1") UID')).toMatchObject({ all: null, count: null });
  });

  test('ESEARCH with results nobody asked for', () => {
    expect(only('* ESEARCH (TAG "A") PARTIAL (1:10 42,9) RELEVANCY (4 99) COUNT 2')).toMatchObject({
      count: 2,
    });
  });

  test('a search that is no list of numbers is unknown', () => {
    expect(only('* SEARCH 1 x')).toMatchObject({ kind: 'unknown' });
  });
});
