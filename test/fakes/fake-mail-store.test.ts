import { describe, expect, test } from 'vitest';
import { bytesOf } from '../../src/base/bytes.ts';
import type { AppendMessage, BodySink } from '../../src/sync/mail-store.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeMailStore } from './fake-mail-store.ts';
import { FakeServer } from './fake-server.ts';
import { misbehaviours } from './misbehaviour.ts';
import type { Misbehaviour } from './misbehaviour.ts';

const letter = (text: string, more: Partial<AppendMessage> = {}): AppendMessage => ({
  flags: [],
  internalDate: '17-Jul-2026 02:44:25 -0700',
  sizeBytes: bytesOf(text).length,
  body: bytesOf(text),
  binary: false,
  ...more,
});

async function open(...rules: Misbehaviour[]) {
  const server = new FakeServer();
  for (const rule of rules) server.misbehave(rule);
  const store = new FakeMailStore(server);
  return { server, store, session: await store.openSession() };
}

function collector() {
  const events: string[] = [];
  const sink: BodySink = {
    begin: (uid, size) => events.push(`begin ${uid} ${size}`),
    chunk: (bytes) => {
      events.push(`chunk ${Buffer.from(bytes).toString('latin1')}`);
    },
    end: (uid) => {
      events.push(`end ${uid}`);
    },
    missing: (uid) => events.push(`missing ${uid}`),
  };
  return { events, sink };
}

describe('a cut around an APPEND', () => {
  test('before storing leaves nothing behind and an unknown outcome', async () => {
    const { server, session } = await open({ kind: 'cut-before-store' });
    expect(await session.append('INBOX', [letter('a')])).toMatchObject({ kind: 'unknown' });
    expect(session.closed).toBe(true);
    expect(server.mailbox('INBOX').messages).toHaveLength(0);
  });

  test('after storing leaves the message behind and an unknown outcome', async () => {
    const { server, session } = await open({ kind: 'cut-after-store' });
    expect(await session.append('INBOX', [letter('a')])).toMatchObject({ kind: 'unknown' });
    expect(server.mailbox('INBOX').messages).toHaveLength(1);
  });

  test('with a late commit shows the message only some commands later', async () => {
    const { server, store, session } = await open({ kind: 'late-commit', afterOperations: 3 });
    expect(await session.append('INBOX', [letter('a')])).toMatchObject({ kind: 'unknown' });
    const next = await store.openSession();
    expect((await next.status('INBOX')).messages).toBe(0);
    expect((await next.status('INBOX')).messages).toBe(1);
    expect(server.state.lateCommits).toHaveLength(0);
  });

  test('with a late commit by time shows the message once the time has come', async () => {
    const clock = new FakeClock();
    const server = new FakeServer({ clock });
    server.misbehave({ kind: 'late-commit', afterMs: 5000 });
    const session = await new FakeMailStore(server).openSession();
    await session.append('INBOX', [letter('a')]);
    const next = await new FakeMailStore(server).openSession();
    expect((await next.status('INBOX')).messages).toBe(0);
    await clock.advance(5000);
    expect((await next.status('INBOX')).messages).toBe(1);
  });
});

describe('an APPEND answered OK', () => {
  test('may store nothing at all', async () => {
    const { server, session } = await open({ kind: 'swallow' });
    expect(await session.append('INBOX', [letter('a')])).toMatchObject({ kind: 'stored', uids: null });
    expect(server.mailbox('INBOX').messages).toHaveLength(0);
  });

  test('may name UIDs that are not there', async () => {
    const { session } = await open({ kind: 'nonsense-appenduid', answer: 'wrong-uids' });
    expect(await session.append('INBOX', [letter('a')])).toMatchObject({ uids: [1001] });
  });
});

