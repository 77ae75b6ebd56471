/** Watching: what other sessions change is told, and the session goes on afterwards. */
import { describe, expect, test } from 'vitest';
import type { StoreSession } from '../../src/sync/mail-store.ts';
import type { EnvOf } from './mail-store-env.ts';
import { letter, message, open, uidsOf } from './mail-store-env.ts';

interface Watching {
  readonly told: readonly string[];
  readonly covered: readonly string[] | 'all';
  /** Resolves when this mailbox has been named since the last call. */
  hears(name: string): Promise<void>;
  stop(): Promise<void>;
}

async function watching(session: StoreSession, mailboxes: readonly string[] | 'all'): Promise<Watching> {
  const told: string[] = [];
  const stop = new AbortController();
  let wake: () => void = () => undefined;
  let ended: Promise<void> = Promise.resolve();
  const covered = await new Promise<readonly string[] | 'all'>((resolve, reject) => {
    ended = session.watch(
      mailboxes,
      {
        ready: resolve,
        changed: (name) => {
          told.push(name);
          wake();
        },
      },
      stop.signal,
    );
    ended.catch(reject);
  });
  let from = 0;
  return {
    told,
    covered,
    hears: async (name) => {
      while (!told.includes(name, from)) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      from = told.length;
    },
    stop: async () => {
      stop.abort(new Error('enough'));
      await ended;
    },
  };
}

export function describeWatch(envOf: EnvOf): void {
  describe('a watch', () => {
    test('tells of a delivery, a flag and a removal made by others', async () => {
      const { session, another, deliver } = await open(envOf);
      if (!session.abilities.idle && !session.abilities.notify) return;
      const other = await another();
      const watch = await watching(session, ['INBOX']);
      expect(watch.covered).toEqual(['INBOX']);
      await deliver(letter('a'));
      await watch.hears('INBOX');
      await other.select('INBOX', 'write');
      const uids = uidsOf(await other.listUids());
      await other.storeFlags(uids, '+', ['\\Flagged']);
      // NOTIFY tells of flags by their MODSEQ (RFC 5465 §5.1), so without CONDSTORE it has nothing to say.
      if (session.abilities.condStore || !session.abilities.notify) await watch.hears('INBOX');
      if (other.abilities.uidPlus) {
        await other.expunge(uids);
        await watch.hears('INBOX');
      }
      await watch.stop();
    });

    test('leaves the session usable when it is stopped', async () => {
      const { session } = await open(envOf);
      if (!session.abilities.idle && !session.abilities.notify) return;
      const watch = await watching(session, 'all');
      await watch.stop();
      await session.append('INBOX', [message(letter('b'))]);
      expect((await session.select('INBOX', 'read')).status.messages).toBe(1);
    });

    test('covers every mailbox where NOTIFY is offered, else the first', async () => {
      const { session, another, at } = await open(envOf);
      if (!session.abilities.idle && !session.abilities.notify) return;
      const other = await another();
      const [one, two] = [at('One'), at('Two')];
      await other.create(one, null);
      await other.create(two, null);
      const watch = await watching(session, [one, two]);
      const covered = session.abilities.notify ? [one, two] : [one];
      expect(watch.covered).toEqual(covered);
      for (const name of covered) {
        await other.append(name, [message(letter('c'))]);
        await watch.hears(name);
      }
      await watch.stop();
    });

    test('tells of a subscription where NOTIFY is offered', async () => {
      const { session, another, at } = await open(envOf);
      if (!session.abilities.notify) return;
      const other = await another();
      await other.create(at('Wanted'), null);
      const watch = await watching(session, 'all');
      await other.subscribe(at('Wanted'));
      await watch.hears(at('Wanted'));
      await watch.stop();
    });

    test('makes commands wait until it is stopped', async () => {
      const { session } = await open(envOf);
      if (!session.abilities.idle && !session.abilities.notify) return;
      const watch = await watching(session, ['INBOX']);
      const done: string[] = [];
      const noop = session.noop().then(() => done.push('noop'));
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (!session.abilities.notify) expect(done).toEqual([]);
      await watch.stop();
      await noop;
    });

    test('does nothing for a signal that has been aborted', async () => {
      const { session } = await open(envOf);
      const listener = { ready: () => undefined, changed: () => undefined };
      await session.watch('all', listener, AbortSignal.abort(new Error('never mind')));
      await session.noop();
    });

    test('is refused where the server has neither NOTIFY nor IDLE', async () => {
      const { session } = await open(envOf);
      if (session.abilities.idle || session.abilities.notify) return;
      await expect(watching(session, 'all')).rejects.toMatchObject({ code: 'command-refused' });
    });

    test('rejects when the session is destroyed', async () => {
      const { session } = await open(envOf);
      if (!session.abilities.idle && !session.abilities.notify) return;
      const watch = await watching(session, ['INBOX']);
      session.destroy(new Error('gone'));
      await expect(watch.stop()).rejects.toMatchObject({ code: 'connection-lost' });
    });
  });
}
