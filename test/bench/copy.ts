/**
 * Copies one generated account with each tool in turn and prints the times and their ratios in this one run.
 *
 *   node test/bench/copy.ts --workload W1 [--scale 1] [--fsync on|off] [--rounds 3] [--tools mailferry,doveadm,mbsync]
 *                           [--unchanged] [--json]
 *
 * Each copy goes to a new, empty account, and nothing is removed before the end: ext4 does not give an inode out again
 * for some seconds after its file was removed and looks at each such inode first, so that a copy right after the removal
 * of 10,000 files takes up to twice as long, whoever copies. For the same reason wait half a minute after another run.
 *
 * `--unchanged` measures a second pass with nothing to do as well. Peak memory and processor time are those of the tool's
 * process, by GNU time; the servers' are not in it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readAccount } from '../judge/imap-raw.ts';
import { startDovecot } from '../lab/dovecot.ts';
import { fillWorkload, type WorkloadName, workloadSpecialUse, workloadUsers } from '../lab/workload.ts';
import { isInstalled, type Job, type ToolName, tools } from './peers.ts';

const { values } = parseArgs({
  options: {
    workload: { type: 'string', default: 'W1' },
    scale: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    fsync: { type: 'string', default: 'on' },
    rounds: { type: 'string', default: '3' },
    tools: { type: 'string', default: 'mailferry,doveadm,mbsync,imapsync' },
    unchanged: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

interface Measured {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMb: number;
}

const name = values.workload as WorkloadName;
const scale = Number(values.scale);
const fsync = values.fsync === 'on';
const rounds = Number(values.rounds);
const chosen = values.tools.split(',').filter((t): t is ToolName => t in tools && isInstalled(t as ToolName));
const oldUser = workloadUsers(name)[0];
if (oldUser === undefined) throw new Error(`unknown workload ${name}`);

const newUsers = chosen.flatMap((tool) =>
  Array.from({ length: rounds }, (_, round) => ({
    name: `${tool}-${round}@example.org`,
    password: 'lab-geheim',
  })),
);
const common = { specialUse: workloadSpecialUse, tls: false, spreadUids: true } as const;
const old = await startDovecot({ ...common, users: [oldUser] });
const fresh = await startDovecot({ ...common, users: newUsers, fsync });
const work = mkdtempSync(join(tmpdir(), 'mailferry-bench-'));
try {
  fillWorkload(old, { name, scale, seed: Number(values.seed) });
  // The old server's caches are warm for everybody, the first tool included.
  const account = await readAccount({
    host: '127.0.0.1',
    port: old.imapPort,
    user: oldUser.name,
    password: oldUser.password,
  });
  const expected = [...account.values()].reduce((sum, box) => sum + box.messages.length, 0);
  const first: Record<string, Measured[]> = {};
  const again: Record<string, Measured[]> = {};
  const arrived: Record<string, number> = {};
  for (let round = 0; round < rounds; round++) {
    // Each round begins with another tool, so that none always runs on the quietest or the warmest machine.
    for (let i = 0; i < chosen.length; i++) {
      const tool = chosen[(i + round) % chosen.length] as ToolName;
      const newUser = newUsers.find((u) => u.name === `${tool}-${round}@example.org`);
      if (newUser === undefined) continue;
      const dir = join(work, `${tool}-${round}`);
      mkdirSync(dir);
      const job: Job = { old, oldUser, fresh, newUser, dir };
      (first[tool] ??= []).push(measure(tool, job));
      if (values.unchanged) (again[tool] ??= []).push(measure(tool, job));
      arrived[tool] = await countArrived(tool, newUser.name, expected);
    }
  }
  const result = {
    workload: name,
    scale,
    fsync: values.fsync,
    messages: expected,
    rounds,
    arrived,
    first: summary(first),
    ...(values.unchanged ? { unchanged: summary(again) } : {}),
  };
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : text(result));
} finally {
  await Promise.all([old.stop(), fresh.stop()]);
  rmSync(work, { recursive: true, force: true });
}

function measure(tool: ToolName, job: Job): Measured {
  const { argv, env } = tools[tool](job);
  spawnSync('sync');
  const report = join(job.dir, 'time');
  const started = performance.now();
  const run = spawnSync('/usr/bin/time', ['-f', '%U %S %M', '-o', report, ...argv], {
    env: { PATH: process.env.PATH ?? '', HOME: job.dir, XDG_CACHE_HOME: join(work, 'cache'), ...env },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const seconds = (performance.now() - started) / 1000;
  if (run.status !== 0 || !existsSync(report)) {
    throw new Error(
      `${tool} ended with ${run.status}: ${run.error?.message ?? ''}${run.stderr.slice(-2000)}`,
    );
  }
  const [user = 0, system = 0, peakKb = 0] = readFileSync(report, 'utf8').trim().split(' ').map(Number);
  return { seconds, cpuSeconds: user + system, peakMb: peakKb / 1024 };
}

/** A tool that is fast because it copied less would be no measure: what arrived stands beside the time. */
async function countArrived(tool: ToolName, user: string, expected: number): Promise<number> {
  const listing = await fresh.doveadm(['search', '-u', user, 'ALL']);
  const count = listing.split('\n').filter((line) => line !== '').length;
  if (tool === 'mailferry' && count !== expected)
    throw new Error(`${tool} brought ${count} of ${expected} messages`);
  return count;
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

function summary(
  runs: Readonly<Record<string, readonly Measured[]>>,
): Record<string, Measured & { all: number[] }> {
  return Object.fromEntries(
    Object.entries(runs).map(([tool, list]) => [
      tool,
      {
        seconds: median(list.map((m) => m.seconds)),
        cpuSeconds: median(list.map((m) => m.cpuSeconds)),
        peakMb: Math.max(...list.map((m) => m.peakMb)),
        all: list.map((m) => Math.round(m.seconds * 1000) / 1000),
      },
    ]),
  );
}

function text(result: {
  messages: number;
  arrived: Record<string, number>;
  first: ReturnType<typeof summary>;
  unchanged?: ReturnType<typeof summary>;
}): string {
  let out = `${name} x ${scale}: ${result.messages} messages, new side fsync ${values.fsync}, median of ${rounds}\n`;
  for (const [what, runs] of [
    ['first copy', result.first],
    ['pass with no change', result.unchanged],
  ] as const) {
    if (runs === undefined) continue;
    out += `\n${what}\ntool        seconds   mailferry/tool   client cpu s   peak MB   arrived   all runs\n`;
    for (const [tool, m] of Object.entries(runs)) {
      const ratio = (runs.mailferry?.seconds ?? Number.NaN) / m.seconds;
      out +=
        `${tool.padEnd(12)}${m.seconds.toFixed(2).padStart(7)}   ${ratio.toFixed(2).padStart(14)}   ` +
        `${m.cpuSeconds.toFixed(2).padStart(12)}   ${m.peakMb.toFixed(0).padStart(7)}   ${String(result.arrived[tool]).padStart(7)}   ${m.all.join(' ')}\n`;
    }
  }
  return out;
}
