/** Bad input of every kind gets a clear error of its own, the right exit code, and loses nothing. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labCertificates } from '../lab/certificates.ts';
import { type Dovecot, type LabUser, startDovecot } from '../lab/dovecot.ts';
import { freePort } from '../lab/ports.ts';
import { actAs, mailferry, pairOptions, passwordsOf, plainUrl, startMailferry } from './mailferry.ts';

const user = { name: 'anna@example.org', password: 'lab-geheim' };
const other = { name: 'john@example.org', password: 'lab-geheim' };
const dir = mkdtempSync(join(tmpdir(), 'mf-bad-'));
const env = { ...passwordsOf(user), XDG_STATE_HOME: dir };
let old: Dovecot;
let fresh: Dovecot;
let expired: Dovecot;
const servers: Server[] = [];
const sockets = new Set<Socket>();

beforeAll(async () => {
  [old, fresh, expired] = await Promise.all([
    startDovecot({ users: [user, other] }),
    startDovecot({ users: [user, other] }),
    startDovecot({ users: [user], tls: labCertificates().expired }),
  ]);
  const imap = await actAs(old, user);
  for (let i = 0; i < 5; i++) await imap.append('INBOX', Buffer.from(`Subject: ${i}\r\n\r\n${i}\r\n`));
  await imap.logout();
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
  await Promise.all([old?.stop(), fresh?.stop(), expired?.stop()]);
  rmSync(dir, { recursive: true, force: true });
});

/** A server that does what it likes with each connection. */
async function listen(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const ca = ['--ca-file', labCertificates().ca];
let number = 0;
const state = () => join(dir, `state-${number++}`);
const copy = (from: string, to: string, ...more: string[]) =>
  mailferry(['copy', '--from', from, '--to', to, '--state', state(), ...ca, '--json', ...more], env);
const copyAs = (who: LabUser, file: string, ...more: string[]) =>
  mailferry(['copy', ...pairOptions(old, fresh, who, file), ...ca, '--json', ...more], env);

describe('an address', () => {
  test.each([
    ['no scheme', 'anna@example.org', 'imap://'],
    ['another scheme', 'pop3://anna@localhost', 'imap://'],
    ['no user', 'imap://localhost', 'user name is missing'],
    ['a password in it', 'imap://anna:geheim@localhost', 'password does not belong'],
    ['a bare @', 'imap://anna@example.org@localhost', '%40'],
    ['a path', 'imap://anna@localhost/INBOX', '--mailbox'],
    ['an unknown mechanism', 'imap://anna;AUTH=GSSAPI@localhost', 'GSSAPI'],
    ['a port that does not exist', 'imap://anna@localhost:70000', '70000'],
  ])('with %s is refused before anything is tried', async (_, url, words) => {
    const ran = await copy(url, plainUrl(fresh, user));
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(words);
    expect(ran.stdout + ran.stderr).not.toContain('geheim');
  });

  test('without its option is a usage error with a hint', async () => {
    const ran = await mailferry(['copy', '--from', plainUrl(old, user)], env);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('--to');
  });

  test('that leads to the same account twice is refused', async () => {
    const ran = await copy(plainUrl(old, user), plainUrl(old, user));
    expect([ran.code, ran.last().code]).toEqual([2, 'same-account']);
  });

  test('that leads to the same account under another host name is found out', async () => {
    const ran = await copy(plainUrl(old, user), plainUrl(old, user).replace('127.0.0.1', 'localhost'));
    expect([ran.code, ran.last().code]).toEqual([2, 'same-account']);
  });
});

describe('a server that cannot be reached as asked', () => {
  const told = async (ran: Awaited<ReturnType<typeof copy>>) => {
    const { type, code, side } = ran.last();
    return { exit: ran.code, type, code, side };
  };

  test('a wrong password is tried once and named', async () => {
    const ran = await mailferry(['copy', ...pairOptions(old, fresh, user, state()), ...ca, '--json'], {
      ...env,
      MAILFERRY_TO_PASSWORD: 'falsch',
    });
    expect(await told(ran)).toEqual({ exit: 3, type: 'error', code: 'login-refused', side: 'new' });
    expect(ran.stderr).toContain('new side');
    // Dovecot writes it when the connection ends.
    await expect
      .poll(() => fresh.log().match(/auth failed, \d+ attempts/g))
      .toEqual(['auth failed, 1 attempts']);
  });

  test('a port where nothing listens', async () => {
    const ran = await copy(`imap://anna@127.0.0.1:${await freePort()}`, plainUrl(fresh, user));
    expect(await told(ran)).toEqual({ exit: 3, type: 'error', code: 'unreachable', side: 'old' });
  });

  test('a host name that does not exist', async () => {
    const ran = await copy('imap://anna@does-not-exist.invalid', plainUrl(fresh, user));
    expect(ran.code).toBe(3);
    expect(['dns-failed', 'unreachable']).toContain(ran.last().code);
  });

  test('something that is not IMAP', async () => {
    const port = await listen((socket) => socket.write('220 mail.example.org ESMTP\r\n'));
    const ran = await copy(`imap://anna@127.0.0.1:${port}`, plainUrl(fresh, user));
    expect(await told(ran)).toEqual({ exit: 3, type: 'error', code: 'not-imap', side: 'old' });
  });

  test('TLS to a port without it', async () => {
    const ran = await copy(plainUrl(old, user).replace('imap:', 'imaps:'), plainUrl(fresh, user));
    expect(await told(ran)).toEqual({ exit: 3, type: 'error', code: 'tls-to-plaintext', side: 'old' });
  });

  test('plain text to a port that expects TLS', { timeout: 60_000 }, async () => {
    const ran = await copy(`imap://anna@127.0.0.1:${old.imapsPort}`, plainUrl(fresh, user));
    expect(await told(ran)).toEqual({ exit: 3, type: 'error', code: 'plaintext-to-tls', side: 'old' });
  });

  test('an expired certificate', async () => {
    const ran = await copy(plainUrl(old, user), plainUrl(expired, user));
    expect(await told(ran)).toEqual({ exit: 3, type: 'error', code: 'certificate-invalid', side: 'new' });
    expect(ran.stderr).toContain('expired');
  });

  test.each([
    ['ls', (url: string) => ['ls', url]],
    ['verify', (url: string) => ['verify', '--from', url, '--to', plainUrl(fresh, user), ...ca]],
  ])('one that hangs: %s ends at once with Ctrl-C', async (_, args) => {
    let connected = () => {};
    const reached = new Promise<void>((resolve) => {
      connected = resolve;
    });
    const port = await listen(() => connected());
    const url = `imap://${encodeURIComponent(user.name)}@127.0.0.1:${port}`;
    const run = startMailferry(args(url), { ...env, MAILFERRY_PASSWORD: user.password });
    await reached;
    const before = performance.now();
    run.kill('SIGINT');
    const ran = await run.done;
    expect([ran.code, ran.signal]).toEqual([130, null]);
    expect(ran.stderr).toContain('interrupted');
    // The grace for what is on the wire is 5 s; there is nothing on it here.
    expect(performance.now() - before).toBeLessThan(4000);
  });

  test('one that closes at once', async () => {
    const port = await listen((socket) => socket.end());
    const ran = await copy(`imap://anna@127.0.0.1:${port}`, plainUrl(fresh, user));
    expect(await told(ran)).toEqual({ exit: 3, type: 'error', code: 'unreachable', side: 'old' });
  });

  test('one that accepts and says nothing', { timeout: 90_000 }, async () => {
    const port = await listen(() => {});
    const ran = await copy(`imap://anna@127.0.0.1:${port}`, plainUrl(fresh, user));
    expect(await told(ran)).toEqual({ exit: 3, type: 'error', code: 'connect-timeout', side: 'old' });
  });

  test('no STARTTLS on a host that is not this machine', async () => {
    // 0.0.0.0 reaches this machine without being a loopback name.
    const plain = await listen((socket) => {
      socket.write('* OK [CAPABILITY IMAP4rev1] ready\r\n');
      socket.on('data', (bytes) => {
        expect(bytes.toString()).not.toContain(user.password);
      });
    });
    const ran = await copy(`imap://anna@0.0.0.0:${plain}`, plainUrl(fresh, user));
    expect(await told(ran)).toEqual({ exit: 3, type: 'error', code: 'starttls-missing', side: 'old' });
  });
});

describe('a state file', () => {
  test('of another pair of accounts is refused and left as it is', async () => {
    const file = state();
    const mine = await mailferry(['copy', ...pairOptions(old, fresh, user, file), ...ca], env);
    expect(mine.code).toBe(0);
    const ran = await copyAs(other, file);
    expect([ran.code, ran.last().code]).toEqual([2, 'state-foreign']);
    expect(ran.stderr).toContain(user.name);
    const again = await copyAs(user, file);
    expect(again.last().messages).toMatchObject({ copied: 0, present: 5 });
  });

  test('that is damaged is refused, and a new one adopts what is there', async () => {
    const file = state();
    writeFileSync(file, 'this is no database, and has never been one\n'.repeat(200));
    const ran = await copyAs(user, file);
    expect([ran.code, ran.last().code]).toEqual([2, 'state-damaged']);
    const next = await copy(plainUrl(old, user), plainUrl(fresh, user));
    expect(next.last().messages).toMatchObject({ copied: 0, present: 5 });
  });

  test('in use by another run is refused, and says by whom', async () => {
    const file = state();
    const imap = await actAs(old, other);
    for (let i = 0; i < 20; i++) await imap.append('INBOX', Buffer.from(`Subject: ${i}\r\n\r\n${i}\r\n`));
    await imap.logout();
    const args = ['copy', ...pairOptions(old, fresh, other, file), ...ca, '--json'];
    const first = startMailferry([...args, '--max-rate', '5/s'], env);
    await first.printed('"type":"mailbox-started"');
    const second = await mailferry(args, env);
    expect([second.code, second.last().code]).toEqual([2, 'state-busy']);
    expect(second.stderr).toMatch(/process \d+/);
    first.kill('SIGKILL');
    await first.done;
    const third = await mailferry([...args, '--settle-grace', '1'], env);
    expect(third.code).toBe(0);
  });

  test.skipIf(process.getuid?.() !== 0)(
    'on a full disk ends the run, and nothing is copied twice afterwards (needs root for a tmpfs)',
    async () => {
      const mount = join(dir, 'small');
      mkdirSync(mount);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', mount]);
      try {
        writeFileSync(join(mount, 'filler'), Buffer.alloc(900 * 1024));
        const ran = await copyAs(user, join(mount, 'state'));
        expect([ran.code, ran.last().code]).toEqual([2, 'state-full']);
      } finally {
        execFileSync('umount', [mount]);
      }
      const next = await copy(plainUrl(old, user), plainUrl(fresh, user));
      expect(next.last().messages).toMatchObject({ copied: 0, present: 5 });
    },
  );
});

describe('mailboxes', () => {
  test('one that the new server does not create is named, and the others go across', async () => {
    const imap = await actAs(old, other);
    await imap.create('Ganz normal');
    await imap.append('Ganz normal', Buffer.from('Subject: a\r\n\r\na\r\n'));
    await imap.create('Unmöglich'.replace('ö', '&APY-'));
    await imap.append('Unm&APY-glich', Buffer.from('Subject: b\r\n\r\nb\r\n'));
    await imap.logout();
    // A mailbox below one that can have no children: Dovecot refuses a name with two delimiters.
    const ran = await copyAs(other, state(), '--map', 'Unmöglich=a//b');
    expect(ran.code).toBe(1);
    const problems = ran.last().problems as { mailbox: string; code: string }[];
    expect(problems.map((p) => [p.mailbox, p.code])).toEqual([['Unmöglich', 'mailbox-not-created']]);
    expect(
      (ran.last().mailboxes as { mailbox: string; copied: number }[]).find((m) => m.mailbox === 'Ganz normal')
        ?.copied,
    ).toBe(1);
  });

  test('two that would get one name get two, and it is shown', async () => {
    const ran = await copyAs(other, state(), '--map', 'Unmöglich=Gleich', '--map', 'Ganz normal=Gleich');
    expect(ran.code).toBe(0);
    const mailboxes = ran.last().mailboxes as { mailbox: string; newMailbox: string }[];
    const names = mailboxes.filter((m) => m.newMailbox.startsWith('Gleich')).map((m) => m.newMailbox);
    expect(names.sort()).toEqual(['Gleich', 'Gleich (2)']);
  });
});

test('a message that the new server refuses in mid-stream is listed at once, without a reconnect', {
  timeout: 60_000,
}, async () => {
  const small = await startDovecot({ users: [user], tls: false, maxMailSize: 50_000 });
  try {
    const imap = await actAs(old, user);
    await imap.create('Gross');
    const text = `${'x'.repeat(70)}\r\n`;
    await imap.append('Gross', Buffer.from(`Subject: gross\r\n\r\n${text.repeat(11_000)}`));
    await imap.append('Gross', Buffer.from('Subject: klein\r\n\r\nklein\r\n'));
    await imap.logout();
    const ran = await copy(plainUrl(old, user), plainUrl(small, user), '--mailbox', 'Gross');
    expect(ran.code).toBe(1);
    expect(ran.last().messages).toMatchObject({ copied: 1, refused: 1 });
    expect(ran.last().refused).toMatchObject([
      { mailbox: 'Gross', code: 'message-too-large', subject: 'gross' },
    ]);
    expect(ran.lines().filter((line) => line.type === 'waiting')).toEqual([]);
  } finally {
    await small.stop();
  }
});
