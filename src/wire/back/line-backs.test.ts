/** POP3, submission and ManageSieve as clients of the server behind. */
import { describe, expect, test } from 'vitest';
import { Secret } from '../../base/secret.ts';
import { listenTo, type Said } from '../../../test/fakes/back-talk.ts';
import { base64 } from '../../../test/fakes/front-talk.ts';
import type { BackOptions } from './back.ts';
import { Pop3Back } from './pop3-back.ts';
import { SieveBack } from './sieve-back.ts';
import { SubmissionBack } from './submission-back.ts';

const options: BackOptions = {
  user: 'anna@example.org',
  login: { by: 'password', authzid: null, user: 'anna', password: new Secret('my secret') },
  master: null,
  client: null,
  server: { host: 'mail.example.org', port: 1 },
  tls: 'active',
};
const client = {
  host: '2001:db8::7',
  port: 40_000,
  localHost: '::1',
  localPort: 1,
  ttl: 6,
  session: 'a b"c',
};
const plain = base64('\0anna@example.org\0my secret');
const token: Partial<BackOptions> = {
  login: { by: 'token', mechanism: 'XOAUTH2', user: 'anna', token: new Secret('t') },
};
const xoauth2 = base64('user=anna@example.org\x01auth=Bearer t\x01\x01');

const makers = {
  pop3: (more: Partial<BackOptions>) => new Pop3Back({ ...options, ...more }),
  submission: (more: Partial<BackOptions>) =>
    new SubmissionBack({ ...options, ...more, helo: '[192.0.2.9]' }),
  sieve: (more: Partial<BackOptions>) => new SieveBack({ ...options, ...more }),
};

const ehlo =
  '250-mail\r\n250-XCLIENT NAME ADDR PORT PROTO HELO\r\n250-STARTTLS\r\n250 AUTH PLAIN XOAUTH2\r\n';
const capa = '+OK\r\nTOP\r\nSASL PLAIN XOAUTH2\r\n.\r\n';
const sieve = '"SIEVE" "fileinto"\r\n"SASL" "PLAIN XOAUTH2"\r\n"STARTTLS"\r\n"XCLIENT"\r\nOK\r\n';

type Dialogue = readonly (readonly [string, Said])[];
const master = { user: 'boss', password: 'm', form: 'authzid' } as const;

