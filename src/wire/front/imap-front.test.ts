import { describe, expect, test } from 'vitest';
import { bytesOf, latin1Of } from '../../base/bytes.ts';
import { defaultFrontLimits, type FrontOptions, mechanisms } from './front.ts';
import { babble, base64, talkTo } from '../../../test/fakes/front-talk.ts';
import { ImapFront } from './imap-front.ts';

const options: FrontOptions = {
  capabilities: ['IMAP4rev1', 'SASL-IR', 'LITERAL+', 'ID'],
  mechanisms,
  tls: 'active',
  plaintext: false,
  limits: defaultFrontLimits,
};

const front = (more: Partial<FrontOptions> = {}) => talkTo(new ImapFront({ ...options, ...more }));

describe('before TLS', () => {
  test('passwords are not taken, and that is announced', () => {
    const { one, says } = front({ tls: 'offered' });
    expect(latin1Of(one.greeting())).toBe(
      '* OK [CAPABILITY IMAP4rev1 SASL-IR LITERAL+ ID STARTTLS LOGINDISABLED] Ready.\r\n',
    );
    expect(says('a LOGIN anna secret\r\n')).toEqual(['a NO [PRIVACYREQUIRED] Begin TLS first.']);
    expect(says(`b AUTHENTICATE PLAIN ${base64('\0anna\0secret')}\r\n`)).toEqual([
      'b NO [PRIVACYREQUIRED] Begin TLS first.',
    ]);
  });

  test('STARTTLS begins it, and what was said before is forgotten', () => {
    const { one, says } = front({ tls: 'offered' });
    says('a CAPABILITY\r\n');
    expect(says('b STARTTLS\r\n')).toEqual(['b OK Begin TLS now.', '<start-tls>']);
    one.tlsStarted();
    expect(says('c STARTTLS\r\n')).toEqual(['c BAD TLS is active.']);
    expect(says('d LOGIN anna secret\r\n')).toEqual(['<login anna secret>']);
    expect(latin1Of(one.accepted(['IMAP4rev1']).answer)).toBe('d OK [CAPABILITY IMAP4rev1] Logged in.\r\n');
  });

  test.each(['a STARTTLS\r\nb LOGIN anna secret\r\n', 'a STARTTLS\r\nx'])(
    'what comes behind STARTTLS ends the connection, and TLS does not begin: %j',
    (text) => {
      const { says } = front({ tls: 'offered' });
      expect(says(text)).toEqual(['* BYE Something came behind the command that begins TLS.', '<end>']);
      expect(says('c NOOP\r\n')).toEqual([]);
    },
  );

  test('what comes before the handshake does, too', () => {
    const { says } = front({ tls: 'offered' });
    says('a STARTTLS\r\n');
    expect(says('b LOGIN anna secret\r\n')).toEqual(['* BYE Something came before TLS began.', '<end>']);
  });

  test('without a certificate there is none to begin', () => {
    expect(front({ tls: 'none', plaintext: true }).says('a STARTTLS\r\n')).toEqual([
      'a BAD There is no TLS.',
    ]);
  });
});

