/** What people are told of a streamed message that leaves old before anybody knows whether new has stored it. */
import { expect, it } from 'vitest';
import { letter } from './letters.ts';
import { crashed, run } from './run.ts';
import { World } from './world.ts';

/** A world whose only upload was cut off: after it was stored, or before. */
async function interrupted(where: 'stored' | 'not stored', mailbox = 'INBOX'): Promise<World> {
  const world = World.create({ fresh: { abilities: { multiAppend: false } } });
  world.act(() => {
    if (mailbox !== 'INBOX') world.old.user.create(mailbox);
    world.old.user.append(mailbox, letter('big', { sizeBytes: 3000 }));
  });
  const step = (await stepsUntil(world.clone(), 'append-intended')) + (where === 'stored' ? 1 : 0);
  await crashed(world, { crash: { step, when: where === 'stored' ? 'before' : 'after' } });
  expect(world.fresh.find(mailbox)?.messages.length).toBe(where === 'stored' ? 1 : 0);
  return world;
}

async function stepsUntil(world: World, name: string): Promise<number> {
  await run(world);
  return world.journal.entries.indexOf(name) + 1;
}

it('names a copy on new that may be the message', async () => {
  const world = await interrupted('stored');
  world.act(() => world.old.user.expunge('INBOX', 1));
  await run(world);
  expect(world.notices).toEqual([
    'outcome-unknown UID 1 of INBOX was removed on old while it was on its way; INBOX on new has it as UID 1',
  ]);
  expect(world.fresh.mailbox('INBOX').messages).toHaveLength(1);
});

it('counts it as gone where new has nothing like it', async () => {
  const world = await interrupted('not stored');
  world.act(() => world.old.user.expunge('INBOX', 1));
  const { messages } = await run(world);
  expect(messages).toMatchObject({ vanished: 1, copied: 0 });
  expect(world.notices).toEqual([]);
});

it('says so once', async () => {
  const world = await interrupted('stored');
  world.act(() => world.old.user.expunge('INBOX', 1));
  await run(world);
  await run(world);
  expect(world.notices).toHaveLength(1);
});

it('names the copy where UIDVALIDITY changed on old as well', async () => {
  const world = await interrupted('stored');
  world.act(() => {
    world.old.user.expunge('INBOX', 1);
    world.old.user.changeUidValidity('INBOX');
  });
  await run(world);
  expect(world.notices.join('\n')).toContain('INBOX on new has it as UID 1');
});

it('says nothing where UIDVALIDITY changed and the message is still there', async () => {
  const world = await interrupted('stored');
  world.act(() => world.old.user.changeUidValidity('INBOX'));
  await run(world);
  expect(world.notices).toEqual([]);
  expect(world.fresh.mailbox('INBOX').messages).toHaveLength(1);
});

it('says that nobody can tell any more where the mailbox is gone on old', async () => {
  const world = await interrupted('stored', 'Liste');
  world.act(() => world.old.user.delete('Liste'));
  await run(world);
  expect(world.notices).toEqual([
    'outcome-unknown Liste was removed on old before it was known whether new has stored what was on its way ' +
      '(messages: 1); see Liste on new',
  ]);
});
