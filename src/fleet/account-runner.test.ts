import type { KyselyPlugin } from 'kysely';
import { beforeEach, expect, it } from 'vitest';
import { FakeClock, settled } from '../../test/fakes/fake-clock.ts';
import { randomFrom } from '../../test/interruption/random-script.ts';
import { makeAccount } from '../../test/scenarios/simulated-account.ts';
import { openSimulatedDatabase, type SimulatedDatabase } from '../../test/scenarios/simulated-database.ts';
import { MailferryError } from '../base/errors.ts';
import { Secret } from '../base/secret.ts';
import { retryAfterMs } from '../domain/trouble.ts';
import { notesOf, setNotes } from '../state/database/account-notes.ts';
import { changePhase } from '../state/database/accounts.ts';
import { setCredential } from '../state/database/credentials.ts';
import { EnvelopeKey } from '../state/database/envelope.ts';
import { acquireLease } from '../state/database/leases.ts';
import { defaultEngineOptions } from '../sync/index.ts';
import { AccountReport } from './account-report.ts';
import { AccountRunner } from './account-runner.ts';
import type { RunnerEnv } from './runner-env.ts';
import type { Call } from './outage.ts';
import { Turns } from './turns.ts';

const actor = 'test';
let clock: FakeClock;
let database: SimulatedDatabase;
let id: string;
/** Called once, when the account's notes have been read and nobody has them yet. */
let onceRead: () => void;
/** Called once, while the servers are being reached. */
let onceTried: () => Promise<void>;
/** Of each try to reach the servers. */
let tries: number[];
let runner: AccountRunner;
/** Of each try. */
let failure: MailferryError;
/** Who waits for a server. */
let waiting: Set<Call>;
/** Whether the account is there on new. */
let made: boolean;
const outage = {
  waits: (call: Call) => {
    waiting.add(call);
    return () => waiting.delete(call);
  },
};

beforeEach(async () => {
  clock = new FakeClock();
  database = await openSimulatedDatabase(clock);
  ({ id } = await makeAccount(1, randomFrom(1), clock, database));
  await changePhase(database.db, { accountId: id, event: 'start', actor });
  const lease = await acquireLease(database.db, 'shard/1', 'w', 3_600_000);
  if (lease === null) throw new Error('somebody holds the lease');
  onceRead = () => {};
  onceTried = async () => {};
  tries = [];
  failure = new MailferryError('unreachable', 'nobody is there', { side: 'old' });
  waiting = new Set();
  made = true;
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      if (result.rows.some((row) => 'attention' in row && !('phase' in row))) {
        const act = onceRead;
        onceRead = () => {};
        act();
      }
      return result;
    },
  };
  const env: RunnerEnv = {
    database: { ...database, db: database.db.withPlugin(plugin) },
    clock,
    random: () => 0.5,
    copyTurns: new Turns(() => clock.monotonic(), 1, 1000),
    stepTurns: new Turns(() => clock.monotonic(), 1, 1000),
    outages: { old: outage, new: outage },
    engine: defaultEngineOptions,
    timing: {
      pollMs: 1000,
      distrustMs: 1000,
      lookedMs: 1000,
      restMs: 1000,
      retryAfterMs,
    },
    actor,
    engineDeps: async () => {
      tries.push(clock.monotonic());
      const act = onceTried;
      onceTried = async () => {};
      await act();
      throw failure;
    },
    isMade: async () => made,
    log: () => {},
    carried: () => {},
  };
  runner = new AccountRunner(env, lease, () => true, new AccountReport(id, undefined));
});

/** Lets everybody do what can be done now. */
async function rest(): Promise<void> {
  for (let i = 0; i < 5; i++) await settled();
}

it('hears of a pause that comes while its row is being read', async () => {
  onceRead = () => {
    database.pauseNow?.(id);
    runner.wake();
  };
  runner.start();
  await rest();
  expect(tries).toEqual([]);
  expect(runner.report.progress.activity).toBe('stopped');
  await runner.stop();
});

it('waits its pause after a failure, though the note about it wakes it', async () => {
  runner.start();
  await rest();
  runner.wake();
  await rest();
  expect(tries).toEqual([0]);
  await clock.advance(5_000);
  expect(tries).toEqual([0, 5_000]);
  expect((await notesOf(database.db, id)).attention).toMatchObject({ code: 'unreachable' });
  await runner.stop();
});

it('tries when the server is back, though its own pause is longer, and not later than that', async () => {
  runner.start();
  // After 5, 10, 20, 40, 80 and 160 s; the next pause is of 320 s.
  await clock.advance(315_000);
  expect(tries).toHaveLength(7);
  for (const call of waiting) call(30_000);
  await clock.advance(29_000);
  expect(tries).toHaveLength(7);
  await clock.advance(1_000);
  expect(tries).toHaveLength(8);
  await clock.advance(639_000);
  for (const call of waiting) call(30_000);
  await clock.advance(1_000);
  expect(tries).toHaveLength(9);
  await runner.stop();
  expect(waiting.size).toBe(0);
});

it('tries at once when somebody lifts the trouble', async () => {
  runner.start();
  await rest();
  await setNotes(database.db, id, { attention: null }, { actor });
  runner.wake();
  await rest();
  expect(tries).toEqual([0, 0]);
  await runner.stop();
});

it('waits for its account on new without a word, and begins when that is told to be there', async () => {
  made = false;
  runner.start();
  await clock.advance(60_000);
  expect(tries).toEqual([]);
  expect((await notesOf(database.db, id)).attention).toBeNull();
  made = true;
  runner.wake();
  await rest();
  expect(tries).toEqual([60_000]);
  await runner.stop();
});

it('ends at once while it waits, and does nothing more', async () => {
  runner.start();
  await rest();
  await runner.stop();
  runner.wake();
  await clock.advance(60_000);
  expect(tries).toEqual([0]);
});

it('goes on when its lease had run out and nobody ends it: it was renewed after all', async () => {
  failure = new MailferryError('lease-lost', 'w no longer holds shard/1');
  runner.start();
  await rest();
  await clock.advance(2_000);
  expect(tries).toEqual([0, 1_000, 2_000]);
  expect((await notesOf(database.db, id)).attention).toBeNull();
  runner.destroy();
  await clock.advance(5_000);
  expect(tries).toHaveLength(3);
});

it('tries again at once, and asks nobody, when the secret was changed while the old one was refused', async () => {
  failure = new MailferryError('login-refused', 'no', { side: 'old' });
  runner.start();
  const key = new EnvelopeKey(Buffer.alloc(32, 7));
  const secret = new Secret('the right one');
  onceTried = () => setCredential(database.db, key, { owner: id, side: 'old', login: 'u', secret }, actor);
  await rest();
  expect(tries).toEqual([0, 0]);
  const { attention } = await notesOf(database.db, id);
  expect(attention).toMatchObject({ code: 'login-refused' });
  await runner.stop();
});

it('tells when it has ended by a defect, so that another may take its place', async () => {
  onceRead = () => {
    runner.report.activity = () => {
      throw new Error('a defect');
    };
  };
  runner.start();
  await rest();
  expect(runner.ended).toBe(true);
});