describe('a login', () => {
  const plain = base64('\0anna\0sec ret');
  test.each([
    ['a LOGIN anna "sec ret"\r\n', '<login anna sec ret>'],
    ['a LOGIN {4+}\r\nanna {7+}\r\nsec ret\r\n', '<login anna sec ret>'],
    [`a AUTHENTICATE PLAIN ${plain}\r\n`, '<login anna sec ret>'],
    [`a authenticate plain ${plain}\r\n`, '<login anna sec ret>'],
    [`a AUTHENTICATE PLAIN ${base64('anna\0master\0sec ret')}\r\n`, '<login anna*master sec ret>'],
    [
      `a AUTHENTICATE XOAUTH2 ${base64('user=anna\x01auth=Bearer t0k\x01\x01')}\r\n`,
      '<login XOAUTH2 anna t0k>',
    ],
    [
      `a AUTHENTICATE OAUTHBEARER ${base64('n,a=anna,\x01auth=Bearer t0k\x01\x01')}\r\n`,
      '<login OAUTHBEARER anna t0k>',
    ],
    ['a LOGIN "an\x01na" x\r\n', '<login nobody>'],
    ['a LOGIN {5+}\r\nan\r\na x\r\n', '<login nobody>'],
    ['a LOGIN {4+}\r\nan\0a x\r\n', '<login nobody>'],
    ['a LOGIN "" x\r\n', '<login nobody>'],
    ['a LOGIN "p\xe4" x\r\n', '<login nobody>'],
    ['a AUTHENTICATE PLAIN =\r\n', '<login nobody>'],
  ])('%j', (text, event) => {
    expect(front().says(text)).toEqual([event]);
  });

  test('in the order of a client that waits each time', () => {
    const { says } = front();
    expect(says('a LOGIN {4}\r\n')).toEqual(['+ OK']);
    expect(says('anna {6}\r\n')).toEqual(['+ OK']);
    expect(says('secret\r\n')).toEqual(['<login anna secret>']);
    const other = front();
    expect(other.says('a AUTHENTICATE PLAIN\r\n')).toEqual(['+ ']);
    expect(other.says(`${base64('\0anna\0secret')}\r\n`)).toEqual(['<login anna secret>']);
    const third = front();
    expect(third.says('a AUTHENTICATE LOGIN\r\n')).toEqual(['+ VXNlciBOYW1lAA==']);
    expect(third.says(`${base64('anna')}\r\n`)).toEqual(['+ UGFzc3dvcmQA']);
    expect(third.says(`${base64('secret')}\r\n`)).toEqual(['<login anna secret>']);
    const fourth = front();
    expect(fourth.says(`a AUTHENTICATE LOGIN ${base64('anna')}\r\n`)).toEqual(['+ UGFzc3dvcmQA']);
  });

  test('is given up by a star, or is none, and the connection goes on as if it had not begun', () => {
    const { says } = front();
    says('a AUTHENTICATE LOGIN\r\n');
    says(`${base64('anna')}\r\n`);
    expect(says('*\r\n')).toEqual(['a BAD Given up.']);
    says('b AUTHENTICATE PLAIN\r\n');
    expect(says('no base 64!\r\n')).toEqual(['b BAD That is no base 64.']);
    expect(says('c AUTHENTICATE CRAM-MD5\r\n')).toEqual(['c NO [CANNOT] There is no such mechanism here.']);
    expect(says('d LOGIN anna secret\r\n')).toEqual(['<login anna secret>']);
  });

  test('that is refused leaves nothing behind; the next begins anew', () => {
    const { says, refused } = front();
    says('a AUTHENTICATE LOGIN\r\n');
    says(`${base64('anna')}\r\n`);
    says(`${base64('wrong')}\r\n`);
    expect(refused('credentials')).toEqual(['a NO [AUTHENTICATIONFAILED] Authentication failed.']);
    expect(says(`b AUTHENTICATE LOGIN\r\n${base64('bela')}\r\n${base64('secret')}\r\n`)).toEqual([
      '+ VXNlciBOYW1lAA==',
      '+ UGFzc3dvcmQA',
      '<login bela secret>',
    ]);
    expect(refused('unavailable')).toEqual([
      'b NO [UNAVAILABLE] This account cannot be reached at the moment. Please try again later.',
    ]);
  });

  test('by a token that is refused: why is told, and one more message waited for', () => {
    const { says, refused } = front();
    says(`a AUTHENTICATE XOAUTH2 ${base64('user=anna\x01auth=Bearer t\x01\x01')}\r\n`);
    const [challenge = ''] = refused('credentials');
    expect(Buffer.from(challenge.slice(2), 'base64').toString()).toBe('{"status":"invalid_token"}');
    expect(says('\r\nb NOOP\r\n')).toEqual([
      'a NO [AUTHENTICATIONFAILED] Authentication failed.',
      'b OK Done.',
    ]);
  });

  test('what is sent behind it is for the backend, and is read here where it was refused', () => {
    const { one, says } = front();
    expect(says('a CAPABILITY\r\nb LOGIN anna secret\r\nc SELECT INBOX\r\nd NO')).toHaveLength(3);
    expect(says('OP\r\n')).toEqual([]);
    const { answer, rest } = one.accepted(['IMAP4rev1', 'IDLE']);
    expect(latin1Of(answer)).toBe(
      '* CAPABILITY IMAP4rev1 IDLE\r\nb OK [CAPABILITY IMAP4rev1 IDLE] Logged in.\r\n',
    );
    expect(latin1Of(rest)).toBe('c SELECT INBOX\r\nd NOOP\r\n');
    expect(says('e NOOP\r\n')).toEqual([]);

    const other = front();
    other.says('a LOGIN anna wrong\r\nb NOOP\r\nc LOGIN anna right\r\nd NOOP\r\n');
    expect(other.refused('credentials')).toEqual([
      'a NO [AUTHENTICATIONFAILED] Authentication failed.',
      'b OK Done.',
      '<login anna right>',
    ]);
    expect(latin1Of(other.one.accepted([]).rest)).toBe('d NOOP\r\n');
  });
});

