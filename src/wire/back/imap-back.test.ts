import { describe, expect, test } from 'vitest';
import { Secret } from '../../base/secret.ts';
import { listenTo, type Said } from '../../../test/fakes/back-talk.ts';
import { base64 } from '../../../test/fakes/front-talk.ts';
import type { BackOptions } from './back.ts';
import { ImapBack } from './imap-back.ts';

const options: BackOptions = {
  user: 'anna@example.org',
  login: { by: 'password', authzid: null, user: 'anna', password: new Secret('pä "\\{1}') },
  master: null,
  client: null,
  server: { host: 'imap.example.org', port: 993 },
  tls: 'active',
};
const plain = base64('\0anna@example.org\0pä "\\{1}');
const back = (more: Partial<BackOptions> = {}) => listenTo(new ImapBack({ ...options, ...more }));
const all = '* OK [CAPABILITY IMAP4rev1 SASL-IR ID AUTH=PLAIN AUTH=XOAUTH2] hi\r\n';

describe('the login', () => {
  test('goes as SASL where it may, and the capabilities are those after it', () => {
    const { hears } = back();
    expect(hears(all)).toEqual([`login AUTHENTICATE PLAIN ${plain}`]);
    expect(
      hears('* CAPABILITY IMAP4rev1 IDLE\r\nlogin OK [CAPABILITY IMAP4rev1 IDLE MOVE] in\r\n* 1 EXISTS\r\n'),
    ).toEqual(['<accepted IMAP4rev1 IDLE MOVE | * 1 EXISTS\r\n>']);
    expect(hears('x')).toEqual([]);
  });

  test.each<[string, Partial<BackOptions>, [string, Said][]]>([
    [
      'a server that tells its capabilities when asked, and has no SASL-IR',
      {},
      [
        ['* OK hi\r\n', ['capability CAPABILITY']],
        ['* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\ncapability OK\r\n', ['login AUTHENTICATE PLAIN']],
        ['+\r\n', [plain]],
        ['* CAPABILITY IMAP4rev1 IDLE\r\nlogin OK\r\n', ['<accepted IMAP4rev1 IDLE | >']],
      ],
    ],
    [
      'a server without SASL: literals that wait, whatever the password holds',
      {},
      [
        ['* OK [CAPABILITY IMAP4rev1] hi\r\n', ['login LOGIN {16}']],
        ['+ go\r\n', ['anna@example.org {9}']],
        ['+ go\r\n', ['pä "\\{1}']],
        ['login OK in\r\n', ['<accepted  | >']],
      ],
    ],
    [
      'a master user by name',
      { master: { user: 'boss', password: 'm', form: '*' } },
      [[all, [`login AUTHENTICATE PLAIN ${base64('\0anna@example.org*boss\0m')}`]]],
    ],
    [
      'a master user by authzid',
      { master: { user: 'boss', password: 'm', form: 'authzid' } },
      [[all, [`login AUTHENTICATE PLAIN ${base64('anna@example.org\0boss\0m')}`]]],
    ],
    [
      'a master user by authzid, where there is no SASL',
      { master: { user: 'boss', password: 'm', form: 'authzid' } },
      [['* OK [CAPABILITY IMAP4rev1] hi\r\n', ['<unavailable it has no PLAIN, which this login needs>']]],
    ],
    [
      'a token that is refused',
      { login: { by: 'token', mechanism: 'XOAUTH2', user: 'anna', token: new Secret('t') } },
      [
        [all, [`login AUTHENTICATE XOAUTH2 ${base64('user=anna@example.org\x01auth=Bearer t\x01\x01')}`]],
        ['+ eyJzdGF0dXMiOiI0MDAifQ==\r\n', ['']],
        ['login NO\r\n', ['<refused>']],
      ],
    ],
  ])('%s', (_, more, dialogue) => {
    const { hears } = back(more);
    for (const [line, said] of dialogue) expect(hears(line)).toEqual(said);
  });

  test.each([
    ['login NO [AUTHENTICATIONFAILED] no\r\n', '<refused>'],
    ['login NO no\r\n', '<refused>'],
    ['login NO [UNAVAILABLE] later\r\n', '<unavailable it said [UNAVAILABLE] later>'],
    ['login NO [LIMIT] too many\r\n', '<unavailable it said [LIMIT] too many>'],
    ['login BAD what\r\n', '<unavailable it did not understand the login: what>'],
    ['* BYE going\r\n', '<unavailable it said BYE going>'],
    ['* BYE \x1b[2Jgone\xff\r\n', '<unavailable it said BYE ?[2Jgone?>'],
    ['+ more?\r\n', '<unavailable it asked for what nobody has>'],
    ['other OK\r\n', '<unavailable it does not speak IMAP>'],
  ])('answered by %j', (answer, outcome) => {
    const { hears } = back();
    hears(all);
    expect(hears(answer)).toEqual([outcome]);
  });
});

