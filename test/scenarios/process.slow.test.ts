/** The daemon as a process: who else may start, how it ends, and what it tells systemd. */
import { spawn } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { shardCount } from '../../src/domain/shard.ts';
import { freeShards } from '../../src/state/database/shards.ts';
import { accountOf, actAs, mailferry } from '../interop/mailferry.ts';
import { judge } from '../judge/invariants.ts';
import { startChaosProxy } from '../lab/chaos-proxy.ts';
import { type Dovecot, startDovecot } from '../lab/dovecot.ts';
import { onPostgres } from './scenario-database.ts';
import { makeServePlace } from './serve-env.ts';
import { until } from './worker-env.ts';

const names = Array.from({ length: 8 }, (_, i) => `u${i}`);
const user = (name: string) => ({ name, password: `geheim-${name}` });
const small = user('small');
const users = [...names.map(user), small];
let old: Dovecot;
let fresh: Dovecot;

beforeAll(async () => {
  [old, fresh] = await Promise.all([
    startDovecot({ users, tls: false }),
    startDovecot({ users, tls: false }),
  ]);
  for (const name of names) fill(name);
}, 60_000);
afterAll(async () => {
  await Promise.all([old?.stop(), fresh?.stop()]);
});

/** Straight into the Maildir: 200 messages of 20 KB, and two of 4 MB, which are streamed. */
function fill(name: string): void {
  const { uid, gid } = old.mailOwner(name);
  const line = `${'x'.repeat(70)}\n`;
  const write = (i: number, kilobytes: number) => {
    const file = join(old.mailDir(name), 'cur', `17000000${String(i).padStart(2, '0')}.M${i}P1.lab:2,S`);
    writeFileSync(file, `Subject: ${name} ${i}\n\n${line.repeat(kilobytes * 14)}`);
    chownSync(file, uid, gid);
  };
  const { uid: owner, gid: group } = old.mailOwner(name);
  for (const sub of ['cur', 'new', 'tmp']) {
    const path = join(old.mailDir(name), sub);
    mkdirSync(path, { recursive: true });
    chownSync(path, owner, group);
  }
  for (let i = 0; i < 202; i++) write(i, i % 100 === 50 ? 4_000 : 20);
}

const countOn = async (server: Dovecot, name: string) => {
  const found = await server.doveadm(['mailbox', 'status', '-u', name, 'messages', 'INBOX']).catch(() => '0');
  return Number(/(\d+)\s*$/.exec(found)?.[1] ?? 0);
};

test.skipIf(onPostgres)(
  'a second daemon on one SQLite database is refused, and told who holds it',
  {
    timeout: 60_000,
  },
  async () => {
    const place = await makeServePlace({ old, fresh });
    try {
      await place.start();
      const second = await mailferry(['serve', '--config', place.configFile]);
      expect(second.code).toBe(2);
      expect(second.stderr).toContain(`${place.databaseFile} is held by process ${place.pid()} on `);
      // The first one does not notice.
      expect((await place.cli('sync', 'status')).code).toBe(0);
      const worker = await mailferry(['worker', '--config', place.configFile]);
      expect([worker.code, worker.stderr]).toEqual([2, expect.stringContaining('is held by process')]);
    } finally {
      await place.close();
    }
  },
);

test('SIGTERM in the middle of eight copies ends it within ten seconds, and nothing comes twice', {
  timeout: 240_000,
}, async () => {
  // So slow that they are in the middle by then: 93 MB are to be copied. Both servers are waited for at once.
  const slow = (side: string) => `[${side}.limits]\nbytes_per_second = 6_000_000\n`;
  const place = await makeServePlace({ old, fresh, more: slow('old') + slow('new') });
  const all = async () =>
    (await Promise.all(names.map((name) => countOn(fresh, name)))).reduce((a, b) => a + b);
  try {
    const first = await place.start();
    await place.importAccounts(names.map(user));
    expect((await place.cli('sync', 'start', '--all')).code).toBe(0);
    await until(60_000, async () => (await all()) > 200);
    const since = performance.now();
    first.kill('SIGTERM');
    const { code, stdout } = await first.done;
    expect(performance.now() - since).toBeLessThan(10_000);
    expect(code).toBe(0);
    expect(stdout).toContain('"stopped"');
    expect(await all()).toBeLessThan(names.length * 202);
    await place.start();
    await place.inStep(names.length, 150_000);
    for (const name of names) {
      const there = await accountOf(old, user(name));
      const here = await accountOf(fresh, user(name));
      expect(here.get('INBOX')?.messages).toHaveLength(202);
      expect(judge({ oldBefore: there, oldAfter: there, newAfter: here })).toEqual([]);
    }
  } finally {
    await place.close();
  }
});

