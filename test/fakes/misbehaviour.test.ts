import { describe, expect, test } from 'vitest';
import { bytesOf } from '../../src/base/bytes.ts';
import type { AppendMessage, MessageMeta, StoreSession } from '../../src/sync/mail-store.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeMailStore } from './fake-mail-store.ts';
import type { FakeServerOptions } from './fake-server.ts';
import { FakeServer } from './fake-server.ts';
import type { Misbehaviour } from './misbehaviour.ts';

const everything = [[1, Number.POSITIVE_INFINITY]] as const;

const letter = (text: string, more: Partial<AppendMessage> = {}): AppendMessage => ({
  flags: [],
  internalDate: '17-Jul-2026 02:44:25 -0700',
  sizeBytes: bytesOf(text).length,
  body: bytesOf(text),
  binary: false,
  ...more,
});

/** A server with three letters in INBOX that misbehaves in this way. */
async function open(rule: Misbehaviour | null, options: FakeServerOptions = {}) {
  const server = new FakeServer(options);
  for (const text of ['one', 'two', 'three']) server.user.append('INBOX', text);
  if (rule) server.misbehave(rule);
  const store = new FakeMailStore(server, 'old');
  return { server, store, session: await store.openSession() };
}

async function metas(session: StoreSession): Promise<MessageMeta[]> {
  const found: MessageMeta[] = [];
  await session.select('INBOX', 'write');
  await session.fetchMeta(everything, { date: true, size: true }, (meta) => found.push(meta));
  return found;
}

/** "1:one" for a body, "1:-" for a missing one, in the order they came. */
async function bodies(session: StoreSession, uids = [1, 2, 3]): Promise<string[]> {
  const heard: string[] = [];
  let text = '';
  await session.select('INBOX', 'write');
  await session.fetchBodies(uids, {
    begin: () => {
      text = '';
    },
    chunk: (bytes) => {
      text += Buffer.from(bytes).toString('latin1');
    },
    end: (uid) => {
      heard.push(`${uid}:${text}`);
    },
    missing: (uid) => heard.push(`${uid}:-`),
  });
  return heard;
}

describe('on the connection', () => {
  test('a cut before a command leaves it undone, after it done, and the answer is lost in both', async () => {
    for (const [where, done] of [
      ['before', false],
      ['after', true],
    ] as const) {
      const { server, session } = await open({ kind: 'cut', op: 'CREATE', where });
      await session.noop();
      await expect(session.create('New', null)).rejects.toMatchObject({
        code: 'connection-lost',
        side: 'old',
      });
      expect(server.names().includes('New')).toBe(done);
    }
  });

  test('a cut of an APPEND that was under way has an unknown outcome', async () => {
    const { session } = await open({ kind: 'cut', op: 'APPEND', where: 'before' });
    expect((await session.append('INBOX', [letter('x')])).kind).toBe('unknown');
  });

  test('a cut some bytes into an upload breaks the source of the body', async () => {
    const { server, session } = await open({ kind: 'cut-before-store', afterBytes: 2 });
    let broken: unknown;
    const outcome = await session.append('INBOX', [
      letter('four', {
        body: async (write) => {
          try {
            for (const byte of bytesOf('four')) await write(Uint8Array.of(byte));
          } catch (error) {
            broken = error;
            throw error;
          }
        },
      }),
    ]);
    expect(outcome.kind).toBe('unknown');
    expect(broken).toMatchObject({ code: 'connection-lost' });
    expect(server.mailbox('INBOX').messages).toHaveLength(3);
  });

  test('a hanging command ends at its deadline and takes the session with it', async () => {
    const clock = new FakeClock();
    const { session } = await open({ kind: 'hang', op: 'LIST', forMs: 60_000 }, { clock });
    const listing = session.list();
    const refused = expect(listing).rejects.toMatchObject({ code: 'connection-lost' });
    await clock.advance(59_999);
    expect(session.closed).toBe(false);
    await clock.advance(1);
    await refused;
    expect(session.closed).toBe(true);
  });

  test('a slow server answers when its time has come', async () => {
    const { server, session } = await open({ kind: 'slow', op: 'NOOP', byMs: 5000 });
    await session.noop();
    await session.noop();
    expect(server.clock.monotonic()).toBe(10_000);
  });

  test('a login is refused as told, and the next one is not', async () => {
    const server = new FakeServer();
    server.misbehave({ kind: 'refuse-login', code: 'login-refused', times: 1, retryAfterMs: 7 });
    const store = new FakeMailStore(server);
    await expect(store.openSession()).rejects.toMatchObject({ code: 'login-refused', retryAfterMs: 7 });
    await store.openSession();
    expect(server.count('LOGIN')).toBe(2);
  });

  test('a throttled command says how long to wait, and the session lives', async () => {
    const { session } = await open({ kind: 'throttle', op: 'STATUS', retryAfterMs: 299_961 });
    await expect(session.status('INBOX')).rejects.toMatchObject({ code: 'throttled', retryAfterMs: 299_961 });
    await session.status('INBOX');
  });

  test('a rule waits its turn and wears off', async () => {
    const { session } = await open({ kind: 'throttle', op: 'NOOP', skip: 1, times: 2 });
    const heard: string[] = [];
    for (let i = 0; i < 4; i++) {
      await session.noop().then(
        () => heard.push('ok'),
        () => heard.push('no'),
      );
    }
    expect(heard).toEqual(['ok', 'no', 'no', 'ok']);
  });
});

