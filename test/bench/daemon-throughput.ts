/**
 * Eight accounts copied at once by a worker, beside `mailferry copy` of one account alone: messages a second of all.
 *
 *   node test/bench/daemon-throughput.ts [--scale 0.5] [--accounts 8] [--fsync on|off] [--database sqlite|postgres]
 *
 * All are copies of one account on old (workload W1), each to an account of its own on new, so that nothing is removed in
 * between (see copy.ts). The worker's time runs from its start to the last message of the last account; the checks that
 * come after each copy are in it where another account still copies.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mailferry, pairOptions, plainUrl } from '../interop/mailferry.ts';
import { startDovecot } from '../lab/dovecot.ts';
import { startPostgres } from '../lab/postgres.ts';
import { fillWorkload, workloadSpecialUse, workloadUsers } from '../lab/workload.ts';
import { makeDaemonPlace } from '../scenarios/daemon-env.ts';

const { values } = parseArgs({
  options: {
    scale: { type: 'string', default: '0.5' },
    accounts: { type: 'string', default: '8' },
    fsync: { type: 'string', default: 'off' },
    database: { type: 'string', default: 'sqlite' },
  },
});
const [onOld] = workloadUsers('W1');
if (onOld === undefined) throw new Error('the workload has no user');
const accounts = Number(values.accounts);
const users = Array.from({ length: accounts + 2 }, (_, i) => ({ name: `n${i}`, password: 'lab-geheim' }));
const common = { specialUse: workloadSpecialUse, tls: false, spreadUids: true } as const;
const old = await startDovecot({ ...common, users: [onOld] });
const fresh = await startDovecot({ ...common, users, fsync: values.fsync === 'on' });
const postgres = values.database === 'postgres' ? await startPostgres() : null;
const work = mkdtempSync(join(tmpdir(), 'mailferry-bench-'));
const more = `[worker]\ncopies_at_once = ${accounts}\n[old.limits]\nconnections = 100\n[new.limits]\nconnections = 100\n`;
const place = await makeDaemonPlace({
  old,
  fresh,
  more,
  ...(postgres === null
    ? {}
    : { postgres: { url: await postgres.newDatabase(), password: postgres.password } }),
});
try {
  fillWorkload(old, { name: 'W1', scale: Number(values.scale), seed: 1 });
  const alone = async (index: number) => {
    const to = users[index] ?? onOld;
    const args = pairOptions(old, fresh, onOld, join(work, `state${index}`));
    const at = args.indexOf('--to');
    args[at + 1] = plainUrl(fresh, to);
    const since = performance.now();
    const env = { MAILFERRY_FROM_PASSWORD: onOld.password, MAILFERRY_TO_PASSWORD: to.password };
    const ran = await mailferry(['copy', ...args, '--json'], env);
    if (ran.code !== 0) throw new Error(ran.stderr);
    const { messages } = ran.last() as { messages: { total: number } };
    return { messages: messages.total, seconds: (performance.now() - since) / 1000 };
  };
  // The first warms old's caches for everybody.
  await alone(0);
  const one = await alone(1);

  for (const user of users.slice(2)) await place.begin(await place.add(user, onOld));
  await place.closeDatabase();
  let copied = 0;
  let missing = accounts;
  const since = performance.now();
  let lastAt = since;
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const daemon = await place.start('worker', (line) => {
    const entry = JSON.parse(line) as { msg: string; copied?: number };
    if (entry.msg === 'copied' && entry.copied !== undefined) {
      copied += entry.copied;
      if (entry.copied > 0) lastAt = performance.now();
    }
    if (entry.msg === 'in step' && --missing === 0) end();
  });
  await ended;
  const checkedSeconds = (performance.now() - since) / 1000;
  daemon.kill('SIGTERM');
  await daemon.done;
  const seconds = (lastAt - since) / 1000;
  const rate = (messages: number, took: number) => Math.round(messages / took);
  const result = {
    database: values.database,
    fsync: values.fsync,
    accounts,
    copyAlone: { ...one, perSecond: rate(one.messages, one.seconds) },
    worker: { messages: copied, seconds, perSecond: rate(copied, seconds), checkedSeconds },
    ratio: Number((copied / seconds / (one.messages / one.seconds)).toFixed(2)),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
} finally {
  await place.remove();
  await Promise.all([old.stop(), fresh.stop(), postgres?.stop()]);
  rmSync(work, { recursive: true, force: true });
}
