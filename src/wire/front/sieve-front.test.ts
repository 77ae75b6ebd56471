import { describe, expect, test } from 'vitest';
import { latin1Of } from '../../base/bytes.ts';
import { defaultFrontLimits, mechanisms } from './front.ts';
import { babble, base64, talkTo } from '../../../test/fakes/front-talk.ts';
import { SieveFront, type SieveOptions } from './sieve-front.ts';

const options: SieveOptions = {
  capabilities: ['"IMPLEMENTATION" "Mailferry"', '"SIEVE" "fileinto vacation"', '"VERSION" "1.0"'],
  mechanisms: ['PLAIN', 'LOGIN'],
  tls: 'active',
  plaintext: false,
  limits: defaultFrontLimits,
};
const front = (more: Partial<SieveOptions> = {}) => talkTo(new SieveFront({ ...options, ...more }));
const plain = base64('\0anna\0secret');

test('says what it can, and takes a login; what comes behind it is for the backend', () => {
  const { one, says } = front();
  expect(latin1Of(one.greeting())).toBe(
    `${options.capabilities.join('\r\n')}\r\n"SASL" "PLAIN LOGIN"\r\nOK "Ready."\r\n`,
  );
  expect(says(`AUTHENTICATE "PLAIN" "${plain}"\r\nLISTSCRIPTS\r\n`)).toEqual(['<login anna secret>']);
  const { answer, rest } = one.accepted();
  expect([latin1Of(answer), latin1Of(rest)]).toEqual(['OK "Logged in."\r\n', 'LISTSCRIPTS\r\n']);
});

test.each([
  [`authenticate "plain" {${plain.length}+}\r\n${plain}\r\n`, ['<login anna secret>']],
  [`AUTHENTICATE "PLAIN"\r\n"${plain}"\r\n`, ['""', '<login anna secret>']],
  [`AUTHENTICATE "PLAIN"\r\n{${plain.length}+}\r\n${plain}\r\n`, ['""', '<login anna secret>']],
  [
    `AUTHENTICATE "LOGIN"\r\n"${base64('anna')}"\r\n"*"\r\n`,
    ['"VXNlciBOYW1lAA=="', '"UGFzc3dvcmQA"', 'NO "Given up."'],
  ],
  ['AUTHENTICATE "PLAIN" ""\r\n', ['<login nobody>']],
  ['AUTHENTICATE PLAIN x\r\n', ['NO "There is no such mechanism here."']],
  ['AUTHENTICATE "PLAIN" "x!"\r\n', ['NO "That is no base 64."']],
  ['AUTHENTICATE "CRAM-MD5"\r\n', ['NO "There is no such mechanism here."']],
  ['NOOP "x"\r\n', ['OK "Done."']],
  ['LISTSCRIPTS\r\n', ['NO "Please log in first."']],
  ['PUTSCRIPT "x" {3+}\r\nabc\r\n', ['NO "Please log in first."']],
  ['XCLIENT "ADDR=192.0.2.1"\r\n', ['NO "Please log in first."']],
  ['LOGOUT\r\nNOOP\r\n', ['OK "Bye."', '<end>']],
  ['AUTHENTICATE "PLAIN" {5}\r\n', ['BYE "Too many commands that are none."', '<end>']],
  ['AUTHENTICATE "PLAIN" {50000+}\r\n', ['BYE "That is too long."', '<end>']],
])('%j', (text, answers) => {
  expect(front().says(text)).toEqual(answers);
});

describe('TLS', () => {
  test('comes before a login, and the capabilities come again', () => {
    const { one, says, tlsStarted } = front({ tls: 'offered' });
    expect(latin1Of(one.greeting())).toContain('"SASL" ""\r\n"STARTTLS"\r\n');
    expect(says(`AUTHENTICATE "PLAIN" "${plain}"\r\n`)).toEqual(['NO (ENCRYPT-NEEDED) "Begin TLS first."']);
    expect(says('STARTTLS\r\n')).toEqual(['OK "Begin TLS now."', '<start-tls>']);
    expect(tlsStarted()).toEqual([...options.capabilities, '"SASL" "PLAIN LOGIN"', 'OK "TLS is active."']);
    expect(says(`AUTHENTICATE "PLAIN" "${plain}"\r\n`)).toEqual(['<login anna secret>']);
  });

  test('nothing may stand behind STARTTLS', () => {
    const { says } = front({ tls: 'offered' });
    expect(says(`STARTTLS\r\nAUTHENTICATE "PLAIN" "${plain}"\r\n`).at(-1)).toBe('<end>');
  });
});

test('refusals say whether another password would help', () => {
  const { says, refused } = front({ mechanisms });
  const login = `AUTHENTICATE "PLAIN" "${plain}"\r\n`;
  says(login);
  expect(refused('credentials')).toEqual(['NO "Authentication failed."']);
  says(login);
  expect(refused('unavailable')[0]).toMatch(/^NO \(TRYLATER\) /);
  says(`AUTHENTICATE "XOAUTH2" "${base64('user=anna\x01auth=Bearer t\x01\x01')}"\r\n`);
  expect(refused('credentials')).toEqual(['NO "Authentication failed."']);
});

test('whatever comes, it does not break', () => {
  const words = [
    'AUTHENTICATE ',
    '"PLAIN"',
    ' ',
    '\r\n',
    '\n',
    '{3+}\r\n',
    '{2}\r\n',
    `"${plain}"`,
    '"',
    '\\',
    '*',
    '\0',
  ];
  babble(
    (round) => new SieveFront({ ...options, tls: round % 2 === 0 ? 'active' : 'offered' }),
    words,
    2_000,
  );
});