describe('about what is stored', () => {
  test.each<[Misbehaviour, unknown]>([
    [{ kind: 'ok-without-appenduid' }, { uidValidity: null, uids: null }],
    [
      { kind: 'nonsense-appenduid', answer: 'zero' },
      { uidValidity: null, uids: null },
    ],
    [
      { kind: 'nonsense-appenduid', answer: 'other-validity' },
      { uidValidity: 1_000_008, uids: [4] },
    ],
    [
      { kind: 'swallow', appendUid: true },
      { uidValidity: 1_000_001, uids: [4] },
    ],
  ])('%o answers OK with what it says', async (rule, answer) => {
    const { session } = await open(rule);
    expect(await session.append('INBOX', [letter('four')])).toEqual({
      kind: 'stored',
      ...(answer as object),
    });
  });

  test('only what is there already is swallowed, where told so', async () => {
    const { server, session } = await open({ kind: 'swallow', when: 'if-identical', times: 5 });
    await session.append('INBOX', [letter('four')]);
    await session.append('INBOX', [letter('four')]);
    expect(server.mailbox('INBOX').messages).toHaveLength(4);
  });

  test.each<[Misbehaviour, string, readonly string[], string | null]>([
    [{ kind: 'flags-lost-on-append' }, 'a\nb', [], null],
    [{ kind: 'canonicalises-line-ends' }, 'a\r\nb', ['\\Seen', 'x', 'y'], null],
    [{ kind: 'adds-header', line: 'X-Seen: 1' }, 'X-Seen: 1\r\na\nb', ['\\Seen', 'x', 'y'], null],
    [{ kind: 'keywords-not-permitted', answer: 'drop' }, 'a\nb', ['\\Seen'], null],
    [{ kind: 'keyword-limit', limit: 1, answer: 'drop' }, 'a\nb', ['\\Seen', 'x'], null],
    [{ kind: 'date-lost-on-append' }, 'a\nb', ['\\Seen', 'x', 'y'], '01-Nov-2026 00:00:00 +0000'],
  ])('%o alters it on the way in', async (rule, body, flags, date) => {
    const { server, session } = await open(rule, { clock: new FakeClock() });
    await session.append('INBOX', [letter('a\nb', { flags: ['\\Seen', 'x', 'y'] })]);
    const kept = server.mailbox('INBOX').messages[3];
    expect(Buffer.from(kept?.body ?? []).toString('latin1')).toBe(body);
    expect(kept?.flags).toEqual(flags);
    expect(kept?.internalDate).toBe(date ?? '17-Jul-2026 02:44:25 -0700');
  });

  test('PERMANENTFLAGS tell that keywords do not stick', async () => {
    const good = await open(null);
    expect((await good.session.select('INBOX', 'write')).permanentFlags).toContain('\\*');
    const { session } = await open({ kind: 'keywords-not-permitted', answer: 'drop' });
    expect((await session.select('INBOX', 'write')).permanentFlags).not.toContain('\\*');
  });

  test('a full quota may be told by words alone, and a chosen message for any reason', async () => {
    const byText = await open({ kind: 'quota-by-text-only' }, { quota: { messages: 3 } });
    const full = { kind: 'refused', reason: { class: 'over-quota', code: null } };
    expect(await byText.session.append('INBOX', [letter('x')])).toMatchObject(full);
    const reason = { class: 'temporary', code: 'INUSE', text: 'locked' } as const;
    const chosen = await open({ kind: 'refuse-if', when: ({ body }) => body.length === 1, reason });
    expect(await chosen.session.append('INBOX', [letter('x')])).toEqual({ kind: 'refused', reason });
    expect((await chosen.session.append('INBOX', [letter('xx')])).kind).toBe('stored');
  });
});

