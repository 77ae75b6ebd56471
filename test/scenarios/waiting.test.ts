/** What an account waits for on a server comes by itself when it is there, in simulated time. */
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { mailboxProblemsOf } from '../../src/state/database/mailbox-problems.ts';
import { addRequest } from '../../src/state/database/requests.ts';
import { type MemoryAccount, type MemoryFleet, makeMemoryFleet } from './memory-fleet.ts';
import { stopSimulatedPostgres } from './simulated-postgres.ts';

let fleet: MemoryFleet;

afterAll(stopSimulatedPostgres);
beforeEach(async () => {
  fleet = await makeMemoryFleet();
});
afterEach(() => fleet.close());

const onNew = ({ world }: MemoryAccount, mailbox = 'INBOX') =>
  world.fresh.find(mailbox)?.messages.length ?? 0;
const problemsOf = ({ id }: MemoryAccount) => mailboxProblemsOf(fleet.database.db, id);
const minutes = 60_000;
const timingOfWorkers = { pollMs: 30_000 };

test('a mailbox that does not open keeps its account from nothing, and is told after five minutes', async () => {
  const account = await fleet.add();
  const { world } = account;
  account.deliver('INBOX', 'a', 'b');
  account.deliver('Archiv', 'x');
  const shut = world.old.misbehave({ kind: 'not-selectable', mailbox: 'Archiv' });
  await fleet.start();
  await fleet.inStep(account);
  expect(onNew(account)).toBe(2);
  expect(await problemsOf(account)).toMatchObject([{ mailbox: 'Archiv', code: 'mailbox-unusable' }]);
  expect((await account.notes()).attention).toBeNull();
  const told = fleet.clock.monotonic();
  await fleet.until(16 * minutes, async () => (await account.notes()).attention?.code === 'mailbox-unusable');
  expect(fleet.clock.monotonic() - told).toBeGreaterThanOrEqual(5 * minutes - 2_000);
  account.deliver('INBOX', 'c');
  await fleet.until(minutes, () => onNew(account) === 3);
  shut.stop();
  await fleet.until(11 * minutes, () => onNew(account, 'Archiv') === 1);
  await fleet.until(minutes, async () => (await account.notes()).attention === null);
  expect(await problemsOf(account)).toEqual([]);
  expect(await fleet.judged()).toEqual([]);
});

test('a mailbox that new does not create is told at once, and follows when it may be created', async () => {
  const account = await fleet.add();
  const { world } = account;
  account.deliver('INBOX', 'a');
  account.deliver('Archiv', 'x');
  const refused = world.fresh.misbehave({ kind: 'create-refused', mailbox: 'Archiv' });
  await fleet.start();
  await fleet.inStep(account);
  expect((await account.notes()).attention).toMatchObject({ code: 'mailbox-not-created' });
  refused.stop();
  await fleet.until(2 * minutes, () => onNew(account, 'Archiv') === 1);
  await fleet.until(minutes, async () => (await account.notes()).attention === null);
  expect(await fleet.judged()).toEqual([]);
});

test('an INBOX that does not open keeps its account from being in step', async () => {
  const account = await fleet.add();
  account.deliver('INBOX', 'a');
  account.deliver('Archiv', 'x');
  const shut = account.world.old.misbehave({ kind: 'not-selectable', mailbox: 'INBOX', statusToo: true });
  await fleet.start();
  await fleet.until(minutes, async () => (await account.notes()).attention?.code === 'mailbox-unusable');
  expect(onNew(account, 'Archiv')).toBe(1);
  await expect(fleet.inStep(account)).rejects.toThrow('did not come true');
  shut.stop();
  await fleet.until(16 * minutes, () => onNew(account) === 1);
  await fleet.inStep(account);
  expect(await fleet.judged()).toEqual([]);
});

test('what did not fit follows within ten minutes of there being room, though nothing new comes', async () => {
  const account = await fleet.add({ fresh: { quota: { messages: 2 } } });
  const { world } = account;
  account.deliver('INBOX', 'a', 'b', 'c', 'd');
  await fleet.start();
  await fleet.inStep(account);
  expect((await account.notes()).attention).toMatchObject({ code: 'over-quota' });
  const passes = () => world.fresh.log.filter(({ op }) => op === 'LIST').length;
  const before = passes();
  await fleet.clock.sleep(60 * minutes);
  // By the clock after 1, 2, 4, 8 and then each 10 minutes.
  expect(passes() - before).toBeGreaterThan(6);
  expect(passes() - before).toBeLessThan(11);
  world.fresh.user.setQuota({});
  await fleet.until(10 * minutes + 5_000, () => onNew(account) === 4);
  await fleet.until(5_000, async () => (await account.notes()).attention === null);
  expect(await fleet.judged()).toEqual([]);
});

