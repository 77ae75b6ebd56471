/** Changing what is there: flags, moves, and expunging exactly the named messages. */
import { describe, expect, test } from 'vitest';
import type { EnvOf } from './mail-store-env.ts';
import { flagSet, letter, message, metaOf, open, uidsOf } from './mail-store-env.ts';

/** An INBOX of three letters, selected for writing, and a mailbox "Other". */
async function three(envOf: EnvOf) {
  const opened = await open(envOf);
  const { session, at } = opened;
  for (const subject of ['a', 'b', 'c']) await session.append('INBOX', [message(letter(subject))]);
  await session.create(at('Other'), null);
  await session.select('INBOX', 'write');
  const [first = 0, second = 0, third = 0] = uidsOf(await session.listUids());
  return { ...opened, first, second, third };
}

export function describeChanges(envOf: EnvOf): void {
  describe('changes', () => {
    test('adds and removes exactly the flags named, on exactly the messages named', async () => {
      const { session, first, second } = await three(envOf);
      expect(await session.storeFlags([first, second], '+', ['\\Seen', '\\Flagged', 'Kunde'])).toEqual({
        kind: 'done',
      });
      expect(await session.storeFlags([second], '-', ['\\Flagged'])).toEqual({ kind: 'done' });
      const flags = (await metaOf(session)).map((meta) => flagSet(meta.flags));
      expect(flags).toEqual([['\\flagged', '\\seen', 'kunde'], ['\\seen', 'kunde'], []]);
    });

    test('ignores UIDs that are not there when it stores flags', async () => {
      const { session, third } = await three(envOf);
      expect(await session.storeFlags([third, third + 1000], '+', ['\\Seen'])).toEqual({ kind: 'done' });
      expect((await metaOf(session, [[third, third]]))[0]?.flags).toEqual(['\\Seen']);
    });

    test('expunges exactly the named messages, whatever else is marked \\Deleted', async ({ skip }) => {
      const { session, first, second, third } = await three(envOf);
      skip(!session.abilities.uidPlus, 'no UIDPLUS');
      await session.storeFlags([second], '+', ['\\Deleted']);
      expect(await session.expunge([first])).toEqual({ kind: 'done' });
      expect(uidsOf(await session.listUids())).toEqual([second, third]);
    });

    test('never expunges without UIDPLUS', async ({ skip }) => {
      const { session, first } = await three(envOf);
      skip(session.abilities.uidPlus, 'UIDPLUS is there');
      expect((await session.expunge([first])).kind).toBe('refused');
      expect(uidsOf(await session.listUids())).toHaveLength(3);
    });

    test('moves the named messages with their flags and says where they lie now', async ({ skip }) => {
      const { session, at, first, second, third } = await three(envOf);
      skip(!session.abilities.move && !session.abilities.uidPlus, 'neither MOVE nor UIDPLUS');
      await session.storeFlags([first], '+', ['\\Flagged']);
      const outcome = await session.move([first, third], at('Other'));
      expect(outcome.kind).toBe('done');
      expect(uidsOf(await session.listUids())).toEqual([second]);
      await session.select(at('Other'), 'read');
      const metas = await metaOf(session);
      expect(metas.map((meta) => flagSet(meta.flags))).toEqual([['\\flagged'], []]);
      const given = outcome.kind === 'done' && 'uids' in outcome ? outcome.uids : null;
      if (given) {
        expect(given).toEqual([
          [first, metas[0]?.uid],
          [third, metas[1]?.uid],
        ]);
      }
    });

    test('moves nothing into a mailbox that is not there', async ({ skip }) => {
      const { session, at, first, second, third } = await three(envOf);
      skip(!session.abilities.move && !session.abilities.uidPlus, 'neither MOVE nor UIDPLUS');
      expect(await session.move([first], at('Absent'))).toMatchObject({
        kind: 'refused',
        reason: { class: 'try-create' },
      });
      expect(uidsOf(await session.listUids())).toEqual([first, second, third]);
    });
  });
}
