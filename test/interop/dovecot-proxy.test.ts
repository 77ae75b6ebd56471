/**
 * People log in at old, as ever, and reach the side where their account lives: through Dovecot alone, as `mailferry config dovecot
 * --proxy-to` tells it, by the replica of an edge. Old checks each password; no row of ours finds one good.
 */
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Phase } from '../../src/domain/phase.ts';
import { Replica } from '../../src/state/replica/replica.ts';
import { labCertificates } from '../lab/certificates.ts';
import { type Dovecot, noPenalty, startDovecot } from '../lab/dovecot.ts';
import { loginServices, logIn, type LoginService } from '../lab/log-in.ts';
import { type MailReceiver, startMailReceiver } from '../lab/mail-receiver.ts';

const bin = fileURLToPath(new URL('../../bin/mailferry', import.meta.url));
const run = promisify(execFile);
let dir: string;
let old: Dovecot;
let fresh: Dovecot;
let receiver: MailReceiver;
let replica: Replica;
let epoch = 0;

const users = ['anna', 'bela'].map((name) => ({ name, password: `geheim-${name}` }));

function put(name: string, phase: Phase): void {
  epoch += 1;
  const names = { oldLogin: name, newLogin: name };
  const row = {
    id: `id-${name}`,
    epoch,
    phase,
    addresses: [`${name}@example.org`],
    ...names,
    appPasswords: [],
  };
  replica.apply([row], epoch, true);
}

const portsOf = (one: Dovecot): Readonly<Record<LoginService, number>> => ({
  imap: one.imapPort,
  pop3: one.pop3Port ?? 0,
  submission: one.submissionPort ?? 0,
  sieve: one.sievePort ?? 0,
});

const configDovecot = (...args: string[]) => configAt(old, ...args);
const configAt = ({ dir: at }: Dovecot, ...args: string[]) => {
  const place = ['--config-directory', at, '--directory', join(dir, 'edge')];
  return run(process.execPath, [bin, 'config', 'dovecot', ...place, ...args]);
};
/** IMAP goes by TLS that is verified, which is how it begins there; the others ask for it. */
const towardsNew = (ca: string) => {
  const { pop3, submission, sieve } = portsOf(fresh);
  const ports = { imap: fresh.imapsPort, pop3: fresh.pop3sPort, submission, sieve };
  expect(pop3).toBeGreaterThan(0);
  const given = Object.entries(ports).flatMap(([name, port]) => ['--proxy-port', `${name}=${port}`]);
  return ['--proxy-to', 'localhost', ...given, '--proxy-ca-file', ca];
};

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'mf-dovecot-proxy-'));
  mkdirSync(join(dir, 'edge'));
  copyFileSync(labCertificates().ca, join(dir, 'ca.pem'));
  receiver = await startMailReceiver(async () => {});
  const services = { pop3: true, sieve: true, submitTo: receiver.port } as const;
  old = await startDovecot({ users, ...services, goesOn: true, extra: noPenalty });
  fresh = await startDovecot({ users, ...services, goesOn: true, extra: noPenalty });
  for (const [side, text] of [
    [old, 'on old'],
    [fresh, 'on new'],
  ] as const)
    for (const { name } of users)
      await side.doveadm(['save', '-u', name, '-m', 'INBOX'], `Subject: ${text}\r\n\r\nx\r\n`);
  replica = Replica.open(join(dir, 'edge/replica.sqlite'), 'old', { groupReads: true });
  await run('chmod', ['-R', 'a+rX', dir]);
  await configDovecot(...towardsNew(join(dir, 'ca.pem')), '--apply');
  await configAt(fresh, '--side', 'new', '--trust', '127.0.0.0/28', '--apply');
  await Promise.all([old.restart(), fresh.restart()]);
}, 60_000);
afterAll(async () => {
  replica.close();
  await Promise.all([old.stop(), fresh.stop(), receiver.stop()]);
  rmSync(dir, { recursive: true });
});
beforeEach(() => {
  for (const { name } of users) put(name, 'in-step');
});

const tryAt = (service: LoginService, user: string, password = `geheim-${user}`, from = '127.0.0.1') =>
  logIn(service, { port: portsOf(old)[service], user, password, from });
const loginsAt = (side: Dovecot, service: LoginService) => {
  const name = { imap: 'imap', pop3: 'pop3', submission: 'submission', sieve: 'managesieve' }[service];
  return side
    .log()
    .split('\n')
    .filter((line) => line.includes(`${name}-login: Info: Login: user=<anna>`));
};