describe('other commands', () => {
  test('are few', () => {
    const { says } = front();
    expect(says('a NOOP\r\nb ID ("name" "x" "x-originating-ip" "192.0.2.1")\r\nc ID NIL\r\n')).toEqual([
      'a OK Done.',
      '* ID NIL',
      'b OK Done.',
      '* ID NIL',
      'c OK Done.',
    ]);
    expect(says('d CAPABILITY\r\n')[0]).toBe(
      '* CAPABILITY IMAP4rev1 SASL-IR LITERAL+ ID AUTH=PLAIN AUTH=LOGIN AUTH=XOAUTH2 AUTH=OAUTHBEARER',
    );
    expect(says('e SELECT INBOX\r\n')).toEqual(['e BAD Please log in first.']);
    expect(says('f LOGOUT\r\ng NOOP\r\n')).toEqual(['* BYE Logging out.', 'f OK Done.', '<end>']);
  });
});

describe('limits', () => {
  test.each([
    ['another protocol', 'GET / HTTP/1.1\r\nHost: x\r\nUser-Agent: y\r\n\r\n', 'too many'],
    ['commands without end', 'a NOOP\r\n'.repeat(60), 'commands before a login'],
    ['a line without end', `a LOGIN ${'x'.repeat(20_000)}`, 'too long'],
    ['a literal that does not wait', 'a LOGIN {4294967296+}\r\n', 'too long'],
  ])('%s ends the connection', (_, text, why) => {
    const said = front().says(text);
    expect(said.at(-1)).toBe('<end>');
    expect(said.at(-2)?.toLowerCase()).toContain(why.toLowerCase());
  });

  test('a literal that waits is refused, and the connection goes on', () => {
    const { says } = front();
    expect(says('a LOGIN {4000000000}\r\nb NOOP\r\n')).toEqual(['a BAD That is too long.', 'b OK Done.']);
  });

  test('five tries, and what was sent behind them is not read', () => {
    const { one, says, refused } = front();
    const line = (n: number) => `a${n} LOGIN anna wrong\r\n`;
    expect(says([1, 2, 3, 4, 5, 6].map(line).join(''))).toEqual(['<login anna wrong>']);
    for (let n = 1; n < 5; n++) expect(refused('credentials').at(-1)).toBe('<login anna wrong>');
    expect(refused('credentials')).toEqual([
      'a5 NO [AUTHENTICATIONFAILED] Authentication failed.',
      '* BYE Too many tries.',
      '<end>',
    ]);
    expect(one.push(bytesOf('b NOOP\r\n'))).toEqual([]);
  });

  test('what is sent behind a login that waits is bounded', () => {
    const { says } = front();
    says('a LOGIN anna secret\r\n');
    expect(says('x'.repeat(65_536))).toEqual([]);
    expect(says('x')).toEqual(['* BYE Too much was sent before the login was answered.', '<end>']);
  });
});

test('whatever comes, in whatever pieces, it does not break, and says nothing after its end', () => {
  const parts = [
    'a ',
    'b',
    'LOGIN ',
    'AUTHENTICATE ',
    'PLAIN',
    '{3}\r\n',
    '{2+}\r\n',
    '"',
    '\\',
    '\r\n',
    '\n',
    '\0',
  ];
  const more = [
    '(',
    ')',
    '*',
    '=',
    'ID ',
    'STARTTLS',
    base64('\0u\0p'),
    '\xff',
    ' ',
    'anna',
    'NIL',
    'LOGOUT',
  ];
  babble(
    (round) => new ImapFront({ ...options, tls: round % 2 === 0 ? 'active' : 'offered' }),
    [...parts, ...more],
    3_000,
  );
});
