/** First copies keep to the hours, the octets of a day and the latency that a server may bear, on real Dovecots. */
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { progressOf } from '../../src/state/database/progress.ts';
import { accountOf, actAs } from '../interop/mailferry.ts';
import { judge } from '../judge/invariants.ts';
import { type Dovecot, startDovecot } from '../lab/dovecot.ts';
import { type LateProxy, startLateProxy } from '../lab/late-proxy.ts';
import { openScenarioDatabase } from './scenario-database.ts';
import { type Fleet, makeFleet, until } from './worker-env.ts';

const user = (name: string) => ({ name, password: `geheim-${name}` });
const names = [
  'night-1',
  'night-2',
  'day-1',
  'day-2',
  ...['new', 'old'].flatMap((side) => [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `late-${side}-${n}`)),
];
let old: Dovecot;
let fresh: Dovecot;
const proxies = new Map<'old' | 'new', LateProxy>();

beforeAll(async () => {
  const options = { users: names.map(user), tls: false } as const;
  [old, fresh] = await Promise.all([startDovecot(options), startDovecot(options)]);
  proxies.set('old', await startLateProxy(old.imapPort));
  proxies.set('new', await startLateProxy(fresh.imapPort));
});
afterAll(async () => {
  await Promise.all([...proxies.values()].map((proxy) => proxy.stop()));
  await Promise.all([old?.stop(), fresh?.stop()]);
});

/** The machine's clock, with a wall that the test sets. */
class WallClock implements Clock {
  #aheadMs = 0;

  now(): number {
    return systemClock.now() + this.#aheadMs;
  }

  monotonic(): number {
    return systemClock.monotonic();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms, signal);
  }

  /** The next time that it is so late by this machine's calendar. */
  set(hour: number): void {
    const time = new Date(this.now());
    time.setHours(hour, 0, 0, 0);
    if (time.getTime() <= this.now()) time.setDate(time.getDate() + 1);
    this.#aheadMs += time.getTime() - this.now();
  }
}

interface Place {
  readonly fleet: Fleet;
  readonly clock: WallClock;
  readonly copying: () => Promise<number>;
}

/** A worker with these accounts, and these limits, from 23:00 on; `late` is reached through its proxy. */
async function place(
  some: readonly string[],
  limits: string,
  late: 'old' | 'new' | null = null,
): Promise<Place> {
  const clock = new WallClock();
  clock.set(23);
  const database = await openScenarioDatabase();
  const more = `[worker]\ncopies_at_once = 4\npolling_seconds = 2\n${limits}`;
  const reached = (side: 'old' | 'new') => {
    const server = side === 'old' ? old : fresh;
    return { imapPort: (late === side ? proxies.get(side)?.port : undefined) ?? server.imapPort };
  };
  const users = some.map(user);
  const fleet = await makeFleet({ database, old: reached('old'), fresh: reached('new'), users, more });
  const worker = await fleet.startWorker(database, undefined, { clock });
  onTestFinished(async () => {
    await worker.close();
    await database.close();
  });
  const copying = async () => {
    const rows = await progressOf(database.db, some.map(fleet.idOf));
    return [...rows.values()].filter(({ activity }) => activity === 'copying').length;
  };
  return { fleet, clock, copying };
}

async function put(name: string, count: number, sizeBytes = 100): Promise<void> {
  const imap = await actAs(old, user(name));
  for (let i = 0; i < count; i++)
    await imap.append(
      'INBOX',
      Buffer.from(`Subject: ${i}\r\n\r\n${Math.random()} ${'x'.repeat(sizeBytes)}\r\n`),
    );
  await imap.logout();
}

const onNew = async (name: string) => (await accountOf(fresh, user(name))).get('INBOX')?.messages.length ?? 0;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** New mail goes across whatever first copies may do. */
async function follows(name: string): Promise<void> {
  const wanted = (await onNew(name)) + 1;
  await put(name, 1);
  await until(15_000, async () => (await onNew(name)) === wanted);
}

