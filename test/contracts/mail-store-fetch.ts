/** Reading: UIDs, metadata, bodies and what changed since, without leaving a trace. */
import { describe, expect, test } from 'vitest';
import type { MessageMeta } from '../../src/sync/mail-store.ts';
import type { EnvOf } from './mail-store-env.ts';
import {
  bodiesOf,
  flagSet,
  largeLetter,
  letter,
  message,
  metaOf,
  open,
  sha256,
  uidsOf,
} from './mail-store-env.ts';

/** An account whose INBOX holds these letters; gives their UIDs. */
async function filled(envOf: EnvOf, ...subjects: string[]) {
  const opened = await open(envOf);
  const { session } = opened;
  for (const subject of subjects) await session.append('INBOX', [message(letter(subject))]);
  await session.select('INBOX', 'read');
  return { ...opened, uids: uidsOf(await session.listUids()) };
}

export function describeFetch(envOf: EnvOf): void {
  describe('fetch', () => {
    test('lists no UIDs of an empty mailbox', async () => {
      const { uids, session } = await filled(envOf);
      expect(uids).toEqual([]);
      expect(await metaOf(session)).toEqual([]);
    });

    test('lists all UIDs, ascending, as spans', async ({ skip }) => {
      const { session, uids } = await filled(envOf, 'a', 'b', 'c', 'd', 'e');
      skip(!session.abilities.uidPlus, 'no UIDPLUS');
      const [, second = 0] = uids;
      await session.select('INBOX', 'write');
      await session.expunge([second]);
      const spans = await session.listUids();
      expect(spans).toEqual([
        [uids[0], uids[0]],
        [uids[2], uids[4]],
      ]);
    });

    test('gives metadata ascending by UID, with flags, date and size', async () => {
      const { session, uids } = await filled(envOf, 'a', 'b', 'c');
      const metas = await metaOf(session);
      expect(metas.map((meta) => meta.uid)).toEqual(uids);
      for (const [i, meta] of metas.entries()) {
        expect(meta.sizeBytes).toBe(letter('abc'[i] ?? '').length);
        expect(meta.internalDate).toMatch(/^[ 0-3]\d-[A-Z][a-z]{2}-\d{4} /);
        expect(meta.flags).toEqual([]);
      }
    });

    test('leaves out what was not asked for', async () => {
      const { session } = await filled(envOf, 'a');
      const metas: MessageMeta[] = [];
      const want = { date: false, size: false };
      await session.fetchMeta([[1, Number.POSITIVE_INFINITY]], want, (meta) => metas.push(meta));
      expect(metas).toMatchObject([{ internalDate: null, sizeBytes: null }]);
    });

    test('takes spans for what they say, open ones too', async () => {
      const { session, uids } = await filled(envOf, 'a', 'b', 'c', 'd');
      const [first = 0, second = 0, third = 0, last = 0] = uids;
      const found = async (...spans: [number, number][]) =>
        (await metaOf(session, spans)).map((meta) => meta.uid);
      expect(await found([first, first], [third, last])).toEqual([first, third, last]);
      expect(await found([second, Number.POSITIVE_INFINITY])).toEqual([second, third, last]);
    });

    // RFC 9051 §9 seq-range: "100:*" names the last message even where its UID is below 100.
    test('gives nothing for an open span behind the last message', async () => {
      const { session, uids } = await filled(envOf, 'a', 'b');
      const behind = (uids.at(-1) ?? 0) + 1;
      expect(await metaOf(session, [[behind, Number.POSITIVE_INFINITY]])).toEqual([]);
    });

    test('gives the bytes that were delivered, in whatever way', async () => {
      const opened = await open(envOf);
      const body = letter('delivered');
      await opened.deliver(body);
      const { session } = opened;
      await session.select('INBOX', 'read');
      const [uid = 0] = uidsOf(await session.listUids());
      expect(sha256((await bodiesOf(session, [uid])).get(uid) ?? new Uint8Array())).toBe(sha256(body));
    });

    test('says which messages are missing and gives the others', async () => {
      const { session, uids } = await filled(envOf, 'a', 'b');
      const absent = (uids.at(-1) ?? 0) + 1000;
      const bodies = await bodiesOf(session, [uids[0] ?? 0, absent, uids[1] ?? 0]);
      expect(bodies.get(absent)).toBeNull();
      expect(uids.map((uid) => sha256(bodies.get(uid) ?? new Uint8Array()))).toEqual([
        sha256(letter('a')),
        sha256(letter('b')),
      ]);
    });

    test('does not set \\Seen', async () => {
      const { session, uids } = await filled(envOf, 'a');
      await session.select('INBOX', 'write');
      await bodiesOf(session, uids);
      await session.fetchHeaderFields(uids[0] ?? 0, ['Subject']);
      expect((await metaOf(session))[0]?.flags).toEqual([]);
    });

    test('gives the header fields asked for and no others', async () => {
      const { session, uids } = await filled(envOf, 'a-subject');
      const bytes = await session.fetchHeaderFields(uids[0] ?? 0, ['Subject', 'From']);
      const text = Buffer.from(bytes).toString('latin1');
      expect(text).toContain('Subject: a-subject\r\n');
      expect(text).toContain('From: Anna <anna@old.example>\r\n');
      expect(text).not.toContain('Message-ID');
    });

    test('holds a large body back while the sink is busy', async () => {
      const { session } = await open(envOf);
      const body = largeLetter(1_500_000);
      await session.append('INBOX', [message(body)]);
      await session.select('INBOX', 'read');
      const [uid = 0] = uidsOf(await session.listUids());
      expect(sha256((await bodiesOf(session, [uid])).get(uid) ?? new Uint8Array())).toBe(sha256(body));
    });

    test('tells what changed and what vanished since a MODSEQ', async ({ skip }) => {
      const { session, uids, another } = await filled(envOf, 'a', 'b', 'c');
      skip(!session.abilities.condStore, 'no CONDSTORE');
      const [flagged = 0, expunged = 0] = uids;
      const since = (await session.select('INBOX', 'write')).status.highestModSeq ?? 0n;
      await session.storeFlags([flagged], '+', ['\\Flagged', 'Kunde']);
      if (session.abilities.uidPlus) await session.expunge([expunged]);
      await session.append('INBOX', [message(letter('d'))]);

      const reader = await another();
      const now = (await reader.select('INBOX', 'read')).status;
      expect(now.highestModSeq).toBeGreaterThan(since);
      const metas: MessageMeta[] = [];
      const { vanished } = await reader.fetchChanges({ modSeq: since }, (meta) => metas.push(meta));
      expect(metas.map((meta) => meta.uid)).toEqual([flagged, now.uidNext - 1]);
      expect(flagSet(metas[0]?.flags ?? [])).toEqual(['\\flagged', 'kunde']);
      expect(metas[0]?.modSeq).toBeGreaterThan(since);
      if (!session.abilities.qResync) expect(vanished).toBeNull();
      else if (session.abilities.uidPlus) expect(uidsOf(vanished ?? [])).toContain(expunged);
    });

    test('tells of no change where there was none', async ({ skip }) => {
      const { session, another } = await filled(envOf, 'a', 'b');
      skip(!session.abilities.condStore, 'no CONDSTORE');
      const reader = await another();
      const { highestModSeq } = (await reader.select('INBOX', 'read')).status;
      const metas: MessageMeta[] = [];
      const { vanished } = await reader.fetchChanges({ modSeq: highestModSeq ?? 0n }, (meta) =>
        metas.push(meta),
      );
      expect(metas).toEqual([]);
      expect(vanished ?? []).toEqual([]);
    });
  });
}