test('a full account that gets room soon has its mail within a minute or two', async () => {
  const account = await fleet.add({ fresh: { quota: { messages: 2 } } });
  account.deliver('INBOX', 'a', 'b', 'c', 'd');
  await fleet.start();
  await fleet.inStep(account);
  // Let the first pass of the account in step go by.
  await fleet.clock.sleep(5_000);
  account.world.fresh.user.setQuota({});
  await fleet.until(65_000, () => onNew(account) === 4);
  expect(await fleet.judged()).toEqual([]);
});

test('after an outage of hours all accounts go on within about a minute of the server being back', async () => {
  const accounts: MemoryAccount[] = [];
  for (let n = 0; n < 6; n++) accounts.push(await fleet.add());
  for (const account of accounts) account.deliver('INBOX', 'a');
  await fleet.start();
  for (const account of accounts) await fleet.inStep(account);
  const away = accounts.map(({ world }) =>
    world.old.misbehave({ kind: 'refuse-login', code: 'unreachable', text: 'no answer', times: 1e6 }),
  );
  for (const { world } of accounts) world.old.cutAll('the machine is off');
  const logins = () =>
    accounts.reduce((sum, { world }) => sum + world.old.log.filter(({ op }) => op === 'LOGIN').length, 0);
  await fleet.clock.sleep(20 * minutes);
  const before = logins();
  await fleet.clock.sleep(10 * minutes);
  // One that tries in each minute, with its two connections at most, and those whose own pause is over.
  expect(logins() - before).toBeLessThan(40);
  for (const account of accounts) account.deliver('INBOX', 'b');
  for (const fault of away) fault.stop();
  const back = fleet.clock.monotonic();
  await fleet.until(3 * minutes, () => accounts.every((account) => onNew(account) === 2));
  // The breaker lets somebody through once a minute, a quarter later at the latest.
  expect(fleet.clock.monotonic() - back).toBeLessThan(2.5 * minutes);
  expect(await fleet.judged()).toEqual([]);
});

/** Beside it others are copied, two at a time; it alone would take minutes. */
async function addGiant(): Promise<MemoryAccount> {
  const account = await fleet.add();
  account.world.fresh.misbehave({ kind: 'slow', op: 'APPEND', byMs: 200 });
  account.deliver('INBOX', ...Array.from({ length: 1_500 }, (_, i) => `g${i}`));
  return account;
}

test('accounts with giant mailboxes starve nobody: small ones are in step while they are copied', async () => {
  const giants = [await addGiant(), await addGiant()];
  const small = [];
  for (let i = 0; i < 6; i++) {
    const account = await fleet.add();
    account.deliver('INBOX', 'a', 'b', 'c');
    small.push(account);
  }
  await fleet.start();
  for (const account of small) await fleet.inStep(account);
  for (const giant of giants) expect(onNew(giant)).toBeLessThan(1_500);
  for (const giant of giants) await fleet.until(30 * minutes, () => onNew(giant) === 1_500);
  expect(await fleet.judged()).toEqual([]);
});

test('whoever waits for the own account goes before those that were started for many', async () => {
  await addGiant();
  await addGiant();
  const many = [];
  for (let i = 0; i < 6; i++) {
    const account = await fleet.add();
    account.deliver('INBOX', ...Array.from({ length: 50 }, (_, n) => `m${n}`));
    many.push(account);
  }
  const person = await fleet.add();
  person.deliver('INBOX', 'a');
  await addRequest(fleet.database.db, person.id, 'look-now');
  await fleet.start();
  await fleet.inStep(person);
  // Two may have had their turn already when the person's account was looked at.
  const done = many.filter((account) => onNew(account) === 50);
  expect(done.length).toBeLessThanOrEqual(2);
  expect(await fleet.judged(person)).toEqual([]);
});