/** So many messages of a first copy that has come to rest; fails where it has not. */
async function atRest(...some: readonly string[]): Promise<number> {
  // The limits are looked at once a second, and a batch that is on the wire arrives.
  await pause(3_000);
  const count = async () => (await Promise.all(some.map(onNew))).reduce((sum, n) => sum + n, 0);
  const before = await count();
  await pause(3_000);
  expect(await count()).toBe(before);
  return before;
}

async function equal(...some: readonly string[]): Promise<void> {
  for (const name of some) {
    const there = await accountOf(old, user(name));
    const here = await accountOf(fresh, user(name));
    expect(judge({ oldBefore: there, oldAfter: there, newAfter: here })).toEqual([]);
  }
}

test('first copies run in the hours of the window only, and go on in the next one where they stopped', {
  timeout: 120_000,
}, async () => {
  const [first, second] = ['night-1', 'night-2'] as const;
  await put(first, 2);
  await put(second, 240);
  const limits = '[new.limits]\nwindow_from = "22:00"\nwindow_to = "06:00"\nmessages_per_second = 40\n';
  const { fleet, clock } = await place([first, second], limits);
  await fleet.begin(first);
  await fleet.phase(first, 'in-step');
  clock.set(12);
  await pause(1_500);
  await fleet.begin(second);
  expect(await atRest(second)).toBe(0);
  await follows(first);
  clock.set(23);
  await until(20_000, async () => (await onNew(second)) > 20);
  clock.set(6);
  const stopped = await atRest(second);
  expect(stopped).toBeGreaterThan(20);
  expect(stopped).toBeLessThan(240);
  await follows(first);
  clock.set(22);
  await fleet.phase(second, 'in-step', 30_000);
  await equal(first, second);
});

test('first copies stop at the octets of a day, and go on the next day', { timeout: 120_000 }, async () => {
  const [first, second] = ['day-1', 'day-2'] as const;
  await put(first, 2);
  await put(second, 80, 2_000);
  const limits = '[new.limits]\nbytes_per_day = 60000\nbytes_per_second = 20000\n';
  const { fleet, clock } = await place([first, second], limits);
  await fleet.begin(first);
  await fleet.phase(first, 'in-step');
  await fleet.begin(second);
  await until(20_000, async () => (await onNew(second)) > 20);
  const stopped = await atRest(second);
  // 60,000 octets are 29 messages: a batch that is cut off counts, and two seconds more may be on the wire.
  expect(stopped).toBeGreaterThan(20);
  expect(stopped).toBeLessThan(60);
  await follows(first);
  clock.set(22);
  await until(20_000, async () => (await onNew(second)) > stopped);
  await until(60_000, async () => {
    clock.set(22);
    await pause(3_000);
    return (await onNew(second)) === 80;
  });
  await fleet.phase(second, 'in-step', 30_000);
  await equal(first, second);
});

test.each(['new', 'old'] as const)(
  'a %s server that answers late has fewer copies at once, and more when it answers soon again',
  {
    timeout: 180_000,
  },
  async (side) => {
    const some = names.filter((name) => name.startsWith(`late-${side}-`));
    const proxy = proxies.get(side);
    const [inStep, waiting] = [some.slice(0, 4), some.slice(4)];
    for (const name of inStep) await put(name, 1);
    for (const name of waiting) await put(name, 300);
    const limits = `[${side}.limits]\nlatency_brake_ms = 200\nmessages_per_second = 25\nconnections = 40\n`;
    const { fleet, copying } = await place(some, limits, side);
    for (const name of inStep) await fleet.begin(name);
    for (const name of inStep) await fleet.phase(name, 'in-step', 30_000);
    // The short commands of their passes tell how late the server is.
    const over = new AbortController();
    const busy = inStep.map(async (name) => {
      while (!over.signal.aborted) {
        await put(name, 1);
        await pause(500);
      }
    });
    for (const name of waiting) await fleet.begin(name);
    await until(20_000, async () => (await copying()) === 4);
    proxy?.delay(400);
    await until(45_000, async () => (await copying()) === 1);
    proxy?.delay(0);
    await until(45_000, async () => (await copying()) === 4);
    over.abort();
    await Promise.all(busy);
    for (const name of waiting) await fleet.phase(name, 'in-step', 90_000);
    await until(30_000, async () => (await onNew(inStep[0] ?? '')) > 1);
    await equal(...waiting);
  },
);
