/** The access proxy between people's programs and two real Dovecots: who logs in reaches the side where their account lives. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type AccessLimits,
  AccessProxy,
  type Backend,
  defaultAccessLimits,
  type Destination,
  type ListenAt,
} from '../../src/access/index.ts';
import { defaultFrontLimits, mechanisms } from '../../src/wire/front/front.ts';
import { RawImap } from '../judge/imap-raw.ts';
import { labCaPem, labCertificates } from '../lab/certificates.ts';
import { type Dovecot, noPenalty, startDovecot } from '../lab/dovecot.ts';
import { loginServices, logIn, type LoginService } from '../lab/log-in.ts';
import { type MailReceiver, startMailReceiver } from '../lab/mail-receiver.ts';

const users = ['anna', 'bela'].map((name) => ({ name, password: `geheim-${name}` }));
let receiver: MailReceiver;
let old: Dovecot;
let fresh: Dovecot;
let proxy: AccessProxy;
let ports: Record<LoginService, number>;
/** By name; who is not in it lives on old. */
const places = new Map<string, 'new' | 'unknown'>();
const logged: string[] = [];

const capabilities: Readonly<Record<LoginService, readonly string[]>> = {
  imap: ['IMAP4rev1', 'SASL-IR', 'LITERAL+', 'ID'],
  pop3: ['TOP', 'UIDL', 'RESP-CODES', 'AUTH-RESP-CODE'],
  submission: ['8BITMIME', 'PIPELINING'],
  sieve: ['"IMPLEMENTATION" "Mailferry"', '"SIEVE" "fileinto"', '"VERSION" "1.0"'],
};
const { cert, key } = labCertificates().good;
const certificate = tls.createSecureContext({ cert: readFileSync(cert), key: readFileSync(key) });

function backendAt(side: Dovecot, service: LoginService): Backend {
  const at = {
    imap: side.imapPort,
    pop3: side.pop3Port,
    submission: side.submissionPort,
    sieve: side.sievePort,
  };
  const trust = { caPem: labCaPem(), fingerprintsSha256: [] };
  return { host: 'localhost', port: at[service] ?? 0, tls: 'starttls', trust, trustsUs: true, master: null };
}

const settings = (service: LoginService): ListenAt => ({
  service,
  host: '127.0.0.1',
  port: 0,
  name: 'mail.example.org',
  front: { capabilities: capabilities[service], mechanisms, plaintext: true, limits: defaultFrontLimits },
  certificate,
  implicitTls: false,
  preLoginMs: 30_000,
  backendMs: 10_000,
  refusalMs: 100,
  ttl: 7,
});
const others: AccessProxy[] = [];

beforeAll(async () => {
  receiver = await startMailReceiver(async () => {});
  const more = {
    pop3: true,
    sieve: true,
    submitTo: receiver.port,
    extra: `${noPenalty}login_trusted_networks = 127.0.0.1\n`,
  };
  old = await startDovecot({ users, ...more });
  fresh = await startDovecot({ users, ...more });
  for (const [side, text] of [
    [old, 'on old'],
    [fresh, 'on new'],
  ] as const)
    for (const { name } of users)
      await side.doveadm(['save', '-u', name, '-m', 'INBOX'], `Subject: ${text}\r\n\r\nx\r\n`);
}, 60_000);
afterAll(async () => {
  await Promise.all([old.stop(), fresh.stop(), receiver.stop()]);
});

beforeEach(async () => {
  places.clear();
  logged.length = 0;
  let sessions = 0;
  const where =
    (service: LoginService) =>
    async (name: string): Promise<Destination> => {
      const place = places.get(name);
      if (place === 'unknown') return { kind: 'unavailable', why: 'a switch is under way' };
      return { kind: 'backend', backend: backendAt(place === 'new' ? fresh : old, service), user: name };
    };
  const proxies = loginServices.map((service) => {
    const one = new AccessProxy({
      limits: defaultAccessLimits,
      where: where(service),
      log: (fields, text) => logged.push(`${text} ${JSON.stringify(fields)}`),
      newId: () => `s${++sessions}`,
      now: () => Date.now(),
    });
    return [service, one] as const;
  });
  ports = { imap: 0, pop3: 0, submission: 0, sieve: 0 };
  for (const [service, one] of proxies) ports[service] = await one.listen(settings(service));
  [, proxy] = proxies[0] ?? expect.fail('none');
  close = async () => {
    await Promise.all([...proxies.map(([, one]) => one), ...others.splice(0)].map((one) => one.close()));
  };
});
let close: () => Promise<void>;
afterEach(async () => {
  await close();
});

