import { describe, expect, test } from 'vitest';
import { latin1Of } from '../../base/bytes.ts';
import { defaultFrontLimits, mechanisms } from './front.ts';
import { babble, base64, talkTo } from '../../../test/fakes/front-talk.ts';
import { SubmissionFront, type SubmissionOptions } from './submission-front.ts';

const options: SubmissionOptions = {
  name: 'mail.example.org',
  capabilities: ['SIZE 50000000', '8BITMIME', 'SMTPUTF8', 'PIPELINING', 'DSN', 'ENHANCEDSTATUSCODES'],
  mechanisms: ['PLAIN', 'LOGIN'],
  tls: 'active',
  plaintext: false,
  limits: defaultFrontLimits,
};
const front = (more: Partial<SubmissionOptions> = {}) => talkTo(new SubmissionFront({ ...options, ...more }));
const plain = base64('\0anna\0secret');

test('EHLO, then AUTH; what comes behind it is for the backend', () => {
  const { one, says } = front();
  expect(latin1Of(one.greeting())).toBe('220 mail.example.org ESMTP\r\n');
  expect(says('EHLO [192.0.2.7]\r\n')).toEqual([
    '250-mail.example.org',
    ...options.capabilities.map((name) => `250-${name}`),
    '250 AUTH PLAIN LOGIN',
  ]);
  expect(one.helo).toBe('[192.0.2.7]');
  expect(says(`AUTH PLAIN ${plain}\r\nMAIL FROM:<a@b.org>\r\n`)).toEqual(['<login anna secret>']);
  const { answer, rest } = one.accepted();
  expect([latin1Of(answer), latin1Of(rest)]).toEqual(['235 2.7.0 Logged in.\r\n', 'MAIL FROM:<a@b.org>\r\n']);
});

test.each([
  ['HELO pc\r\n', ['250 mail.example.org']],
  ['NOOP\r\nRSET\r\n', ['250 2.0.0 Done.', '250 2.0.0 Done.']],
  [`AUTH PLAIN ${plain}\r\n`, ['503 5.5.1 Say EHLO first.']],
  ['EHLO a b\r\n', ['501 5.5.4 That is no name of a host.']],
  ['EHLO a\rMAIL\r\n', ['500 5.5.2 That is no command.']],
  ['EHLO\r\n', ['501 5.5.4 That is no name of a host.']],
  ['MAIL FROM:<a@b.org>\r\n', ['530 5.7.0 Please log in first.']],
  ['XCLIENT ADDR=192.0.2.1\r\n', ['500 5.5.2 That is no command.']],
  ['QUIT\r\nNOOP\r\n', ['221 2.0.0 Bye.', '<end>']],
])('%j', (text, answers) => {
  expect(front().says(text)).toEqual(answers);
});

test('the dialogues of AUTH', () => {
  const { says, refused } = front({ mechanisms });
  says('EHLO pc\r\n');
  expect(says(`AUTH LOGIN\r\n${base64('anna')}\r\n${base64('secret')}\r\n`)).toEqual([
    '334 VXNlciBOYW1lAA==',
    '334 UGFzc3dvcmQA',
    '<login anna secret>',
  ]);
  expect(refused('unavailable')[0]).toMatch(/^454 4\.7\.0 /);
  expect(says('AUTH PLAIN\r\n*\r\n')).toEqual(['334 ', '501 5.7.0 Given up.']);
  expect(says(`AUTH XOAUTH2 ${base64('user=anna\x01auth=Bearer t\x01\x01')}\r\n`)).toEqual([
    '<login XOAUTH2 anna t>',
  ]);
  expect(refused('credentials')[0]).toMatch(/^334 /);
  expect(says('\r\n')).toEqual(['535 5.7.8 Authentication failed.']);
});

describe('TLS', () => {
  test('comes before a login, and EHLO again after it', () => {
    const { one, says, tlsStarted } = front({ tls: 'offered' });
    expect(says('EHLO pc\r\n').at(-1)).toBe('250 STARTTLS');
    expect(says(`AUTH PLAIN ${plain}\r\n`)).toEqual(['530 5.7.0 Begin TLS first.']);
    expect(says('STARTTLS\r\n')).toEqual(['220 2.0.0 Begin TLS now.', '<start-tls>']);
    tlsStarted();
    expect(one.helo).toBeNull();
    expect(says(`AUTH PLAIN ${plain}\r\n`)).toEqual(['503 5.5.1 Say EHLO first.']);
    expect(says('EHLO pc\r\n').at(-1)).toBe('250 AUTH PLAIN LOGIN');
  });

  test('nothing may stand behind STARTTLS', () => {
    const { says } = front({ tls: 'offered' });
    expect(says('STARTTLS\r\nEHLO pc\r\n').at(-1)).toBe('<end>');
  });
});

test('a browser is shown the door', () => {
  const said = front().says(
    'POST / HTTP/1.1\r\nHost: mail.example.org\r\nContent-Length: 90\r\n\r\nEHLO x\r\n',
  );
  expect(said.slice(-2)).toEqual(['421 4.7.0 Too many commands that are none.', '<end>']);
});

test('whatever comes, it does not break', () => {
  const words = [
    'EHLO ',
    'pc',
    '\r\n',
    '\n',
    'AUTH ',
    'PLAIN',
    ' ',
    plain,
    'STARTTLS',
    '*',
    '=',
    '\0',
    'RSET',
    'MAIL',
  ];
  babble(
    (round) => new SubmissionFront({ ...options, tls: round % 2 === 0 ? 'active' : 'offered' }),
    words,
    2_000,
  );
});