test.each<[keyof typeof makers, string, Partial<BackOptions>, Dialogue]>([
  [
    'pop3',
    'a login by SASL',
    {},
    [
      ['+OK hi\r\n', ['CAPA']],
      [capa, [`AUTH PLAIN ${plain}`]],
      ['+OK in\r\n+', ['<accepted  | +>']],
    ],
  ],
  [
    'pop3',
    'a server without capabilities',
    {},
    [
      ['+OK hi\r\n', ['CAPA']],
      ['-ERR what\r\n', ['USER anna@example.org']],
      ['+OK\r\n', ['PASS my secret']],
      ['-ERR [AUTH] no\r\n', ['<refused>']],
    ],
  ],
  [
    'pop3',
    'TLS, and a server that trusts us',
    { tls: 'starttls', client },
    [
      ['+OK [XCLIENT] hi\r\n', ['STLS']],
      ['+OK\r\n', ['<start-tls>']],
    ],
  ],
  [
    'pop3',
    'whose connection it is',
    { client },
    [
      ['+OK [XCLIENT] hi\r\n', ['CAPA']],
      [capa, ['XCLIENT ADDR=2001:db8::7 PORT=40000 SESSION=abc TTL=6']],
      ['+OK\r\n', [`AUTH PLAIN ${plain}`]],
      ['-ERR [SYS/TEMP] later\r\n', ['<unavailable it said [SYS/TEMP] later>']],
    ],
  ],
  [
    'pop3',
    'a refused token',
    token,
    [
      ['+OK\r\n', ['CAPA']],
      [capa, [`AUTH XOAUTH2 ${xoauth2}`]],
      ['+ e30=\r\n', ['']],
      ['-ERR no\r\n', ['<refused>']],
    ],
  ],
  [
    'pop3',
    'a greeting of another protocol',
    {},
    [['220 mail ESMTP\r\n', ['<unavailable it does not speak POP3>']]],
  ],
  [
    'pop3',
    'a master user, and no SASL',
    { master },
    [
      ['+OK\r\n', ['CAPA']],
      ['-ERR\r\n', ['<unavailable it has no PLAIN, which this login needs>']],
    ],
  ],
  [
    'submission',
    'a login',
    {},
    [
      ['220-mail\r\n220 ESMTP\r\n', ['EHLO [192.0.2.9]']],
      [ehlo, [`AUTH PLAIN ${plain}`]],
      ['235 2.7.0 in\r\n', ['<accepted  | >']],
    ],
  ],
  [
    'submission',
    'whose connection it is',
    { client },
    [
      ['220 mail\r\n', ['EHLO [192.0.2.9]']],
      [ehlo, ['XCLIENT ADDR=IPV6:2001:db8::7 PORT=40000 HELO=[192.0.2.9] PROTO=ESMTP']],
      ['220 mail\r\n', ['EHLO [192.0.2.9]']],
      [ehlo, [`AUTH PLAIN ${plain}`]],
      ['535 5.7.8 no\r\n', ['<refused>']],
    ],
  ],
  [
    'submission',
    'a server that has trouble',
    {},
    [
      ['220 mail\r\n', ['EHLO [192.0.2.9]']],
      [ehlo, [`AUTH PLAIN ${plain}`]],
      ['454 4.7.0 later\r\n', ['<unavailable it said 454 4.7.0 later>']],
    ],
  ],
  [
    'submission',
    'a server that wants no TLS',
    { tls: 'starttls' },
    [
      ['220 mail\r\n', ['EHLO [192.0.2.9]']],
      ['250-mail\r\n250 AUTH PLAIN\r\n', ['<unavailable it has no TLS>']],
    ],
  ],
  [
    'submission',
    'a server that is full',
    {},
    [['421 4.3.2 full\r\n', ['<unavailable it said 421 4.3.2 full>']]],
  ],
  [
    'submission',
    'a refused token',
    token,
    [
      ['220 mail\r\n', ['EHLO [192.0.2.9]']],
      [ehlo, [`AUTH XOAUTH2 ${xoauth2}`]],
      ['334 e30=\r\n', ['']],
      ['535 5.7.8 no\r\n', ['<refused>']],
    ],
  ],
  [
    'sieve',
    'a login',
    {},
    [
      [sieve, [`AUTHENTICATE "PLAIN" "${plain}"`]],
      ['OK "in"\r\n', ['<accepted  | >']],
    ],
  ],
  [
    'sieve',
    'whose connection it is',
    { client },
    [
      [sieve, ['XCLIENT ADDR=2001:db8::7 PORT=40000 SESSION=abc TTL=6']],
      ['OK\r\n', [`AUTHENTICATE "PLAIN" "${plain}"`]],
      ['NO (TRYLATER) "later"\r\n', ['<unavailable it said (TRYLATER) "later">']],
    ],
  ],
  [
    'sieve',
    'a wrong password',
    {},
    [
      [sieve, [`AUTHENTICATE "PLAIN" "${plain}"`]],
      ['NO "no"\r\n', ['<refused>']],
    ],
  ],
  [
    'sieve',
    'a greeting of another protocol',
    {},
    [['* OK IMAP\r\n', ['<unavailable it does not speak ManageSieve>']]],
  ],
])('%s: %s', (protocol, _, more, dialogue) => {
  const { hears } = listenTo(makers[protocol](more));
  for (const [line, said] of dialogue) expect(hears(line)).toEqual(said);
});

describe.each(Object.keys(makers) as (keyof typeof makers)[])('%s', (protocol) => {
  const greeting = { pop3: '+OK\r\n', submission: `220 mail\r\n${ehlo}`, sieve }[protocol];
  const ready = { pop3: '+OK\r\n', submission: '220 go\r\n', sieve: 'OK\r\n' }[protocol];
  const starttls = protocol === 'pop3' ? 'STLS' : 'STARTTLS';

  test('begins anew after TLS, and takes nothing that came before it', () => {
    const { hears, tlsStarted } = listenTo(makers[protocol]({ tls: 'starttls' }));
    expect(hears(greeting).at(-1)).toBe(starttls);
    expect(hears(ready)).toEqual(['<start-tls>']);
    const first = { pop3: ['CAPA'], submission: ['EHLO [192.0.2.9]'], sieve: [] }[protocol];
    expect(tlsStarted()).toEqual(first);
  });

  test('what comes behind the answer to it is somebody else’s', () => {
    const { hears } = listenTo(makers[protocol]({ tls: 'starttls' }));
    hears(greeting);
    expect(hears(`${ready}${ready}`)).toEqual([
      '<unavailable it sent something behind its answer to STARTTLS>',
    ]);
  });

  test('a server that talks without end is left', () => {
    const { hears } = listenTo(makers[protocol]({}));
    expect(hears('x'.repeat(20_000))).toEqual(['<unavailable it sent a line that is too long>']);
  });
});
