/**
 * What a worker costs that keeps many accounts in step while nothing happens: memory for each account, processor time,
 * and how long its event loop is held.
 *
 *   node test/bench/daemon-idle.ts [--accounts 10000] [--seconds 60]
 *
 * Both sides are test/bench/idle-server.ts: real sockets, NOTIFY, 8 mailboxes an account. A worker with no account is
 * measured first and taken off.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { shardOf } from '../../src/domain/shard.ts';
import { newId } from '../../src/state/database/new-id.ts';
import type { Database } from '../../src/state/database/open-database.ts';
import type { LabImap } from '../interop/mailferry.ts';
import { freePorts } from '../lab/ports.ts';
import { makeDaemonPlace } from '../scenarios/daemon-env.ts';

const { values } = parseArgs({
  options: {
    accounts: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '60' },
    verbose: { type: 'boolean', default: false },
  },
});
const accounts = Number(values.accounts);
const seconds = Number(values.seconds);
/** Without accounts nothing changes with time. */
const emptySeconds = 20;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const [a = 0] = await freePorts(1);
// An odd and an even port: the two sides must not have the same UIDVALIDITY.
const ports = [a, a + 1] as const;
const servers: ChildProcess[] = [];
for (const port of ports) servers.push(await startIdleServer(port));
try {
  const base = await measure(0);
  const full = await measure(accounts);
  const result = {
    accounts,
    memoryKbPerAccount: Math.round((full.rssKb - base.rssKb) / accounts),
    rssMb: { without: Math.round(base.rssKb / 1024), with: Math.round(full.rssKb / 1024) },
    cpuPercentOfOneCore: Number(full.cpuPercent.toFixed(2)),
    eventLoopDelayMs: full.loop,
    secondsUntilAllFollowed: full.startSeconds,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
} finally {
  for (const server of servers) server.kill('SIGKILL');
}

async function startIdleServer(port: number): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'idle-server.ts'), String(port), '8', '0'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('exit', () => reject(new Error('the idle server ended')));
  });
  return child;
}

async function measure(count: number) {
  // 60 % of the connections may listen.
  const limits = `[old.limits]\nconnections = ${Math.ceil(accounts * 1.7)}\n[new.limits]\nconnections = 1000\n`;
  const more = `[log]\nlevel = "debug"\n${limits}`;
  const onServers = 'master_user = "master"\nmaster_password = "x"\n';
  const [old, fresh] = ports.map((imapPort) => ({ imapPort })) as [LabImap, LabImap];
  const place = await makeDaemonPlace({ old, fresh, more, onServers });
  try {
    await addInStep(place.database, count);
    await place.closeDatabase();
    const since = performance.now();
    const seen = { following: 0, pid: 0 };
    /** Of every ten seconds while nothing happens. */
    const windows: { readonly p99: number; readonly most: number }[] = [];
    let measuring = false;
    const daemon = await place.start('worker', (line) => {
      const entry = JSON.parse(line) as Record<string, unknown>;
      if (entry.msg !== 'worker') return;
      seen.following = Number(entry.following);
      if (measuring) windows.push({ p99: Number(entry.loopP99Ms), most: Number(entry.loopMostMs) });
      seen.pid = Number(entry.pid);
      if (values.verbose) process.stderr.write(`${line}\n`);
    });
    while (seen.pid === 0 || seen.following < count) await pause(500);
    const startSeconds = Math.round((performance.now() - since) / 1000);
    // Connections that were used are closed after a minute.
    if (count > 0) await pause(90_000);
    const before = cpuSeconds(seen.pid);
    measuring = true;
    const lasts = count === 0 ? emptySeconds : seconds;
    await pause(lasts * 1000);
    const cpuPercent = ((cpuSeconds(seen.pid) - before) * 100) / lasts;
    const rssKb = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${seen.pid}/status`, 'utf8'))?.[1]);
    daemon.kill('SIGTERM');
    await daemon.done;
    return { rssKb, cpuPercent, loop: loopOf(windows), startSeconds };
  } finally {
    await place.remove();
  }
}

async function addInStep({ db }: Database, count: number): Promise<void> {
  for (let at = 0; at < count; at += 500) {
    const rows = Array.from({ length: Math.min(500, count - at) }, (_, i) => {
      const id = newId(at + i);
      const login = `u${at + i}`;
      const row = {
        id,
        address: `${login}@example.org`,
        old_login: login,
        new_login: login,
        phase: 'in-step',
      };
      return { ...row, epoch: 0, shard: shardOf(id), domain: 'example.org', created_at_ms: 0 };
    });
    await db.insertInto('account').values(rows).execute();
  }
}

/** User and system time of a process, from its statistics in hundredths of a second. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Over all windows: the worst 99th percentile, how many were above 50 ms, and the longest stall. */
function loopOf(windows: readonly { readonly p99: number; readonly most: number }[]) {
  const p99 = windows.map((one) => one.p99).sort((one, other) => one - other);
  return {
    windows: windows.length,
    p99Median: p99[p99.length >> 1] ?? 0,
    p99Worst: p99.at(-1) ?? 0,
    above50: p99.filter((ms) => ms > 50).length,
    most: Math.max(0, ...windows.map(({ most }) => most)),
  };
}