describe('what stands between', () => {
  test('gets no password before TLS, and nothing that it sent in clear counts', () => {
    const { hears, tlsStarted } = back({ tls: 'starttls' });
    expect(hears('* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi\r\n')).toEqual(['starttls STARTTLS']);
    expect(hears('starttls OK go\r\n')).toEqual(['<start-tls>']);
    expect(tlsStarted()).toEqual(['capability CAPABILITY']);
  });

  test.each([
    ['* PREAUTH [CAPABILITY IMAP4rev1] hello\r\n', 'it greeted with PREAUTH'],
    ['220 mail.example.org ESMTP\r\n', 'it does not speak IMAP'],
    ['\x16\x03\x01\r\n', 'it does not speak IMAP'],
  ])('greets with %j', (greeting, why) => {
    expect(back({ tls: 'starttls' }).hears(greeting)).toEqual([`<unavailable ${why}>`]);
  });

  test.each([
    ['starttls OK go\r\n* OK injected\r\n', 'it sent something behind its answer to STARTTLS'],
    ['starttls NO\r\n', 'it has no TLS'],
    ['starttls BAD\r\n', 'it has no TLS'],
  ])('answers STARTTLS with %j', (answer, why) => {
    const { hears } = back({ tls: 'starttls' });
    hears('* OK hi\r\n');
    expect(hears(answer)).toEqual([`<unavailable ${why}>`]);
  });

  test('sends something before the handshake', () => {
    const { hears } = back({ tls: 'starttls' });
    hears('* OK hi\r\n');
    hears('starttls OK go\r\n');
    expect(hears('x')).toEqual(['<unavailable it sent something before TLS began>']);
  });

  test('takes no password without TLS', () => {
    expect(back({ tls: 'none' }).hears('* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] hi\r\n')).toEqual([
      '<unavailable it takes no password on this connection>',
    ]);
  });

  test('talks without end', () => {
    expect(back().hears(`* OK ${'x'.repeat(20_000)}`)).toEqual([
      '<unavailable it sent a line that is too long>',
    ]);
    const { hears } = back();
    hears('* OK hi\r\n');
    let last: readonly string[] = [];
    for (let n = 0; n < 200 && last.length === 0; n++) last = hears(`* OK ${'x'.repeat(1_000)}\r\n`);
    expect(last).toEqual(['<unavailable it says too much before the login>']);
  });
});

test('says whose connection it is where the server knows ID, and in a form that nothing can break out of', () => {
  const client = {
    host: '2001:db8::7',
    port: 40_000,
    localHost: '192.0.2.1',
    localPort: 993,
    ttl: 6,
    session: 'a" "x\r\nb',
  };
  const { hears } = back({ client });
  expect(hears(all)).toEqual([
    'id ID ("x-originating-ip" "2001:db8::7" "x-originating-port" "40000" "x-connected-ip" "192.0.2.1" "x-connected-port" "993" "x-proxy-ttl" "6" "x-session-id" "axb")',
  ]);
  expect(hears('* ID ("name" {5}\r\nDovec)\r\nid OK\r\n')).toEqual([`login AUTHENTICATE PLAIN ${plain}`]);
  expect(back({ client }).hears('* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi\r\n')).toEqual([
    `login AUTHENTICATE PLAIN ${plain}`,
  ]);
});
