/** A session's life: order of commands, closing, cutting, giving up. */
import { describe, expect, test } from 'vitest';
import type { EnvOf } from './mail-store-env.ts';
import { largeLetter, letter, message, open, uidsOf } from './mail-store-env.ts';

export function describeLife(envOf: EnvOf): void {
  describe('a session', () => {
    test('carries commands out in the order of the calls, without being awaited', async () => {
      const { session, at } = await open(envOf);
      const answers: string[] = [];
      const noted = <T>(name: string, answer: Promise<T>) =>
        answer.then((value) => {
          answers.push(name);
          return value;
        });
      const name = at('Ordered');
      const [created, first, second, selected, uids] = await Promise.all([
        noted('create', session.create(name, null)),
        noted('append', session.append(name, [message(letter('a'))])),
        noted('append', session.append(name, [message(largeLetter(50_000))])),
        noted('select', session.select(name, 'read')),
        noted('uids', session.listUids()),
      ]);
      expect(created.kind).toBe('done');
      expect([first.kind, second.kind]).toEqual(['stored', 'stored']);
      expect(selected.status.messages).toBe(2);
      expect(uidsOf(uids)).toHaveLength(2);
      // A server whose SELECT leaves something out costs one question more, behind what was called meanwhile.
      expect(answers.slice(0, 3)).toEqual(['create', 'append', 'append']);
    });

    test('sees what another session changed', async () => {
      const { session, another } = await open(envOf);
      const other = await another();
      await other.append('INBOX', [message(letter('a'))]);
      expect((await session.status('INBOX')).messages).toBe(1);
      await session.select('INBOX', 'read');
      expect(uidsOf(await session.listUids())).toHaveLength(1);
    });

    test('is closed after close, and refuses further commands', async () => {
      const { session } = await open(envOf);
      await session.close();
      expect(session.closed).toBe(true);
      await expect(session.noop()).rejects.toMatchObject({ code: 'connection-lost' });
      await session.close();
    });

    test('rejects what is under way with connection-lost when it is destroyed', async () => {
      const { session } = await open(envOf);
      await session.append('INBOX', [message(largeLetter(3_000_000))]);
      await session.select('INBOX', 'read');
      const uids = uidsOf(await session.listUids());
      let chunks = 0;
      const fetching = session.fetchBodies(uids, {
        begin: () => undefined,
        chunk: () => {
          chunks += 1;
          if (chunks === 1) session.destroy(new Error('enough'));
        },
        end: () => {
          throw new Error('the body must not come to its end');
        },
        missing: () => {
          throw new Error('a cut is not a missing message');
        },
      });
      const queued = session.noop();
      await expect(fetching).rejects.toMatchObject({ code: 'connection-lost' });
      await expect(queued).rejects.toMatchObject({ code: 'connection-lost' });
      expect(session.closed).toBe(true);
    });

    test('does not open for a signal that has been aborted', async () => {
      const { store } = await open(envOf);
      await expect(store.openSession(AbortSignal.abort(new Error('no more')))).rejects.toThrow();
    });

    test('names its account without a secret', async () => {
      const { store } = await open(envOf);
      expect(Object.keys(store.identity).sort()).toEqual(['host', 'port', 'user']);
    });
  });
}
