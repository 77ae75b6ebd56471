import { expect, it } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { randomFrom } from '../../test/interruption/random-script.ts';
import { makeAccount } from '../../test/scenarios/simulated-account.ts';
import { openSimulatedDatabase } from '../../test/scenarios/simulated-database.ts';
import { MailferryError } from '../base/errors.ts';
import { notesOf, setNotes } from '../state/database/account-notes.ts';
import { acquireLease } from '../state/database/leases.ts';
import type { CopyResult } from '../sync/index.ts';
import { PassOutcome } from './pass-outcome.ts';

it('lifts what a pass shows to be over, but not that old’s list lacks the account', async () => {
  const clock = new FakeClock();
  const database = await openSimulatedDatabase(clock);
  const { id } = await makeAccount(1, randomFrom(1), clock, database);
  const lease = await acquireLease(database.db, 'shard/1', 'w', 3_600_000);
  if (lease === null) throw new Error('somebody holds the lease');
  const outcome = new PassOutcome({ database, clock, actor: 'test' }, id, lease);
  const good = { deletionsStopped: null, refused: [], problems: [], mailboxes: [] } as unknown as CopyResult;
  const codeNow = async () => (await notesOf(database.db, id)).attention?.code ?? null;
  await outcome.failed(new MailferryError('unreachable', 'nobody is there', { side: 'old' }));
  expect(await codeNow()).toBe('unreachable');
  await outcome.passed(good);
  expect(await codeNow()).toBeNull();
  const attention = { code: 'account-vanished', reason: 'gone', action: 'Look.', sinceMs: 5 } as const;
  await setNotes(database.db, id, { attention }, { actor: 'discovery' });
  await outcome.passed(good);
  expect(await codeNow()).toBe('account-vanished');
});
