import { describe, expect, test } from 'vitest';
import { latin1Of } from '../../base/bytes.ts';
import { defaultFrontLimits, type FrontOptions, mechanisms } from './front.ts';
import { babble, base64, talkTo } from '../../../test/fakes/front-talk.ts';
import { Pop3Front } from './pop3-front.ts';

const options: FrontOptions = {
  capabilities: ['TOP', 'UIDL', 'RESP-CODES', 'AUTH-RESP-CODE', 'PIPELINING'],
  mechanisms,
  tls: 'active',
  plaintext: false,
  limits: defaultFrontLimits,
};
const front = (more: Partial<FrontOptions> = {}) => talkTo(new Pop3Front({ ...options, ...more }));

test('USER and PASS, with blanks in the password', () => {
  const { one, says } = front();
  expect(says('USER anna@example.org\r\n')).toEqual(['+OK Password, please.']);
  expect(says('PASS  my secret \r\nSTAT\r\n')).toEqual(['<login anna@example.org  my secret >']);
  const { answer, rest } = one.accepted();
  expect([latin1Of(answer), latin1Of(rest)]).toEqual(['+OK Logged in.\r\n', 'STAT\r\n']);
});

test('PASS belongs to the USER right before it', () => {
  const { says } = front();
  expect(says('PASS x\r\n')).toEqual(['-ERR Say USER first.']);
  expect(says('USER anna\r\nCAPA\r\nPASS x\r\n').at(-1)).toBe('-ERR Say USER first.');
});

test.each([
  [`AUTH PLAIN ${base64('\0anna\0secret')}\r\n`, ['<login anna secret>']],
  [`AUTH PLAIN\r\n${base64('\0anna\0secret')}\r\n`, ['+ ', '<login anna secret>']],
  [`AUTH LOGIN\r\n${base64('anna')}\r\n*\r\n`, ['+ VXNlciBOYW1lAA==', '+ UGFzc3dvcmQA', '-ERR Given up.']],
  ['AUTH\r\n', ['+OK', ...mechanisms, '.']],
  ['AUTH CRAM-MD5\r\n', ['-ERR There is no such mechanism here.']],
  ['AUTH PLAIN x!\r\n', ['-ERR That is no base 64.']],
  ['USER an\0na\r\nPASS x\r\n', ['+OK Password, please.', '<login nobody>']],
  ['USER p\xe4\r\nPASS x\r\n', ['+OK Password, please.', '<login nobody>']],
  ['APOP anna c4c9334bac560ecc979e58001b3e22fb\r\n', ['-ERR Please log in first.']],
  ['XCLIENT ADDR=192.0.2.1\r\n', ['-ERR Please log in first.']],
  ['STAT\r\n', ['-ERR Please log in first.']],
  ['QUIT\r\nCAPA\r\n', ['+OK Bye.', '<end>']],
])('%j', (text, answers) => {
  expect(front().says(text)).toEqual(answers);
});

describe('TLS', () => {
  test('comes before a login, and what was said before it is forgotten', () => {
    const { says, tlsStarted } = front({ tls: 'offered' });
    expect(says('CAPA\r\n')).toEqual(['+OK', ...options.capabilities, 'STLS', '.']);
    expect(says('USER anna\r\n')).toEqual(['-ERR Begin TLS first.']);
    expect(says('STLS\r\n')).toEqual(['+OK Begin TLS now.', '<start-tls>']);
    expect(tlsStarted()).toEqual([]);
    expect(says('CAPA\r\n').slice(-3)).toEqual(['USER', `SASL ${mechanisms.join(' ')}`, '.']);
    expect(says('STLS\r\n')).toEqual(['-ERR TLS is active.']);
  });

  test('nothing may stand behind STLS', () => {
    const { says } = front({ tls: 'offered' });
    expect(says('STLS\r\nUSER anna\r\n')).toEqual([
      '-ERR Something came behind the command that begins TLS.',
      '<end>',
    ]);
  });
});

test('refusals say by their code whether another password would help', () => {
  const login = 'USER anna\r\nPASS x\r\n';
  const { says, refused } = front();
  says(login);
  expect(refused('credentials')).toEqual(['-ERR [AUTH] Authentication failed.']);
  says(login);
  expect(refused('unavailable')[0]).toMatch(/^-ERR \[SYS\/TEMP\] /);
  says(login);
  expect(refused('too-many')[0]).toMatch(/^-ERR \[SYS\/TEMP\] /);
  says(login);
  refused('credentials');
  says(login);
  expect(refused('credentials')).toEqual([
    '-ERR [AUTH] Authentication failed.',
    '-ERR Too many tries.',
    '<end>',
  ]);
});

test('whatever comes, it does not break', () => {
  const words = [
    'USER ',
    'PASS ',
    'anna',
    '\r\n',
    '\n',
    'AUTH ',
    'PLAIN',
    ' ',
    'CAPA',
    'STLS',
    '*',
    '=',
    '\0',
    '\xff',
  ];
  babble((round) => new Pop3Front({ ...options, tls: round % 2 === 0 ? 'active' : 'offered' }), words, 2_000);
});