describe('a message that the server does not like', () => {
  const eightBit = Buffer.from('Subject: \xfc\r\n\r\nx', 'latin1');
  test.each<[Misbehaviour, AppendMessage, string]>([
    [{ kind: 'refuse-virus', signature: 'EICAR' }, letter('EICAR'), 'content'],
    [{ kind: 'refuse-8bit-header' }, letter('', { body: eightBit, sizeBytes: eightBit.length }), 'content'],
    [{ kind: 'refuse-nul' }, letter('\0', { binary: true }), 'nul'],
    [{ kind: 'refuse-long-line', overBytes: 998 }, letter('x'.repeat(999)), 'content'],
    [{ kind: 'refuse-large', overBytes: 10 }, letter('x'.repeat(11)), 'too-large'],
    [{ kind: 'refuse-empty' }, letter(''), 'other'],
    [{ kind: 'refuse-date' }, letter('a'), 'bad-date'],
    [{ kind: 'refuse-flags', flag: '$Label1' }, letter('a', { flags: ['$label1'] }), 'bad-flags'],
    [{ kind: 'keywords-not-permitted', answer: 'refuse' }, letter('a', { flags: ['x'] }), 'bad-flags'],
    [{ kind: 'keyword-limit', limit: 1, answer: 'refuse' }, letter('a', { flags: ['x', 'y'] }), 'bad-flags'],
    [{ kind: 'refuse-literal' }, letter('a'), 'temporary'],
    [{ kind: 'throttle', retryAfterMs: 299_961 }, letter('a'), 'temporary'],
    [{ kind: 'broken-ability', ability: 'binary' }, letter('a', { binary: true }), 'other'],
  ])('%o is refused with its class and nothing is stored', async (rule, message, reason) => {
    const { server, session } = await open();
    server.misbehave(rule);
    const outcome = await session.append('INBOX', [message]);
    expect(outcome).toMatchObject({ kind: 'refused', reason: { class: reason } });
    expect(server.mailbox('INBOX').messages).toHaveLength(0);
  });

  test('over quota, the whole MULTIAPPEND is refused', async () => {
    const server = new FakeServer({ quota: { storageBytes: 5 } });
    const session = await new FakeMailStore(server).openSession();
    expect(await session.append('INBOX', [letter('abc'), letter('def')])).toMatchObject({
      kind: 'refused',
      reason: { class: 'over-quota', code: 'OVERQUOTA' },
    });
    expect(server.mailbox('INBOX').messages).toHaveLength(0);
  });
});

describe('a FETCH', () => {
  test('is cut after the given number of bytes', async () => {
    const { server, session } = await open({ kind: 'cut-in-fetch', afterBytes: 2 });
    server.user.append('INBOX', 'abcdef');
    await session.select('INBOX', 'read');
    const { events, sink } = collector();
    await expect(session.fetchBodies([1], sink)).rejects.toMatchObject({ code: 'connection-lost' });
    expect(events).toEqual(['begin 1 6', 'chunk ab']);
  });

  test('meets the poisonous message again in each session', async () => {
    const { server, store, session } = await open({ kind: 'poison', uid: 2 });
    for (const text of ['a', 'b', 'c']) server.user.append('INBOX', text);
    await session.select('INBOX', 'read');
    await expect(session.fetchBodies([1, 2, 3], collector().sink)).rejects.toThrow();
    const next = await store.openSession();
    await next.select('INBOX', 'read');
    const { events, sink } = collector();
    await next.fetchBodies([1, 3], sink);
    expect(events).toContain('end 3');
    await expect(next.fetchBodies([2], sink)).rejects.toThrow();
  });

  test('says NIL, or nothing for a message that went meanwhile', async () => {
    const { server, session } = await open(
      { kind: 'nil-body', uid: 1 },
      { kind: 'gone-before-fetch', uid: 2 },
    );
    for (const text of ['a', 'b', 'c']) server.user.append('INBOX', text);
    await session.select('INBOX', 'read');
    const { events, sink } = collector();
    await session.fetchBodies([1, 2, 3], sink);
    expect(events).toEqual(['missing 1', 'begin 3 1', 'chunk c', 'end 3', 'missing 2']);
    expect(server.mailbox('INBOX').messages).toHaveLength(2);
  });

  test('breaks the protocol when a literal is not as long as announced', async () => {
    const { server, session } = await open({ kind: 'wrong-literal-length', by: 5 });
    server.user.append('INBOX', 'abc');
    await session.select('INBOX', 'read');
    await expect(session.fetchBodies([1], collector().sink)).rejects.toMatchObject({
      code: 'protocol-violation',
    });
    expect(session.closed).toBe(true);
  });
});

