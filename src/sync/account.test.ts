import { expect, it } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { MemoryJournal } from '../../test/fakes/memory-journal.ts';
import { Account } from './account.ts';
import type { IntentRow } from './journal.ts';

const graceMs = 30_000;
const dayMs = 86_400_000;

function intent(id: number, clock: FakeClock): IntentRow {
  const createdAtMs = clock.now();
  return { id, mailboxId: 1, kind: 'append', newUidValidity: 1, uidNextBefore: 1, createdAtMs, messages: [] };
}

it('counts the grace of its own intent by time that passed, not by the wall', async () => {
  const clock = new FakeClock();
  const account = await Account.load(new MemoryJournal(), clock);
  await clock.advance(20_000);
  const row = intent(account.nextIntentId(), clock);
  await account.record({ step: 'append-intended', openIntents: [row] });
  clock.skew(dayMs);
  await clock.advance(10_000);
  expect(account.graceLeftMs(row, graceMs)).toBe(20_000);
  clock.skew(-2 * dayMs);
  expect(account.graceLeftMs(row, graceMs)).toBe(20_000);
});

it.each([0, dayMs, -dayMs])(
  'gives an intent of an earlier run its whole grace, though the wall clock moved %i ms',
  async (skewMs) => {
    const journal = new MemoryJournal();
    const before = new FakeClock();
    const row = intent(1, before);
    await (await Account.load(journal, before)).record({ step: 'append-intended', openIntents: [row] });
    const clock = new FakeClock({ startMs: before.now() + skewMs });
    const account = await Account.load(journal, clock);
    await clock.advance(1000);
    expect(account.graceLeftMs(row, graceMs)).toBe(29_000);
    await clock.advance(dayMs);
    expect(account.graceLeftMs(row, graceMs)).toBe(0);
  },
);
