import { beforeEach, expect, it } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { type ErrorCode, MailferryError } from '../base/errors.ts';
import { Outage, waitsForServer } from './outage.ts';
import { ServerBudget } from './server-budget.ts';

let clock: FakeClock;
let budget: ServerBudget;
let outage: Outage;
let calls: (readonly [string, number])[];
let draw: number;

beforeEach(() => {
  clock = new FakeClock();
  calls = [];
  draw = 0;
  budget = new ServerBudget(clock, () => 0.5, 10);
  outage = new Outage(budget, () => draw++ / 4);
});

const waits = (name: string) => outage.waits((inMs) => void calls.push([name, inMs]));
const away = (code: ErrorCode = 'unreachable', side?: 'old') =>
  new MailferryError(code, 'no answer', { side });

function breaks(): void {
  for (let i = 0; i < 3; i++) budget.opened(away(), 'anna');
}

/** As an account that was let through: it has a place, and tells how it went. */
async function tries(error: MailferryError | null): Promise<void> {
  const place = await budget.place('pass');
  budget.opened(error, 'anna');
  place.release();
}

it('calls all who wait, over a minute, when one got through', async () => {
  breaks();
  for (const name of ['a', 'b', 'c']) waits(name);
  await clock.advance(1_000);
  await tries(null);
  expect(calls).toEqual([
    ['a', 0],
    ['b', 15_000],
    ['c', 30_000],
  ]);
  breaks();
  await clock.advance(1_000);
  await tries(null);
  expect(calls).toHaveLength(3);
});

it('calls nobody while the server was never away', async () => {
  waits('a');
  outage.look();
  await tries(null);
  expect(calls).toEqual([]);
});

it('sends one after the other to try, as often as the breaker lets somebody through', async () => {
  breaks();
  for (const name of ['a', 'b']) waits(name);
  outage.look();
  expect(calls).toEqual([]);
  await clock.advance(1_000);
  outage.look();
  expect(calls).toEqual([['a', 0]]);
  const place = await budget.place('pass');
  // While one tries, nobody else is sent.
  outage.look();
  budget.opened(away(), 'anna');
  place.release();
  outage.look();
  expect(calls).toHaveLength(1);
  await clock.advance(2_000);
  outage.look();
  expect(calls).toEqual([
    ['a', 0],
    ['b', 0],
  ]);
});

it('forgets who waits no more', async () => {
  breaks();
  waits('a')();
  await clock.advance(1_000);
  outage.look();
  await tries(null);
  expect(calls).toEqual([]);
});

it('is for servers that are away, not for those that ask for a pause or refuse the account', () => {
  const codes: ErrorCode[] = [
    'unreachable',
    'dns-failed',
    'connection-lost',
    'connect-timeout',
    'server-unavailable',
  ];
  for (const code of codes) expect(waitsForServer(away(code, 'old'))).toBe(true);
  for (const code of ['throttled', 'login-refused', 'too-many-connections'] as const)
    expect(waitsForServer(away(code, 'old'))).toBe(false);
  expect(waitsForServer(away('unreachable'))).toBe(false);
});

it('does not call an account before the pause that the server named to it is over', () => {
  const told = (retryAfterMs?: number) =>
    new MailferryError('server-unavailable', 'later', { side: 'old', atLogin: true, retryAfterMs });
  expect(waitsForServer(told(900_000))).toBe(false);
  expect(waitsForServer(told())).toBe(true);
});
