/** Logins that a server refuses to one account: who is asked, who waits, and that all others go on, in simulated time. */
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { setNotes } from '../../src/state/database/account-notes.ts';
import { type MemoryAccount, type MemoryFleet, makeMemoryFleet } from './memory-fleet.ts';
import { stopSimulatedPostgres } from './simulated-postgres.ts';

let fleet: MemoryFleet;
let one: MemoryAccount;
let others: MemoryAccount[];

const minutes = 60_000;
const always = 1e6;
const onNew = ({ world }: MemoryAccount) => world.fresh.find('INBOX')?.messages.length ?? 0;
const loginsOf = ({ world }: MemoryAccount) => world.old.log.filter(({ op }) => op === 'LOGIN').length;

afterAll(stopSimulatedPostgres);
beforeEach(async () => {
  fleet = await makeMemoryFleet();
  one = await fleet.add();
  others = [await fleet.add(), await fleet.add(), await fleet.add()];
  for (const account of [one, ...others]) account.deliver('INBOX', 'a', 'b');
});
afterEach(() => fleet.close());

/** All have to log in anew, and get mail. */
async function othersGoOn(tag: string): Promise<void> {
  const before = others.map(onNew);
  for (const account of others) account.world.old.cutAll('the server was restarted');
  for (const account of others) account.deliver('INBOX', tag);
  await fleet.until(minutes, () => others.every((account, n) => onNew(account) === (before[n] ?? 0) + 1));
}

async function allInStep(): Promise<void> {
  await fleet.start();
  for (const account of [one, ...others]) await fleet.inStep(account);
  await fleet.until(minutes, () => [one, ...others].every((account) => onNew(account) === 2));
}

async function refuses(how: {
  readonly code: 'account-locked' | 'throttled' | 'server-unavailable';
  readonly retryAfterMs?: number;
}) {
  const { old } = one.world;
  const fault = old.misbehave({ kind: 'refuse-login', text: 'not now', times: always, ...how });
  old.cutAll('the session was ended');
  const before = loginsOf(one);
  await fleet.until(minutes, () => loginsOf(one) > before);
  return fault;
}

test('a locked account is told to a person at the first refusal, and no other account notices', async () => {
  const locked = one.world.old.misbehave({ kind: 'refuse-login', code: 'account-locked', times: always });
  await fleet.start();
  for (const account of others) await fleet.inStep(account);
  await fleet.until(minutes, async () => (await one.notes()).attention?.code === 'account-locked');
  const tries = loginsOf(one);
  await othersGoOn('c');
  await fleet.clock.sleep(60 * minutes);
  expect(loginsOf(one)).toBe(tries);
  expect(onNew(one)).toBe(0);
  locked.stop();
  await setNotes(fleet.database.db, one.id, { attention: null }, { actor: 'test' });
  await fleet.inStep(one);
  expect(await fleet.judged()).toEqual([]);
});

test.each(['throttled', 'server-unavailable'] as const)(
  'a pause that the server names to one account (%s) is kept to its end, and others go on',
  async (code) => {
    await allInStep();
    const held = await refuses({ code, retryAfterMs: 15 * minutes });
    const since = fleet.clock.monotonic();
    // Others of its connections may have been on their way.
    await fleet.clock.sleep(500);
    const tries = loginsOf(one);
    one.deliver('INBOX', 'c');
    await othersGoOn('c');
    await fleet.clock.sleep(since + 14.5 * minutes - fleet.clock.monotonic());
    expect(loginsOf(one)).toBe(tries);
    held.stop();
    await othersGoOn('d');
    await fleet.until(2 * minutes, () => onNew(one) === 3);
    await fleet.until(minutes, async () => (await one.notes()).attention === null);
    expect(await fleet.judged()).toEqual([]);
  },
);

test('an account that is disabled on old raises the alarm, and nothing of it changes on new', async () => {
  await allInStep();
  const disabled = await refuses({ code: 'account-locked' });
  const { old, fresh, user } = { ...one.world, user: one.world.old.user };
  one.world.act(() => user.expunge('INBOX', old.mailbox('INBOX').messages[0]?.uid ?? 0));
  one.deliver('INBOX', 'c');
  await fleet.until(minutes, async () => (await one.notes()).attention?.code === 'account-locked');
  const before = JSON.stringify(fresh.picture());
  await othersGoOn('c');
  await fleet.clock.sleep(60 * minutes);
  expect(JSON.stringify(fresh.picture())).toBe(before);
  expect(onNew(one)).toBe(2);
  expect((await one.notes()).attention).toMatchObject({ code: 'account-locked' });
  // Enabled again, what happened meanwhile follows.
  disabled.stop();
  await setNotes(fleet.database.db, one.id, { attention: null }, { actor: 'test' });
  await fleet.until(2 * minutes, () => fresh.mailbox('INBOX').messages.at(-1)?.uid === 3 && onNew(one) === 2);
  expect(await fleet.judged()).toEqual([]);
});
