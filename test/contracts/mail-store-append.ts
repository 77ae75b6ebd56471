/** APPEND: what is stored is what was given, all of it or nothing. */
import { describe, expect, test } from 'vitest';
import { bytesOf, concatBytes } from '../../src/base/bytes.ts';
import type { AppendMessage } from '../../src/sync/mail-store.ts';
import type { EnvOf, Opened } from './mail-store-env.ts';
import {
  bodiesOf,
  flagSet,
  largeLetter,
  letter,
  message,
  metaOf,
  momentOf,
  open,
  sha256,
  sourceOf,
  uidsAfter,
} from './mail-store-env.ts';

/** Appends one message to INBOX and reads it back. */
async function stored({ session }: Opened, one: AppendMessage) {
  const outcome = await session.append('INBOX', [one]);
  const [uid = 0] = await uidsAfter(session, 'INBOX', outcome);
  await session.select('INBOX', 'read');
  const [meta] = await metaOf(session, [[uid, uid]]);
  return { uid, meta, body: (await bodiesOf(session, [uid])).get(uid) };
}

export function describeAppend(envOf: EnvOf): void {
  describe('append', () => {
    test('stores one message and names its UID where it can', async () => {
      const { session } = await open(envOf);
      const before = await session.status('INBOX');
      const outcome = await session.append('INBOX', [message(letter('a'))]);
      expect(outcome.kind).toBe('stored');
      if (outcome.kind === 'stored' && session.abilities.uidPlus) {
        expect(outcome).toEqual({
          kind: 'stored',
          uidValidity: before.uidValidity,
          uids: [before.uidNext],
        });
      }
      expect((await session.status('INBOX')).messages).toBe(1);
    });

    test('stores many in the order given, in one command', async ({ skip }) => {
      const { session } = await open(envOf);
      skip(!session.abilities.multiAppend, 'no MULTIAPPEND');
      const subjects = Array.from({ length: 30 }, (_, i) => `number-${i}`);
      const outcome = await session.append(
        'INBOX',
        subjects.map((subject) => message(letter(subject))),
      );
      const uids = await uidsAfter(session, 'INBOX', outcome);
      expect(uids).toEqual([...uids].sort((a, b) => a - b));
      await session.select('INBOX', 'read');
      const bodies = await bodiesOf(session, uids);
      const found = uids.map(
        (uid) =>
          Buffer.from(bodies.get(uid) ?? [])
            .toString('latin1')
            .match(/^Subject: (.*)\r$/m)?.[1],
      );
      expect(found).toEqual(subjects);
    });

    test('stores none of many when one is refused', async ({ skip }) => {
      const opened = await open(envOf);
      const { session } = opened;
      skip(!session.abilities.multiAppend, 'no MULTIAPPEND');
      const outcome = await session.append('INBOX', [
        message(letter('a')),
        message(letter('b'), { internalDate: '99-Foo-2026 00:00:00 +0000' }),
        message(letter('c')),
      ]);
      expect(outcome.kind).not.toBe('stored');
      expect((await (await opened.another()).status('INBOX')).messages).toBe(0);
    });

    test('never gives a UID twice', async ({ skip }) => {
      const { session } = await open(envOf);
      skip(!session.abilities.uidPlus, 'no UIDPLUS');
      const first = await uidsAfter(session, 'INBOX', await session.append('INBOX', [message(letter('a'))]));
      await session.select('INBOX', 'write');
      await session.expunge(first);
      const next = await uidsAfter(session, 'INBOX', await session.append('INBOX', [message(letter('b'))]));
      expect(next[0]).toBeGreaterThan(first[0] ?? 0);
    });

    test('keeps system flags and keywords', async () => {
      const flags = ['\\Seen', '\\Answered', '\\Flagged', '\\Draft', '$Forwarded', 'Kunde'];
      const { meta } = await stored(await open(envOf), message(letter('a'), { flags }));
      expect(flagSet(meta?.flags ?? [])).toEqual(flagSet(flags));
    });

    test.each([
      '17-Jul-1996 02:44:25 -0700',
      '01-Jan-2026 00:00:00 +0000',
      ' 5-Mar-2004 23:59:59 +0545',
      '29-Feb-2024 12:00:00 +0100',
    ])('keeps the date %s', async (internalDate) => {
      const { meta } = await stored(await open(envOf), message(letter('a'), { internalDate }));
      expect(momentOf(meta?.internalDate ?? null)).toBe(momentOf(internalDate));
      // The lab's servers are in UTC, and tell every moment in their own zone.
      if (envOf().ways.keepsZone) expect(meta?.internalDate).toBe(internalDate);
      else expect(meta?.internalDate).toMatch(/ \+0000$/);
    });

    test('lets the server choose the date where none is given', async () => {
      const { meta } = await stored(await open(envOf), message(letter('a')));
      expect(momentOf(meta?.internalDate ?? null)).toBeGreaterThan(Date.UTC(2020, 0, 1));
    });

    const eightBitBody = concatBytes([letter('bytes', ''), Buffer.from('\x80\xfe\xff\xa0\r\n', 'latin1')]);
    const cases: readonly (readonly [string, Uint8Array])[] = [
      ['8-bit bytes in the body', eightBitBody],
      ['a line of 70,000 bytes', letter('long', 'x'.repeat(70_000))],
      ['a header of 20,000 bytes', letter('h'.repeat(20_000))],
      ['a header alone', bytesOf('Subject: only a header\r\n\r\n')],
      ['lines that look like the protocol', letter('trap', ')\r\na OK done\r\n* BYE\r\n{5}\r\n.\r\n')],
      ['5 MB', largeLetter(5_000_000)],
    ];
    test.each(cases)('stores a message with %s byte by byte', async (_, body) => {
      const found = await stored(await open(envOf), message(body));
      expect(sha256(found.body ?? new Uint8Array())).toBe(sha256(body));
    });

    test('stores a message without a line end at its end, where the server adds none', async ({ skip }) => {
      skip(!envOf().ways.keepsOpenEnd, 'the server adds one');
      const body = letter('open').subarray(0, -2);
      const found = await stored(await open(envOf), message(body));
      expect(sha256(found.body ?? new Uint8Array())).toBe(sha256(body));
    });

    test('stores a header with 8-bit bytes, where the server leaves them alone', async ({ skip }) => {
      skip(!envOf().ways.keepsEightBitHeader, 'the server refuses or alters them');
      const body = Buffer.from('Subject: \xfcberall\r\nFrom: x@y.example\r\n\r\nx\r\n', 'latin1');
      const found = await stored(await open(envOf), message(body));
      expect(sha256(found.body ?? new Uint8Array())).toBe(sha256(body));
    });

    test('stores a message with bare LF, where the server leaves it alone', async ({ skip }) => {
      skip(!envOf().ways.keepsBareLf, 'the server makes it CRLF');
      const body = bytesOf('Subject: unix\nFrom: x@y.example\n\none\ntwo\r\nthree');
      const found = await stored(await open(envOf), message(body));
      expect(sha256(found.body ?? new Uint8Array())).toBe(sha256(body));
    });

    test('stores a NUL byte sent as literal8', async ({ skip }) => {
      const opened = await open(envOf);
      skip(!opened.session.abilities.binary, 'no BINARY');
      const body = letter('nul', 'before\0after');
      const { session } = opened;
      const outcome = await session.append('INBOX', [message(body, { binary: true })]);
      if (!envOf().ways.keepsNul) {
        expect(['stored', 'refused']).toContain(outcome.kind);
        return;
      }
      const [uid = 0] = await uidsAfter(session, 'INBOX', outcome);
      await session.select('INBOX', 'read');
      expect(sha256((await bodiesOf(session, [uid])).get(uid) ?? new Uint8Array())).toBe(sha256(body));
    });

    test('stores a message of no bytes, or refuses it', async () => {
      const { session } = await open(envOf);
      const outcome = await session.append('INBOX', [message('')]);
      const { emptyBody } = envOf().ways;
      if (emptyBody === 'refused') {
        expect(outcome.kind).toBe('refused');
        await session.noop();
        return;
      }
      const [uid = 0] = await uidsAfter(session, 'INBOX', outcome);
      await session.select('INBOX', 'read');
      const size = emptyBody === 'stored' ? 0 : 2;
      expect(await metaOf(session, [[uid, uid]])).toMatchObject([{ sizeBytes: size }]);
      expect((await bodiesOf(session, [uid])).get(uid)).toHaveLength(size);
    });

    test.each([10, 4096, 4097, 300_000, 2_500_000])('streams a body of about %i bytes', async (size) => {
      const body = largeLetter(Math.max(size, letter('large', '').length + 2));
      const found = await stored(await open(envOf), message(body, { body: sourceOf(body) }));
      expect(sha256(found.body ?? new Uint8Array())).toBe(sha256(body));
      expect(found.meta?.sizeBytes).toBe(body.length);
    });

    test('stores nothing when the source of a body breaks, and ends the session', async () => {
      const opened = await open(envOf);
      const { session } = opened;
      const body = largeLetter(200_000);
      const outcome = await session
        .append('INBOX', [
          message(body, {
            body: async (write) => {
              await write(body.subarray(0, 100_000));
              throw new Error('the old side broke');
            },
          }),
        ])
        .catch(() => ({ kind: 'unknown' }));
      expect(outcome.kind).toBe('unknown');
      expect(session.closed).toBe(true);
      expect((await (await opened.another()).status('INBOX')).messages).toBe(0);
    });

    test('says that a missing mailbox must be created first', async () => {
      const { session, at } = await open(envOf);
      expect(await session.append(at('Absent'), [message(letter('a'))])).toMatchObject({
        kind: 'refused',
        reason: { class: 'try-create' },
      });
      await session.noop();
    });

    test('refuses a malformed date and stores nothing', async () => {
      const opened = await open(envOf);
      const { session } = opened;
      const internalDate = '99-Foo-2026 00:00:00 +0000';
      const outcome = await session.append('INBOX', [message(letter('a'), { internalDate })]);
      expect(outcome.kind).not.toBe('stored');
      expect((await (await opened.another()).status('INBOX')).messages).toBe(0);
    });
  });
}
