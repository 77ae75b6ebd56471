import { expect, test } from 'vitest';
import { saveDetails } from '../state/database/account-detail.ts';
import { addAccount } from '../state/database/accounts.ts';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { openSimulatedDatabase } from '../../test/scenarios/simulated-database.ts';
import { rememberedEffort } from './recent-effort.ts';

test('what copies took is asked once for many, and again after a minute, at once where nothing was known', async () => {
  const clock = new FakeClock();
  const database = await openSimulatedDatabase(clock);
  const anna = { address: 'anna@example.org', oldLogin: 'anna', newLogin: 'anna' };
  const accountId = await addAccount(database.db, anna, 'test', 0);
  const save = (messages: number) => {
    const detail = { mailboxes: [], carried: [], rate: null, countedMs: 0 };
    return saveDetails(database.db, [{ accountId, detail, effort: { ms: 1_000, messages, bytes: 5 } }]);
  };
  const effort = rememberedEffort(database.db, clock);
  expect(await effort()).toBeNull();
  await save(7);
  expect(await effort()).toMatchObject({ messages: 7 });
  await save(8);
  expect(await Promise.all([effort(), effort()])).toMatchObject([{ messages: 7 }, { messages: 7 }]);
  await clock.advance(60_000);
  expect(await effort()).toMatchObject({ messages: 8 });
  await database.close();
});
