/** Workers that die, sleep or lose the database: another goes on, and nothing is lost or doubled. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { liveWorkers } from '../../src/state/database/shards.ts';
import { accountOf, actAs, type Running } from '../interop/mailferry.ts';
import { judge } from '../judge/invariants.ts';
import { type Dovecot, startDovecot } from '../lab/dovecot.ts';
import { type ChaosProxy, startChaosProxy } from '../lab/chaos-proxy.ts';
import { type Postgres, startPostgres } from '../lab/postgres.ts';
import { type SilentProxy, startSilentProxy } from '../lab/silent-proxy.ts';
import { type DaemonPlace, makeDaemonPlace } from './daemon-env.ts';
import { until } from './worker-env.ts';

const names = Array.from({ length: 12 }, (_, i) => `u${i}`);
const user = (name: string) => ({ name, password: `geheim-${name}` });
let old: Dovecot;
let fresh: Dovecot;
let postgres: Postgres;
let place: DaemonPlace;
let url: string;
/** To the database, for the worker that is to lose it. */
let proxy: SilentProxy;
/** To old, which it is to change nothing of. */
let toOld: ChaosProxy;
/** To new, over a line so slow that a large message is under way for seconds. */
let toNew: ChaosProxy;
const ids = new Map<string, string>();
let sleeper: Running;
let sent = 0;

beforeAll(async () => {
  const users = names.map(user);
  [old, fresh, postgres] = await Promise.all([
    startDovecot({ users, tls: false }),
    startDovecot({ users, tls: false }),
    startPostgres(),
  ]);
  const { password } = postgres;
  url = await postgres.newDatabase();
  proxy = await startSilentProxy(postgres.port);
  toOld = await startChaosProxy({ target: { port: old.imapPort } });
  toNew = await startChaosProxy({
    target: { port: fresh.imapPort },
    rules: [
      {
        when: { direction: 'to-server', seen: ' APPEND ' },
        action: { kind: 'drip', bytesPerSecond: 50_000 },
      },
    ],
  });
  place = await makeDaemonPlace({
    old: { ...old, imapPort: toOld.port },
    fresh: { ...fresh, imapPort: toNew.port },
    postgres: { url, password },
  });
}, 60_000);
afterAll(async () => {
  await place?.remove();
  await Promise.all([
    toOld?.stop(),
    toNew?.stop(),
    old?.stop(),
    fresh?.stop(),
    proxy?.stop(),
    postgres?.stop(),
  ]);
});

const line = `${'text '.repeat(15)}\r\n`;
const letter = (subject: string, kilobytes: number) =>
  Buffer.from(`Subject: ${subject}\r\n\r\n${line.repeat(kilobytes * 13)}`);

async function deliver(each: number, kilobytes = 2): Promise<void> {
  for (const name of names) {
    const imap = await actAs(old, user(name));
    for (let i = 0; i < each; i++) await imap.append('INBOX', letter(`${name} ${sent++}`, kilobytes));
    await imap.logout();
  }
}

const countsOf = async (server: Dovecot) => {
  let sum = 0;
  for (const name of names) sum += (await accountOf(server, user(name))).get('INBOX')?.messages.length ?? 0;
  return sum;
};

/** All that is on old is on new. */
const across = (withinMs: number) =>
  until(withinMs, async () => (await countsOf(fresh)) >= (await countsOf(old)));

async function judged(): Promise<void> {
  const commandsToOld = toOld.connections.flatMap(({ commands }) => commands);
  expect(commandsToOld.length).toBeGreaterThan(names.length);
  for (const name of names) {
    const there = await accountOf(old, user(name));
    const here = await accountOf(fresh, user(name));
    expect(judge({ oldBefore: there, oldAfter: there, newAfter: here, commandsToOld })).toEqual([]);
  }
}

async function shardsOf(): Promise<Map<string, number>> {
  const { db } = place.database;
  const rows = await db.selectFrom('lease').select(['name', 'holder', 'until_ms']).execute();
  const live = new Set(await liveWorkers(db));
  const counts = new Map<string, number>();
  for (const { name, holder, until_ms: untilMs } of rows) {
    if (name.startsWith('shard/') && untilMs > 0 && live.has(holder)) {
      counts.set(holder, (counts.get(holder) ?? 0) + 1);
    }
  }
  return counts;
}

/** One worker has all shards. */
const takenOver = () => until(30_000, async () => [...(await shardsOf()).values()].join() === '256');