test('accounts in step with very much to do starve nobody that is in step', {
  timeout: 180_000,
}, async () => {
  const giants: MemoryAccount[] = [];
  for (let i = 0; i < 12; i++) giants.push(await fleet.add());
  const small = await fleet.add();
  for (const account of [...giants, small]) account.deliver('INBOX', 'a');
  await fleet.start();
  for (const account of [...giants, small]) await fleet.inStep(account);
  await fleet.clock.sleep(5_000);
  // More of them than there are turns, and each is at it for minutes.
  for (const { world, deliver } of giants) {
    world.fresh.misbehave({ kind: 'slow', op: 'APPEND', byMs: 2_000 });
    deliver('INBOX', ...Array.from({ length: 400 }, (_, i) => `g${i}`));
  }
  await fleet.clock.sleep(2_000);
  small.deliver('INBOX', 'b');
  await fleet.until(2.5 * minutes, () => onNew(small) === 2);
  for (const giant of giants) expect(onNew(giant)).toBeLessThan(401);
  for (const giant of giants) await fleet.until(60 * minutes, () => onNew(giant) === 401);
  expect(await fleet.judged()).toEqual([]);
});

test('accounts that a server makes pause for long keep nobody else waiting, and say so', async () => {
  const paused: MemoryAccount[] = [];
  for (let i = 0; i < 12; i++) paused.push(await fleet.add());
  const small = await fleet.add();
  for (const account of [...paused, small]) account.deliver('INBOX', 'a');
  await fleet.start();
  for (const account of [...paused, small]) await fleet.inStep(account);
  await fleet.clock.sleep(5_000);
  const faults = paused.map(({ world }) =>
    world.fresh.misbehave({ kind: 'throttle', op: 'APPEND', retryAfterMs: 15 * minutes, times: 1 }),
  );
  for (const { deliver } of paused) deliver('INBOX', 'b');
  await fleet.clock.sleep(3_000);
  small.deliver('INBOX', 'b');
  await fleet.until(minutes, () => onNew(small) === 2);
  for (const account of paused)
    await fleet.until(minutes, async () => (await account.notes()).attention?.code === 'throttled');
  for (const fault of faults) fault.stop();
  for (const account of paused) await fleet.until(17 * minutes, () => onNew(account) === 2);
  expect(await fleet.judged()).toEqual([]);
});

test.each([
  ['neither NOTIFY nor IDLE', { notify: false, idle: false }, 'INBOX'],
  ['IDLE, which tells of one mailbox', { notify: false }, 'Archiv'],
] as const)('where old has %s, mail comes within the polling time', async (_, abilities, mailbox) => {
  const account = await fleet.add({ old: { abilities } });
  account.deliver('INBOX', 'a');
  account.deliver('Archiv', 'x');
  await fleet.start();
  await fleet.inStep(account);
  for (let n = 0; n < 3; n++) {
    await fleet.clock.sleep(47_000);
    account.deliver(mailbox, `b${n}`);
    const since = fleet.clock.monotonic();
    await fleet.until(40_000, () => onNew(account, mailbox) === n + 2);
    expect(fleet.clock.monotonic() - since).toBeLessThan(timingOfWorkers.pollMs + 2_000);
  }
  expect(await fleet.judged()).toEqual([]);
});

test('an account of which no worker was told is found within a minute, one in the place of another within ten', async () => {
  const known = await fleet.add();
  known.deliver('INBOX', 'a');
  await fleet.start();
  await fleet.inStep(known);
  const late = await fleet.add({ unheard: true });
  late.deliver('INBOX', 'b');
  await fleet.until(2 * minutes, () => onNew(late) === 1);
  await fleet.inStep(late);

  // As many accounts in that shard as before.
  const { db } = fleet.database;
  const { shard } = await db
    .selectFrom('account')
    .select('shard')
    .where('id', '=', late.id)
    .executeTakeFirstOrThrow();
  const other = await fleet.add({ unheard: true });
  other.deliver('INBOX', 'c');
  await db.updateTable('account').set({ shard }).where('id', '=', other.id).execute();
  await db.updateTable('account').set({ phase: 'old' }).where('id', '=', late.id).execute();
  await fleet.until(11 * minutes, () => onNew(other) === 1);
  await fleet.inStep(other);
  expect(await fleet.judged()).toEqual([]);
});