describe('about what is read', () => {
  test.each<[Misbehaviour, readonly string[]]>([
    [{ kind: 'refuse-fetch', uid: 2 }, ['1:one', '2:-', '3:-']],
    [{ kind: 'bit-flip', uid: 1 }, ['1:nne', '2:two', '3:three']],
    [{ kind: 'placeholder', uid: 3, body: bytesOf('gone') }, ['1:one', '2:two', '3:gone']],
    [{ kind: 'bodies-out-of-order' }, ['3:three', '2:two', '1:one']],
  ])('%o shows in the bodies', async (rule, heard) => {
    const { session } = await open(rule);
    expect(await bodies(session)).toEqual(heard);
  });

  test('sizes lie, while the literal tells the truth', async () => {
    const { session } = await open({ kind: 'sizes-lie', by: 10 });
    expect((await metas(session)).map((meta) => meta.sizeBytes)).toEqual([13, 13, 15]);
    expect(await bodies(session, [1])).toEqual(['1:one']);
  });

  test('reading sets \\Seen where the server ignores PEEK', async () => {
    const { session } = await open({ kind: 'sets-seen' });
    await bodies(session, [2]);
    expect((await metas(session)).map((meta) => meta.flags)).toEqual([[], ['\\Seen'], []]);
  });

  test('STATUS and SELECT repeat a lie about the mailbox', async () => {
    const lie = { uidValidity: 0, uidNext: 0, highestModSeq: null, messages: 9 };
    const { session } = await open({ kind: 'report', ...lie });
    expect(await session.status('INBOX')).toMatchObject(lie);
    expect((await session.select('INBOX', 'read')).status).toMatchObject(lie);
  });

  test('VANISHED names what is still there and leaves out what is gone', async () => {
    const { server, session } = await open({ kind: 'vanished-lies', claims: [3, 70], omits: [1] });
    const { highestModSeq } = (await session.select('INBOX', 'read')).status;
    server.user.expunge('INBOX', 1, 2);
    const { vanished } = await session.fetchChanges({ modSeq: highestModSeq ?? 0n }, () => undefined);
    expect(vanished).toEqual([
      [2, 3],
      [70, 70],
    ]);
  });

  test.each(['condStore', 'qResync'] as const)('%s is announced and does not work', async (ability) => {
    const { session } = await open({ kind: 'broken-ability', ability });
    await session.select('INBOX', 'read');
    const changes = session.fetchChanges({ modSeq: 1n }, () => undefined);
    await expect(changes).rejects.toMatchObject({ code: 'command-refused' });
    expect(session.closed).toBe(false);
  });
});

describe('about mailboxes', () => {
  test('one is listed, with numbers or without, but does not open', async () => {
    const { session } = await open({ kind: 'not-selectable', mailbox: 'INBOX' });
    expect((await session.list()).mailboxes[0]).toMatchObject({ selectable: true, status: { messages: 3 } });
    await expect(session.select('INBOX', 'read')).rejects.toMatchObject({ code: 'mailbox-unusable' });
    const worse = await open({ kind: 'not-selectable', statusToo: true, text: 'NO broken' });
    expect((await worse.session.list()).mailboxes[0]).toMatchObject({ status: null, problem: 'NO broken' });
    await expect(worse.session.status('INBOX')).rejects.toMatchObject({ code: 'mailbox-unusable' });
  });

  test('LIST is empty, or leaves one out', async () => {
    const empty = await open({ kind: 'list-empty', times: 1 });
    expect((await empty.session.list()).mailboxes).toEqual([]);
    expect((await empty.session.list()).mailboxes).toHaveLength(1);
    const { server, session } = await open({ kind: 'list-omits', mailbox: 'INBOX' });
    server.user.create('Sent');
    expect((await session.list()).mailboxes.map((one) => one.name)).toEqual(['Sent']);
    expect((await session.status('INBOX')).messages).toBe(3);
  });

  test('CREATE is refused, or only said to be', async () => {
    const refused = await open({ kind: 'create-refused', mailbox: 'New' });
    expect(await refused.session.create('New', null)).toMatchObject({ reason: { class: 'no-permission' } });
    expect(refused.server.names()).toEqual(['INBOX']);
    const said = await open({ kind: 'create-refused-though-there' });
    expect(await said.session.create('New', null)).toMatchObject({ reason: { class: 'other', code: null } });
    expect(said.server.names()).toEqual(['INBOX', 'New']);
  });

  test('names are taken without regard to case', async () => {
    const { session } = await open({ kind: 'case-insensitive-names' });
    await session.create('Trash', null);
    expect(await session.create('trash', null)).toMatchObject({ reason: { class: 'exists' } });
    expect((await session.status('TRASH')).messages).toBe(0);
  });

  test('one that is removed while it is selected ends the session, one that is renamed does not', async () => {
    const { server, session } = await open(null);
    server.user.append('Away', 'x');
    await session.select('Away', 'read');
    server.user.rename('Away', 'Elsewhere');
    expect(await session.listUids()).toEqual([[1, 1]]);
    server.user.delete('Elsewhere');
    await expect(session.listUids()).rejects.toMatchObject({ code: 'connection-lost' });
  });

  test('UIDVALIDITY changes, and returns; UIDs are used again', async () => {
    const { server, session } = await open(null);
    const before = (await session.status('INBOX')).uidValidity;
    server.user.expunge('INBOX', 1);
    server.user.changeUidValidity('INBOX');
    expect((await session.status('INBOX')).uidValidity).not.toBe(before);
    server.user.changeUidValidity('INBOX', before);
    expect(await session.status('INBOX')).toMatchObject({ uidValidity: before, uidNext: 3 });
    server.user.expunge('INBOX', 2);
    server.user.reuseUids('INBOX');
    expect(server.user.append('INBOX', 'other')).toBe(2);
  });
});