test('a worker that is killed while it copies is replaced within 30 s', { timeout: 120_000 }, async () => {
  await deliver(40);
  for (const name of names) ids.set(name, await place.add(user(name)));
  const first = await place.start('worker');
  const second = await place.start('worker');
  await until(60_000, async () => [...(await shardsOf()).values()].join() === '128,128');
  for (const id of ids.values()) await place.begin(id);
  await until(20_000, async () => (await countsOf(fresh)) > 60);
  first.kill('SIGKILL');
  const since = performance.now();
  await takenOver();
  for (const id of ids.values()) await place.phase(id, 'in-step', 60_000);
  const tookMs = performance.now() - since;
  await across(5_000);
  await judged();
  expect(tookMs).toBeLessThan(45_000);
  second.kill('SIGTERM');
  const { code } = await second.done;
  expect(code).toBe(0);
});

test('a worker that alone loses the database is replaced within 30 s, and comes back by itself', {
  timeout: 150_000,
}, async () => {
  const steady = await place.start('worker');
  const lonely = await place.start('worker', undefined, url.replace(`:${postgres.port}/`, `:${proxy.port}/`));
  await until(30_000, async () => [...(await shardsOf()).values()].join() === '128,128');
  await across(30_000);
  // Mail is arriving, and being carried over, while its way to the database falls silent; its mail servers answer.
  const delivering = deliver(6);
  await new Promise((resolve) => setTimeout(resolve, 500));
  proxy.shut(true);
  proxy.silence();
  await takenOver();
  await delivering;
  await deliver(2);
  await across(60_000);
  await judged();
  proxy.shut(false);
  await until(45_000, async () => [...(await shardsOf()).values()].join() === '128,128');
  await deliver(1);
  await across(20_000);
  await judged();
  for (const worker of [steady, lonely]) worker.kill('SIGTERM');
  for (const worker of [steady, lonely]) expect((await worker.done).code).toBe(0);
});

test('a worker that sleeps longer than its lease does no harm when it wakes', {
  timeout: 120_000,
}, async () => {
  sleeper = await place.start('worker');
  await until(30_000, async () => [...(await shardsOf()).values()].join() === '256');
  await across(30_000);
  // Mail is arriving, and being carried over, while it falls asleep.
  const delivering = deliver(4);
  await new Promise((resolve) => setTimeout(resolve, 700));
  sleeper.kill('SIGSTOP');
  const since = performance.now();
  await delivering;
  await place.start('worker');
  await takenOver();
  await across(60_000);
  // The successor's start, the lease, a renewal, and the grace for what the sleeper had under way.
  expect(performance.now() - since).toBeLessThan(55_000);
  sleeper.kill('SIGCONT');
  await deliver(1);
  await across(20_000);
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  await judged();
  // It lives again, and has its share.
  await until(30_000, async () => [...(await shardsOf()).values()].join() === '128,128');
});

test('a worker that wakes while another has just taken over its accounts makes no twin and loses nothing', {
  timeout: 150_000,
}, async () => {
  const { db } = place.database;
  const openUploads = async () =>
    (await db.selectFrom('journal_intent').select('account_id').where('kind', '=', 'append').execute())
      .length;
  await across(30_000);
  // Both have been there for long, and both are in the middle of large messages.
  const delivering = deliver(1, 1_000);
  await until(20_000, async () => (await openUploads()) >= names.length / 2);
  sleeper.kill('SIGSTOP');
  await delivering;
  await takenOver();
  // What it was sending nobody has settled yet: its heir waits for what may come late.
  expect(await openUploads()).toBeGreaterThan(0);
  sleeper.kill('SIGCONT');
  await deliver(1);
  await across(60_000);
  await judged();
  await until(30_000, async () => [...(await shardsOf()).values()].join() === '128,128');
});

test('mail of a worker that dies with nothing under way is carried on within 30 s; a third one gets its share', {
  timeout: 150_000,
}, async () => {
  await across(30_000);
  const third = await place.start('worker');
  await until(
    60_000,
    async () => [...(await shardsOf()).values()].toSorted((a, b) => a - b).join() === '85,85,86',
  );
  // Nothing is being sent, so no grace for what may be late has to pass.
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  third.kill('SIGKILL');
  const since = performance.now();
  await deliver(1);
  await across(30_000);
  expect(performance.now() - since).toBeLessThan(30_000);
  await judged();
});

test('workers outlive a database that goes away and comes back', { timeout: 120_000 }, async () => {
  await postgres.restart();
  await deliver(1);
  await across(60_000);
  await judged();
});