const tryAt = (service: LoginService, user: string, password = `geheim-${user}`, from = '127.0.0.1') =>
  logIn(service, { port: ports[service], user, password, from });

describe.each(loginServices)('by %s', (service) => {
  const subject = (side: string) =>
    service === 'imap' || service === 'pop3' ? `in Subject: on ${side}` : 'in';

  test('who has moved is on new, with their own address, and who has not is on old', async () => {
    expect(await tryAt(service, 'anna')).toBe(subject('old'));
    places.set('anna', 'new');
    expect(await tryAt(service, 'anna', 'geheim-anna', '127.0.0.9')).toBe(subject('new'));
    const name = service === 'sieve' ? 'managesieve' : service;
    const logins = fresh
      .log()
      .split('\n')
      .filter((line) => line.includes(`${name}-login: Info: Login: user=<anna>`));
    expect(logins.at(-1)).toContain('rip=127.0.0.9');
    expect(await tryAt(service, 'bela')).toBe(subject('old'));
  });

  test('a wrong password is one, and what cannot be told is none', async () => {
    expect(await tryAt(service, 'anna', 'wrong')).toMatch(/Authentication failed/);
    places.set('anna', 'unknown');
    expect(await tryAt(service, 'anna')).toMatch(/UNAVAILABLE|SYS\/TEMP|TRYLATER|454/);
    expect(logged.join('\n')).not.toContain('geheim');
  });
});

/** One listener of its own, with other settings. */
async function imapWith(
  more: Partial<ListenAt>,
  limits: Partial<AccessLimits> = {},
  backend: Partial<Backend> = {},
) {
  const one = new AccessProxy({
    limits: { ...defaultAccessLimits, ...limits },
    where: async (user) => ({ kind: 'backend', backend: { ...backendAt(fresh, 'imap'), ...backend }, user }),
    log: (fields, text) => logged.push(`${text} ${JSON.stringify(fields)}`),
    newId: () => randomUUID(),
    now: () => Date.now(),
  });
  others.push(one);
  return { one, port: await one.listen({ ...settings('imap'), ...more }) };
}

/** What is said until the connection ends. */
function untilClosed(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    socket.on('data', (bytes: Buffer) => {
      said += bytes.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(said));
  });
}

describe('TLS', () => {
  test('from the start, and by STARTTLS with a program that nobody here wrote', async () => {
    const { port } = await imapWith({ implicitTls: true });
    const imap = await RawImap.login({
      port,
      user: 'anna',
      password: 'geheim-anna',
      tls: { ca: labCaPem() },
    });
    await imap.logout();
    const mails = { imap: 'INBOX;MAILINDEX=1', pop3: '1' };
    for (const service of ['imap', 'pop3'] as const) {
      const url = `${service}://localhost:${ports[service]}/${mails[service]}`;
      const args = ['-sS', '--ssl-reqd', '--cacert', labCertificates().ca, '-u', 'anna:geheim-anna', url];
      const { stdout } = await promisify(execFile)('curl', ['-4', ...args]);
      expect(stdout).toContain('Subject: on old');
    }
  });

  test('what stands behind STARTTLS ends the connection before TLS', async () => {
    const socket = connect(ports.imap, '127.0.0.1');
    const said = untilClosed(socket);
    socket.write('a STARTTLS\r\nb LOGIN anna geheim-anna\r\n');
    expect(await said).toMatch(/\* BYE Something came behind the command that begins TLS\.\r\n$/);
  });

  test('without it no password is taken where the site wants it', async () => {
    const { port } = await imapWith({ front: { ...settings('imap').front, plaintext: false } });
    const tried = RawImap.login({ port, user: 'anna', password: 'geheim-anna' });
    await expect(tried).rejects.toThrow(/PRIVACYREQUIRED/);
  });
});

