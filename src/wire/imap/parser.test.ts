import { describe, expect, test } from 'vitest';
import { bytesOf, bytesOfLatin1, latin1Of } from '../../base/bytes.ts';
import { isMailferryError, MailferryError } from '../../base/errors.ts';
import { byteByByte, parseEvents, responsesOf } from '../../../test/fuzz/imap-events.ts';
import { ResponseParser } from './parser.ts';
import type { ImapResponse, ResponseSink } from './response.ts';

const silent: ResponseSink = { response() {}, bodyBegin() {}, bodyChunk() {}, bodyEnd() {} };

/** Events of a server's first bytes; checks on the way that pieces of one byte give the same. */
function firstEvents(text: string) {
  const bytes = bytesOfLatin1(text);
  const whole = parseEvents([bytes]);
  expect(parseEvents(byteByByte(bytes))).toEqual(whole);
  return whole;
}

/** Events of lines within a session. */
function events(text: string) {
  return firstEvents(`* OK hi\r\n${text}`).slice(1);
}

function only(text: string): ImapResponse | undefined {
  const found = responsesOf(events(text));
  expect(found).toHaveLength(1);
  return found[0];
}

function failure(run: () => unknown): MailferryError {
  try {
    run();
  } catch (error) {
    if (isMailferryError(error)) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('conditions', () => {
  test('reads a greeting with its capabilities', () => {
    expect(only('* OK [CAPABILITY IMAP4rev1 ID] ready\r\n')).toEqual({
      kind: 'condition',
      status: 'OK',
      code: { name: 'CAPABILITY', capabilities: ['IMAP4rev1', 'ID'] },
      text: 'ready',
    });
  });

  test.each(['OK', 'NO', 'BAD', 'BYE', 'PREAUTH'] as const)('reads an untagged %s', (status) => {
    expect(only(`* ${status} x\r\n`)).toEqual({ kind: 'condition', status, code: null, text: 'x' });
  });

  test('reads tagged answers with codes', () => {
    expect(only('A7 OK [APPENDUID 38505 3955:3957] done\r\n')).toEqual({
      kind: 'tagged',
      tag: 'A7',
      status: 'OK',
      code: { name: 'APPENDUID', uidValidity: 38505, uids: [[3955, 3957]] },
      text: 'done',
    });
  });

  test.each([
    [
      'COPYUID 38505 304,319:320 3956:3958',
      {
        name: 'COPYUID',
        uidValidity: 38505,
        fromUids: [
          [304, 304],
          [319, 320],
        ],
        toUids: [[3956, 3958]],
      },
    ],
    ['PERMANENTFLAGS (\\Deleted \\*)', { name: 'PERMANENTFLAGS', flags: ['\\Deleted', '\\*'] }],
    ['UIDNEXT 4392', { name: 'UIDNEXT', value: 4392 }],
    ['UIDVALIDITY 0', { name: 'UIDVALIDITY', value: 0 }],
    ['HIGHESTMODSEQ 9223372036854775807', { name: 'HIGHESTMODSEQ', value: 9223372036854775807n }],
    ['MAILBOXID (F2212ea87-6097)', { name: 'MAILBOXID', id: 'F2212ea87-6097' }],
    [
      'MODIFIED 7,9',
      {
        name: 'MODIFIED',
        uids: [
          [7, 7],
          [9, 9],
        ],
      },
    ],
    ['MESSAGELIMIT 1000 23221', { name: 'MESSAGELIMIT', value: 1000 }],
    ['TRYCREATE', { name: 'TRYCREATE' }],
    ['throttled', { name: 'THROTTLED' }],
    ['BADCHARSET (UTF-8 "a]b")', { name: 'BADCHARSET', argument: '(UTF-8 "a]b")' }],
  ])('reads the code [%s]', (text, code) => {
    expect(only(`* NO [${text}] x y\r\n`)).toMatchObject({ code, text: 'x y' });
  });

  test('reads continuations, text or none', () => {
    expect(only('+ idling\r\n')).toEqual({ kind: 'continuation', code: null, text: 'idling' });
    expect(only('+ \r\n')).toEqual({ kind: 'continuation', code: null, text: '' });
  });

  test('takes braces at the end of a text for text', () => {
    expect(responsesOf(events('* OK see {5}\r\nA1 NO {3}\r\n+ {7}\r\n'))).toMatchObject([
      { text: 'see {5}' },
      { text: '{3}' },
      { text: '{7}' },
    ]);
  });

  test('reads text as UTF-8', () => {
    const [response] = responsesOf(parseEvents([bytesOf('* OK Grüße\r\n')]));
    expect(response).toMatchObject({ text: 'Grüße' });
  });
});

describe('mailbox data', () => {
  test.each([
    [
      'LIST (\\HasNoChildren) "/" "a \\"b\\\\"',
      { kind: 'list', attributes: ['\\HasNoChildren'], delimiter: '/', mailbox: 'a "b\\', extended: {} },
    ],
    ['LSUB () NIL INBOX', { kind: 'lsub', attributes: [], delimiter: null, mailbox: 'INBOX', extended: {} }],
    [
      'LIST () "/" a ("CHILDINFO" ("SUBSCRIBED") OLDNAME (b))',
      {
        kind: 'list',
        attributes: [],
        delimiter: '/',
        mailbox: 'a',
        extended: { CHILDINFO: '("SUBSCRIBED")', OLDNAME: '(b)' },
      },
    ],
    [
      'STATUS a (MESSAGES 3 UIDNEXT 9 UIDVALIDITY 7 UNSEEN 1 RECENT 0 DELETED 2 SIZE 99 HIGHESTMODSEQ 5 MAILBOXID (x) APPENDLIMIT 8)',
      {
        kind: 'status',
        mailbox: 'a',
        attributes: {
          messages: 3,
          uidNext: 9,
          uidValidity: 7,
          unseen: 1,
          recent: 0,
          deleted: 2,
          sizeBytes: 99,
          highestModSeq: 5n,
          mailboxId: 'x',
          appendLimit: 8,
        },
      },
    ],
    [
      'STATUS a (APPENDLIMIT NIL X-NEW (1 2))',
      { kind: 'status', mailbox: 'a', attributes: { appendLimit: null } },
    ],
    ['FLAGS (\\Seen $Forwarded)', { kind: 'flags', flags: ['\\Seen', '$Forwarded'] }],
    ['3 EXISTS', { kind: 'exists', number: 3 }],
    ['0 RECENT', { kind: 'recent', number: 0 }],
    ['44 expunge', { kind: 'expunge', number: 44 }],
    ['SEARCH 2 84 882', { kind: 'search', numbers: [2, 84, 882], modSeq: null }],
    ['SEARCH 2 (MODSEQ 917162500)', { kind: 'search', numbers: [2], modSeq: 917162500n }],
    [
      'ESEARCH (TAG "A282") UID MIN 2 MAX 9 COUNT 3 ALL 2,8:9 MODSEQ 4',
      {
        kind: 'esearch',
        tag: 'A282',
        uid: true,
        min: 2,
        max: 9,
        count: 3,
        all: [
          [2, 2],
          [8, 9],
        ],
        modSeq: 4n,
      },
    ],
    [
      'VANISHED (EARLIER) 41,43:116',
      {
        kind: 'vanished',
        earlier: true,
        uids: [
          [41, 41],
          [43, 116],
        ],
      },
    ],
    ['VANISHED 5', { kind: 'vanished', earlier: false, uids: [[5, 5]] }],
    ['CAPABILITY IMAP4rev1 AUTH=PLAIN', { kind: 'capability', capabilities: ['IMAP4rev1', 'AUTH=PLAIN'] }],
    ['ENABLED CONDSTORE QRESYNC', { kind: 'enabled', capabilities: ['CONDSTORE', 'QRESYNC'] }],
    ['ID ("name" "Cyrus" "os" NIL)', { kind: 'id', fields: { name: 'Cyrus', os: null } }],
    ['ID NIL', { kind: 'id', fields: {} }],
    [
      'QUOTA "" (STORAGE 10 512 MESSAGE 3 9)',
      {
        kind: 'quota',
        root: '',
        resources: [
          { name: 'STORAGE', usage: 10, limit: 512 },
          { name: 'MESSAGE', usage: 3, limit: 9 },
        ],
      },
    ],
    ['QUOTAROOT INBOX "" b', { kind: 'quotaroot', mailbox: 'INBOX', roots: ['', 'b'] }],
    ['MYRIGHTS INBOX rwiptsldaex', { kind: 'myrights', mailbox: 'INBOX', rights: 'rwiptsldaex' }],
    [
      'NAMESPACE (("" "/")("#mh/" "/" "X-PARAM" ("FLAG1" "FLAG2"))) NIL (("Public/" NIL))',
      {
        kind: 'namespace',
        personal: [
          { prefix: '', delimiter: '/' },
          { prefix: '#mh/', delimiter: '/' },
        ],
        otherUsers: [],
        shared: [{ prefix: 'Public/', delimiter: null }],
      },
    ],
  ])('reads %s', (line, response) => {
    expect(only(`* ${line}\r\n`)).toEqual(response);
  });

  test('reads names in literals, with line ends and things like literal heads in them', () => {
    expect(only('* LIST () "/" {9}\r\na\r\nb {1}\r\r\n')).toMatchObject({ mailbox: 'a\r\nb {1}\r' });
    expect(only('* LIST () "/" {6}\r\nab {1}\r\n')).toMatchObject({ mailbox: 'ab {1}' });
    expect(only('* STATUS {3}\r\na b (MESSAGES 1)\r\n')).toMatchObject({ mailbox: 'a b' });
    expect(only('* QUOTAROOT {1}\r\na {0}\r\n {2}\r\nb]\r\n')).toMatchObject({
      mailbox: 'a',
      roots: ['', 'b]'],
    });
  });

  test('keeps a field named __proto__ a field', () => {
    const response = only('* ID ("__proto__" "x")\r\n');
    expect(response?.kind === 'id' && Object.entries(response.fields)).toEqual([['__proto__', 'x']]);
  });

  test('hands on lines it does not know', () => {
    expect(only('* METADATA "" (/comment {3}\r\nabc)\r\n')).toEqual({
      kind: 'unknown',
      line: '* METADATA "" (/comment {3}\r\nabc)',
    });
  });
});

describe('FETCH', () => {
  test('reads the metadata of a message', () => {
    expect(
      only(
        '* 7 FETCH (UID 8 FLAGS (\\Seen $Forwarded) INTERNALDATE " 1-May-2021 11:47:51 +0200" RFC822.SIZE 1234 MODSEQ (99) EMAILID (M6d99))\r\n',
      ),
    ).toEqual({
      kind: 'fetch',
      attributes: {
        seq: 7,
        uid: 8,
        flags: ['\\Seen', '$Forwarded'],
        internalDate: ' 1-May-2021 11:47:51 +0200',
        sizeBytes: 1234,
        modSeq: 99n,
        emailId: 'M6d99',
      },
    });
  });

  test('gives the same array again for the same flags', () => {
    const seen: (readonly string[] | undefined)[] = [];
    const parser = new ResponseParser({
      ...silent,
      response: (r) => seen.push(r.kind === 'fetch' ? r.attributes.flags : undefined),
    });
    parser.push(bytesOf('* 1 FETCH (FLAGS (a b))\r\n* 2 FETCH (FLAGS (a b))\r\n* 3 FETCH (FLAGS (a c))\r\n'));
    expect(seen[1]).toBe(seen[0]);
    expect(seen[2]).toEqual(['a', 'c']);
  });

  test('delivers a body between what stood before it and what comes after', () => {
    expect(events('* 7 FETCH (UID 8 BODY[] {5}\r\nhe\r\no FLAGS (\\Seen))\r\n')).toEqual([
      { begin: { seq: 7, uid: 8 }, section: '', sizeBytes: 5 },
      { body: 'he\r\no', ended: true },
      {
        response: {
          kind: 'fetch',
          attributes: {
            seq: 7,
            uid: 8,
            bodies: [{ section: '', origin: null, sizeBytes: 5 }],
            flags: ['\\Seen'],
          },
        },
      },
    ]);
  });

  test.each([
    ['BODY[HEADER] {2}\r\nab', 'HEADER', null, 'ab'],
    ['BODY[1.2.mime] {2}\r\nab', '1.2.MIME', null, 'ab'],
    ['BODY[HEADER.FIELDS (Date "From")] {2}\r\nab', 'HEADER.FIELDS (DATE "FROM")', null, 'ab'],
    ['BODY[]<100> {2}\r\nab', '', 100, 'ab'],
    ['BODY[] {0}\r\n', '', null, ''],
    ['BINARY[1] ~{3}\r\na\0b', '1', null, 'a\0b'],
    ['BODY[] {2+}\r\nab', '', null, 'ab'],
    ['BODY[] "a\\"b\\\\"', '', null, 'a"b\\'],
    ['BODY[] ""', '', null, ''],
    ['RFC822 {2}\r\nab', '', null, 'ab'],
    ['RFC822.HEADER {2}\r\nab', 'HEADER', null, 'ab'],
    ['RFC822.TEXT "ab"', 'TEXT', null, 'ab'],
  ])('delivers %j', (item, section, origin, body) => {
    const sizeBytes = body.length;
    expect(events(`* 7 FETCH (${item})\r\n`)).toEqual([
      { begin: { seq: 7 }, section, sizeBytes },
      { body, ended: true },
      { response: { kind: 'fetch', attributes: { seq: 7, bodies: [{ section, origin, sizeBytes }] } } },
    ]);
  });

  test('says so when a body is NIL', () => {
    expect(only('* 7 FETCH (BODY[] NIL UID 8)\r\n')).toEqual({
      kind: 'fetch',
      attributes: { seq: 7, uid: 8, bodies: [{ section: '', origin: null, sizeBytes: null }] },
    });
  });

  test('delivers several bodies of one message in order', () => {
    expect(events('* 7 FETCH (BODY[HEADER] {1}\r\na BODY[TEXT] {1}\r\nb)\r\n')).toMatchObject([
      { section: 'HEADER' },
      { body: 'a' },
      { section: 'TEXT' },
      { body: 'b' },
      { response: { attributes: { bodies: [{ section: 'HEADER' }, { section: 'TEXT' }] } } },
    ]);
  });

  test('passes over items it does not know, literals and brackets in them included', () => {
    expect(
      only(
        '* 7 FETCH (ENVELOPE ("a)" {4}\r\n)("b ((NIL))) BODY ("TEXT" {1}\r\n") X-ATOM y X-STRING "z(" X-LITERAL {2}\r\n)) BINARY.SIZE[1.2] 5 BODYSTRUCTURE (()) PREVIEW NIL UID 8)\r\n',
      ),
    ).toEqual({ kind: 'fetch', attributes: { seq: 7, uid: 8 } });
  });

  test('hands the bytes of a body on as views of what was pushed', () => {
    const pushed = bytesOf('* 7 FETCH (BODY[] {5}\r\nhello)\r\n');
    const parser = new ResponseParser({
      ...silent,
      bodyChunk: (bytes) => {
        expect(bytes.buffer).toBe(pushed.buffer);
        expect(latin1Of(bytes)).toBe('hello');
      },
    });
    parser.push(pushed);
    expect.assertions(2);
  });

  test.each(['x)\r\n', '\r\n)\r\n', '"\r\n'])('hangs up when %j follows a body', (after) => {
    expect(events(`* 7 FETCH (BODY[] {2}\r\nab${after}`).at(-1)).toEqual({ error: 'protocol-violation' });
  });

  test('hangs up when the rest behind a body is broken', () => {
    expect(events('* 7 FETCH (BODY[] {2}\r\nab FLAGS (\\Seen\r\n').at(-1)).toEqual({
      error: 'protocol-violation',
    });
  });

  test('takes a literal head within the line for none', () => {
    expect(only('* 7 FETCH (BODY[] {5} UID 8)\r\n')).toMatchObject({ kind: 'unknown' });
  });

  test('hands on a broken FETCH without a body as an unknown line', () => {
    expect(responsesOf(events('* 7 FETCH (UID 8 FLAGS (a\r\n* 8 FETCH (UID 9)\r\n'))).toMatchObject([
      { kind: 'unknown', line: '* 7 FETCH (UID 8 FLAGS (a' },
      { kind: 'fetch', attributes: { seq: 8, uid: 9 } },
    ]);
  });
});

describe('what is pending', () => {
  test('counts the bytes of an unfinished line', () => {
    const parser = new ResponseParser(silent);
    parser.push(bytesOf('* OK a\r\n* OK'));
    expect(parser.pending).toBe(4);
    expect(parser.insideResponse).toBe(true);
    parser.push(bytesOf(' b\r\n'));
    expect(parser.pending).toBe(0);
    expect(parser.insideResponse).toBe(false);
  });

  test('knows that it is inside a body', () => {
    const parser = new ResponseParser(silent);
    parser.push(bytesOf('* 7 FETCH (BODY[] {2}\r\na'));
    expect([parser.pending, parser.insideResponse]).toEqual([0, true]);
    parser.push(bytesOf('b'));
    expect(parser.insideResponse).toBe(true);
    parser.push(bytesOf(')\r\n'));
    expect(parser.insideResponse).toBe(false);
  });

  test('shows the sink that bytes came behind the OK to STARTTLS, and forgets them', () => {
    const seen: string[] = [];
    const pending: number[] = [];
    const parser: ResponseParser = new ResponseParser({
      ...silent,
      response: (r) => {
        seen.push(r.kind);
        if (r.kind !== 'tagged') return;
        pending.push(parser.pending);
        parser.discard();
      },
    });
    parser.push(bytesOf('* OK hi\r\nA1 OK begin TLS\r\n* CAPABILITY AUTH=EVIL\r\n* O'));
    expect(seen).toEqual(['condition', 'tagged']);
    expect(pending).toEqual([27]);
    parser.push(bytesOf('* CAPABILITY ID\r\n'));
    expect(seen).toEqual(['condition', 'tagged', 'capability']);
  });

  test('gives the bytes behind the OK to COMPRESS back', () => {
    let rest = '';
    const parser: ResponseParser = new ResponseParser({
      ...silent,
      response: (r) => {
        if (r.kind === 'tagged') rest = latin1Of(parser.takeRest());
      },
    });
    parser.push(bytesOfLatin1('* OK hi\r\nA1 OK DEFLATE active\r\n\x01\xff\n'));
    expect(rest).toBe('\x01\xff\n');
  });
});

describe('what is not IMAP', () => {
  test.each([
    'HTTP/1.1 400 Bad Request\r\n',
    '220 mail.example.org ESMTP Postfix\r\n',
    '+OK POP3 ready\r\n',
    '-ERR no\r\n',
    'A1 OK done\r\n',
    '+ go on\r\n',
    '"IMPLEMENTATION" "Dovecot Pigeonhole"\r\n',
    'SSH-2.0-OpenSSH_9.2\r\n',
    '\r\n',
    '\0\0\0\x1a',
    '\x15\x01',
    '\xff\xfb',
  ])('refuses %j', (text) => {
    expect(firstEvents(text)).toEqual([{ error: 'not-imap' }]);
  });

  test.each(['\x15\x03\x01\x00\x02\x02\x0a', '\x16\x03\x03\x00\x7a'])(
    'knows TLS by its first bytes: %j',
    (text) => {
      expect(firstEvents(text)).toEqual([{ error: 'plaintext-to-tls' }]);
    },
  );

  test("keeps the server's words, without control characters", () => {
    const parser = new ResponseParser(silent);
    const error = failure(() => parser.push(bytesOf('220 a\x07b\r\n')));
    expect(error.serverText).toBe('220 a?b');
  });

  test('lets rubbish within a session be an unknown line', () => {
    expect(responsesOf(events('HTTP/1.1 500\r\n'))[0]).toEqual({
      kind: 'unknown',
      line: 'HTTP/1.1 500',
    });
  });
});

describe('after an error', () => {
  test('every push throws the same again', () => {
    const parser = new ResponseParser(silent);
    const first = failure(() => parser.push(bytesOf('220 smtp\r\n')));
    expect(failure(() => parser.push(bytesOf('* OK\r\n')))).toBe(first);
  });

  test("a sink's own error comes through, and the parser does not go on", () => {
    const parser = new ResponseParser({
      ...silent,
      response: () => {
        throw new TypeError('mine');
      },
    });
    expect(() => parser.push(bytesOf('* OK\r\n'))).toThrow(TypeError);
    expect(failure(() => parser.push(bytesOf('* OK\r\n'))).code).toBe('internal');
  });

  test('a push from within the sink is refused', () => {
    const parser: ResponseParser = new ResponseParser({
      ...silent,
      response: () => parser.push(bytesOf('* OK\r\n')),
    });
    expect(failure(() => parser.push(bytesOf('* OK\r\n'))).code).toBe('internal');
  });
});