/** Until the server of `imap` has stopped to answer in the middle of `words`; then the daemon is told to end. */
async function endsWhileStalled(words: string, side: 'old' | 'new'): Promise<void> {
  const imap = await actAs(old, small);
  const put = async () => {
    for (let i = 0; i < 20; i++)
      await imap.append('INBOX', Buffer.from(`Subject: ${i}\r\n\r\n${Math.random()}\r\n`));
  };
  const server = side === 'old' ? old : fresh;
  const proxy = await startChaosProxy({
    target: { port: server.imapPort },
    rules: [{ when: { direction: 'to-server', seen: words, pass: true }, action: { kind: 'stall' } }],
  });
  const stalled = { imapPort: proxy.port };
  const place = await makeServePlace(side === 'old' ? { old: stalled, fresh } : { old, fresh: stalled });
  try {
    await put();
    const daemon = await place.start();
    await place.importAccounts([small]);
    await place.cli('sync', 'start', '--all');
    const fired = () => Promise.resolve(proxy.connections.some((one) => one.fired.length > 0));
    await until(40_000, async () => {
      await put();
      return fired();
    });
    const since = performance.now();
    daemon.kill('SIGTERM');
    const { code, stdout } = await daemon.done;
    expect(performance.now() - since).toBeLessThan(10_000);
    expect(code).toBe(0);
    expect(stdout).not.toContain('stopped before all had come to rest');
    // Whoever starts next need not wait for the leases of this one.
    const database = await place.openDatabase();
    expect(await freeShards(database.db)).toHaveLength(shardCount);
    await database.close();
    proxy.setRules([]);
    await place.start();
    await place.inStep(1);
    await until(20_000, async () => (await countOn(fresh, small.name)) >= (await countOn(old, small.name)));
    const there = await accountOf(old, small);
    expect(judge({ oldBefore: there, oldAfter: there, newAfter: await accountOf(fresh, small) })).toEqual([]);
  } finally {
    await imap.logout();
    await place.close();
    await proxy.stop();
  }
}

test.each([
  ['new in the middle of an APPEND', ' APPEND ', 'new'],
  ['old while it sends messages', ' UID FETCH ', 'old'],
  ['old at the end of a connection', ' LOGOUT', 'old'],
  ['old while it is listened to', ' NOTIFY SET ', 'old'],
] as const)(
  'it ends within ten seconds and leaves nothing held where a server stops to answer: %s',
  {
    timeout: 120_000,
  },
  (_, words, side) => endsWhileStalled(words, side),
);

const listener = `
import os, socket, sys
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind(sys.argv[1])
server.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
print("listening", flush=True)
while True:
    data, ancillary, _, _ = server.recvmsg(4096, 256)
    pid = 0
    for level, kind, value in ancillary:
        if kind == socket.SCM_CREDENTIALS:
            pid = int.from_bytes(value[:4], sys.byteorder)
        if kind == socket.SCM_RIGHTS:
            os.close(int.from_bytes(value[:4], sys.byteorder))
    print(pid, data.decode().replace("\\n", " "), flush=True)
`;

test('tells systemd when it is ready, that it lives, and that it stops', { timeout: 60_000 }, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'mf-notify-'));
  const socket = join(dir, 'notify');
  const systemd = spawn('python3', ['-c', listener, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  let told = '';
  systemd.stdout.on('data', (chunk: Buffer) => {
    told += chunk.toString();
  });
  const place = await makeServePlace({ old, fresh });
  try {
    await until(10_000, () => Promise.resolve(told.includes('listening')));
    const daemon = await place.start({ NOTIFY_SOCKET: socket, WATCHDOG_USEC: '3000000' });
    await until(10_000, () => Promise.resolve(told.split('WATCHDOG=1').length > 3));
    expect(told).toContain(' READY=1');
    expect(told).not.toContain('MAINPID');
    daemon.kill('SIGTERM');
    await daemon.done;
    await until(5_000, () => Promise.resolve(told.includes('STOPPING=1')));
  } finally {
    systemd.kill();
    await place.close();
    rmSync(dir, { recursive: true, force: true });
  }
});