describe('what is no wrong password', () => {
  test.each<[string, Partial<Backend>]>([
    ['a server that is not there', { port: 1 }],
    [
      'a certificate of somebody else',
      { trust: { caPem: readFileSync(labCertificates().selfSigned.cert, 'utf8'), fingerprintsSha256: [] } },
    ],
    ['a certificate that was not pinned', { trust: { caPem: null, fingerprintsSha256: ['ab'.repeat(32)] } }],
  ])('%s', async (_, backend) => {
    const { port } = await imapWith({}, {}, backend);
    const tried = RawImap.login({ port, user: 'anna', password: 'geheim-anna' });
    await expect(tried).rejects.toThrow(/UNAVAILABLE/);
    expect(logged.join()).toContain('server of the account is not reached');
  });
});

describe('limits', () => {
  test('who drips in is left after a time, and an honest login is not held up', async () => {
    const { port } = await imapWith({ preLoginMs: 700 });
    const slow = connect(port, '127.0.0.1');
    const said = untilClosed(slow);
    const drip = setInterval(() => slow.write('x'), 100);
    const imap = await RawImap.login({ port, user: 'anna', password: 'geheim-anna' });
    expect(await said).toContain('* OK');
    clearInterval(drip);
    await imap.ok('NOOP');
    await imap.logout();
  });

  test('the oldest that has not logged in gives its place up; who has logged in stays', async () => {
    const { one, port } = await imapWith({}, { waiting: 2 });
    const imap = await RawImap.login({ port, user: 'anna', password: 'geheim-anna' });
    const first = connect(port, '127.0.0.1');
    const gone = untilClosed(first);
    await new Promise((resolve) => first.once('data', resolve));
    const later = [2, 3].map(() => connect(port, '127.0.0.1'));
    expect(await gone).toContain('* OK');
    await imap.ok('NOOP');
    expect(one.sessions()).toHaveLength(1);
    for (const socket of later) socket.destroy();
    await imap.logout();
  });

  test('one address has so many, another one its own', async () => {
    const { port } = await imapWith({}, { perAddress: 1 });
    const first = connect(port, '127.0.0.1');
    await new Promise((resolve) => first.once('data', resolve));
    expect(await untilClosed(connect(port, '127.0.0.1'))).toBe('');
    const imap = await RawImap.login({ port, user: 'anna', password: 'geheim-anna', from: '127.0.0.8' });
    await imap.logout();
    first.destroy();
  });
});

test('what the server says last reaches a client that reads slowly, all of it', async () => {
  const size = 8_000_000;
  const talker = createServer((socket) => {
    socket.on('error', () => {});
    socket.write('* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi\r\n');
    socket.once('data', () => {
      socket.write('login OK in\r\n');
      socket.end(Buffer.alloc(size, 'x'));
    });
  });
  await new Promise<void>((resolve) => talker.listen(0, '127.0.0.1', resolve));
  try {
    const at = talker.address() as AddressInfo;
    const { port } = await imapWith({}, {}, { host: '127.0.0.1', port: at.port, tls: 'none' });
    const client = connect(port, '127.0.0.1');
    await new Promise((resolve) => client.once('data', resolve));
    const ended = new Promise((resolve) => client.once('close', resolve));
    let octets = 0;
    client.on('data', (bytes: Buffer) => {
      octets += bytes.length;
      // Fifty times a second at most.
      client.pause();
      setTimeout(() => client.resume(), 20);
    });
    client.write('a LOGIN anna geheim-anna\r\n');
    await ended;
    expect(octets).toBeGreaterThanOrEqual(size);
  } finally {
    talker.close();
  }
});

test('IMAP goes on as it is: commands behind the login, a large message, IDLE, and an end by either side', async () => {
  places.set('anna', 'new');
  const imap = await RawImap.login({ port: ports.imap, user: 'anna', password: 'geheim-anna' });
  const large = Buffer.alloc(3_000_000, 'Line of a large message.\r\n');
  await imap.ok('APPEND INBOX ', Buffer.concat([Buffer.from('Subject: large\r\n\r\n'), large]));
  const { untagged } = await imap.command(['STATUS INBOX (MESSAGES)']);
  expect(JSON.stringify(untagged)).toContain('"2"');
  expect(proxy.sessions()).toMatchObject([
    { user: 'anna', service: 'imap', client: '127.0.0.1', host: 'localhost' },
  ]);
  expect(proxy.kick('bela')).toBe(0);
  expect(proxy.kick('anna')).toBe(1);
  await expect.poll(() => proxy.sessions()).toEqual([]);
  await expect(imap.command(['NOOP'])).rejects.toThrow();
});