describe.each(loginServices)('by %s', (service) => {
  const subject = (side: string) =>
    service === 'imap' || service === 'pop3' ? `in Subject: on ${side}` : 'in';

  test('who has moved is on new, from the next login on, and back on old after a way back', async () => {
    expect(await tryAt(service, 'anna')).toBe(subject('old'));
    put('anna', 'switched');
    const before = loginsAt(fresh, service).length;
    expect(await tryAt(service, 'anna', 'geheim-anna', '127.0.0.9')).toBe(subject('new'));
    const [login, ...more] = loginsAt(fresh, service).slice(before);
    expect([more.length, login]).toEqual([0, expect.stringContaining('rip=127.0.0.9')]);
    expect(await tryAt(service, 'bela')).toBe(subject('old'));
    put('anna', 'in-step');
    expect(await tryAt(service, 'anna')).toBe(subject('old'));
    expect(loginsAt(fresh, service)).toHaveLength(before + 1);
  });

  test.each(['in-step', 'switching', 'switched', 'done'] as const)(
    'a wrong password is refused by old, in %s',
    async (phase) => {
      put('anna', phase);
      const before = fresh.log();
      expect(await tryAt(service, 'anna', 'wrong')).toMatch(/fail|Authentication/i);
      expect(await tryAt(service, 'nobody', 'wrong')).toMatch(/fail|Authentication/i);
      expect(fresh.log()).toBe(before);
    },
  );

  test('while it is being decided where an account lives, its login fails for now, and nobody else’s', async () => {
    put('anna', 'switching');
    expect(await tryAt(service, 'anna')).toMatch(/UNAVAILABLE|SYS\/TEMP|TRYLATER|4\d\d |Temporary/i);
    expect(await tryAt(service, 'bela')).toBe(subject('old'));
  });
});

test('where a database of the site keeps its logins, nothing is put in force', async () => {
  await using plain = await startDovecot({ users, tls: false });
  const place = [
    '--config-directory',
    plain.dir,
    '--directory',
    join(dir, 'edge'),
    '--proxy-to',
    'localhost',
  ];
  const tried = run(process.execPath, [bin, 'config', 'dovecot', ...place, '--apply']);
  await expect(tried).rejects.toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/passwd-file username_format=%u .* "result_success = continue-ok"/),
  });
  expect(existsSync(join(plain.dir, 'conf.d'))).toBe(false);
});

test('where Dovecot does not read what would be written, it is said, and nothing stays behind', async () => {
  const place = join(dir, 'elsewhere');
  mkdirSync(place);
  writeFileSync(join(place, 'dovecot.conf'), 'ssl = no\n');
  const apply = () =>
    run(process.execPath, [bin, 'config', 'dovecot', '--config-directory', place, '--apply']);
  const refused = { code: 3, stderr: expect.stringContaining('!include conf.d/*.conf') };
  await expect(apply()).rejects.toMatchObject(refused);
  mkdirSync(join(place, 'conf.d'));
  await expect(apply()).rejects.toMatchObject(refused);
  expect(readdirSync(join(place, 'conf.d'))).toEqual([]);
});

test('Postfix, which asks as "smtp", hears no more of a row than that the password was right', async () => {
  put('anna', 'switched');
  const asked = (password: string) =>
    run('doveadm', ['-c', old.configFile, 'auth', 'test', '-x', 'service=smtp', 'anna', password]).then(
      ({ stdout }) => stdout,
      (error: { stdout: string }) => error.stdout,
    );
  const right = await asked('geheim-anna');
  expect(right).toContain('auth succeeded');
  expect(right).not.toMatch(/proxy|host=/);
  expect(await asked('wrong')).toContain('auth failed');
});

test('a replica that is not whole, or is gone, sends nobody anywhere', async () => {
  put('anna', 'switched');
  const file = join(dir, 'edge/replica.sqlite');
  replica.close();
  copyFileSync(file, join(dir, 'kept'));
  try {
    truncateSync(file);
    for (const user of ['anna', 'bela']) expect(await tryAt('imap', user)).toContain('UNAVAILABLE');
    replica = Replica.open(file, 'old', { groupReads: true });
    for (const user of ['anna', 'bela']) expect(await tryAt('imap', user)).toContain('UNAVAILABLE');
    expect(await tryAt('imap', 'anna', 'wrong')).toContain('AUTHENTICATIONFAILED');
  } finally {
    epoch = 0;
    for (const { name } of users) put(name, 'in-step');
  }
  expect(await tryAt('imap', 'anna')).toBe('in Subject: on old');
});

test('new shows a certificate that old does not know: nothing is sent there, and it is no wrong password', async () => {
  await configDovecot(...towardsNew(labCertificates().selfSigned.cert), '--apply');
  await old.restart();
  put('anna', 'switched');
  const before = loginsAt(fresh, 'imap').length;
  for (const service of loginServices)
    expect(await tryAt(service, 'anna')).not.toMatch(/^in|AUTHENTICATIONFAILED|535|Authentication failed/);
  expect(loginsAt(fresh, 'imap')).toHaveLength(before);
  const { stdout } = await configDovecot('--undo');
  expect(stdout).toContain('99-mailferry-proxy.conf: removed');
  await old.restart();
  expect(await tryAt('imap', 'anna')).toBe('in Subject: on old');
});