describe('the server as a whole', () => {
  test('is cloned without sharing anything that changes', async () => {
    const { server } = await open();
    server.user.append('INBOX', 'a');
    server.misbehave({ kind: 'cut', op: 'NOOP' });
    const copy = server.clone();
    copy.user.append('INBOX', 'b');
    server.user.flag('INBOX', 1, '+', '\\Seen');
    expect(server.picture()['INBOX']?.messages).toHaveLength(1);
    expect(copy.picture()['INBOX']?.messages.map((one) => one.flags)).toEqual([[], []]);
    const session = await new FakeMailStore(copy).openSession();
    await expect(session.noop()).rejects.toMatchObject({ code: 'connection-lost' });
    const other = await new FakeMailStore(server).openSession();
    await expect(other.noop()).rejects.toThrow();
  });

  test('comes back as it was at the snapshot and cuts its sessions', async () => {
    const { server, session } = await open();
    const before = server.snapshot();
    await session.append('INBOX', [letter('a')]);
    server.restore(before);
    expect(server.mailbox('INBOX').messages).toHaveLength(0);
    expect(session.closed).toBe(true);
  });

  test('lets somebody act between two commands', async () => {
    const { server, session } = await open();
    server.misbehave({ kind: 'meanwhile', op: 'STATUS', act: ({ user }) => user.append('INBOX', 'new') });
    expect((await session.status('INBOX')).messages).toBe(1);
    expect((await session.status('INBOX')).messages).toBe(1);
  });

  test('turns away one connection too many', async () => {
    const { store } = await open({ kind: 'connection-limit', limit: 1 });
    await expect(store.openSession()).rejects.toMatchObject({ code: 'too-many-connections' });
  });

  test('seems empty when another backend is mounted, with the same UIDVALIDITY', async () => {
    const { server, session } = await open();
    server.user.append('INBOX', 'a');
    const before = await session.status('INBOX');
    server.misbehave({ kind: 'everything-vanished' });
    const after = await session.status('INBOX');
    expect(after).toMatchObject({ messages: 0, uidValidity: before.uidValidity });
    await session.select('INBOX', 'read');
    expect(await session.listUids()).toEqual([]);
  });

  test('takes a watch and tells nothing', async () => {
    const { server, session } = await open({ kind: 'silent-watch' });
    const told: string[] = [];
    const stop = new AbortController();
    const ended = session.watch(
      'all',
      { ready: () => server.user.append('INBOX', 'a'), changed: (name) => told.push(name) },
      stop.signal,
    );
    await new Promise((resolve) => setImmediate(resolve));
    stop.abort(new Error('enough'));
    await ended;
    expect(told).toEqual([]);
  });

  test('keeps a log by which a pass without writes can be told', async () => {
    const { server, session } = await open();
    await session.list();
    await session.status('INBOX');
    expect(server.writes()).toEqual([]);
    await session.append('INBOX', [letter('a'), letter('b')]);
    expect(server.writes()).toMatchObject([{ op: 'APPEND', mailbox: 'INBOX', count: 2 }]);
  });

  test('names the rows of the fault list for each misbehaviour', () => {
    for (const row of Object.values(misbehaviours)) {
      expect(row.faults.length).toBeGreaterThan(0);
      for (const fault of row.faults) expect(fault).toMatch(/^F-\d\d\d?$/);
    }
  });
});
