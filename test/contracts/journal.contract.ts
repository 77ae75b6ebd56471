/** The contract of the port Journal, held by the journal in memory and by the state file alike. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Journal, JournalContents, JournalEntry } from '../../src/sync/journal.ts';
import { intentRow, mailboxRow, refusedRow } from './journal-rows.ts';

export interface JournalEnv {
  readonly journal: Journal;
  /** The same journal after the process has ended and begun again. */
  reopen(): Promise<Journal>;
  close(): Promise<void>;
}

const empty: JournalContents = { mailboxes: [], intents: [], refused: [], notes: {} };

export function describeJournalContract(kind: string, makeEnv: () => Promise<JournalEnv>): void {
  describe(`a journal ${kind}`, () => {
    let env: JournalEnv;
    beforeEach(async () => {
      env = await makeEnv();
    });
    afterEach(() => env.close());

    const record = (entry: Omit<JournalEntry, 'step'>) => env.journal.record({ step: 'test', ...entry });
    const load = async () => (await env.reopen()).load();

    test('is empty at first', async () => {
      expect(await env.journal.load()).toEqual(empty);
      expect(await env.journal.chunks(1, 1)).toEqual([]);
    });

    test('takes an entry without anything in it', async () => {
      await record({});
      expect(await load()).toEqual(empty);
    });

    test('gives back each row as it was recorded, ascending', async () => {
      const entry = {
        mailboxes: [mailboxRow(2, { oldMark: null, newMark: null, place: 'removed-on-new' }), mailboxRow(1)],
        openIntents: [intentRow(8, { kind: 'move' }), intentRow(3)],
        refused: [refusedRow(2, 1), refusedRow(1, 9), refusedRow(1, 4)],
        notes: { b: '{"x":1}', a: '' },
      } as const;
      await record(entry);
      expect(await load()).toEqual({
        mailboxes: [entry.mailboxes[1], entry.mailboxes[0]],
        intents: [entry.openIntents[1], entry.openIntents[0]],
        refused: [entry.refused[2], entry.refused[1], entry.refused[0]],
        notes: entry.notes,
      });
    });

    test('keeps names that are any bytes', async () => {
      const all = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join('');
      const names = [all, '%00', '100%', 'Entw&APw-rfe', ' blank ', "it's", ''];
      await record({
        mailboxes: names.map((name, i) => mailboxRow(i + 1, { oldName: name, newName: name })),
      });
      const { mailboxes } = await load();
      expect(mailboxes.map((row) => row.oldName)).toEqual(names);
      expect(mailboxes.map((row) => row.newName)).toEqual(names);
    });

    test('replaces a mailbox row by its id', async () => {
      await record({ mailboxes: [mailboxRow(1), mailboxRow(2)] });
      const next = mailboxRow(1, { oldName: 'Other', generation: 2, oldUidValidity: null, oldMark: null });
      await record({ mailboxes: [next] });
      expect((await load()).mailboxes).toEqual([next, mailboxRow(2)]);
    });

    test('forgets an intent once it is closed, and bears a second closing', async () => {
      await record({ openIntents: [intentRow(1), intentRow(2)] });
      await record({ closeIntents: [1, 99] });
      expect((await load()).intents).toEqual([intentRow(2)]);
      await (await env.reopen()).record({ step: 'again', closeIntents: [1] });
    });

    test('refuses an entry that opens an open intent, with all that is in it', async () => {
      await record({ openIntents: [intentRow(1)] });
      await expect(record({ mailboxes: [mailboxRow(1)], openIntents: [intentRow(1)] })).rejects.toMatchObject(
        {
          code: 'internal',
        },
      );
      expect(await load()).toEqual({ ...empty, intents: [intentRow(1)] });
    });

    test('keeps chunks by mailbox, generation and number, ascending', async () => {
      const body = (n: number) => Uint8Array.from([n, 0, 255]);
      await record({
        chunks: [
          { mailboxId: 1, generation: 1, chunk: 10, body: body(10) },
          { mailboxId: 1, generation: 1, chunk: 9, body: body(9) },
          { mailboxId: 1, generation: 2, chunk: 9, body: body(1) },
          { mailboxId: 2, generation: 1, chunk: 9, body: new Uint8Array() },
        ],
      });
      await record({ chunks: [{ mailboxId: 1, generation: 1, chunk: 9, body: body(99) }] });
      const journal = await env.reopen();
      expect(await journal.chunks(1, 1)).toEqual([
        { chunk: 9, body: body(99) },
        { chunk: 10, body: body(10) },
      ]);
      expect(await journal.chunks(2, 1)).toEqual([{ chunk: 9, body: new Uint8Array() }]);
      expect(await journal.chunks(2, 2)).toEqual([]);
    });

    test('removes a chunk whose body is null, and generations that are over', async () => {
      const body = Uint8Array.of(1);
      const at = (mailboxId: number, generation: number, chunk = 0) => ({
        mailboxId,
        generation,
        chunk,
        body,
      });
      await record({ chunks: [at(1, 1), at(1, 2), at(1, 3), at(1, 3, 1), at(2, 1)] });
      await record({
        dropGenerationsBelow: [{ mailboxId: 1, generation: 3 }],
        chunks: [{ ...at(1, 3, 1), body: null }],
      });
      const journal = await env.reopen();
      expect(await journal.chunks(1, 1)).toEqual([]);
      expect(await journal.chunks(1, 2)).toEqual([]);
      expect(await journal.chunks(1, 3)).toEqual([{ chunk: 0, body }]);
      expect(await journal.chunks(2, 1)).toEqual([{ chunk: 0, body }]);
    });

    test('clears refused messages one by one or by mailbox, before it adds new ones', async () => {
      await record({ refused: [refusedRow(1, 1), refusedRow(1, 2), refusedRow(2, 1), refusedRow(2, 2)] });
      await record({ clearRefused: [{ mailboxId: 1, oldUid: 1 }] });
      await record({ clearRefusedOf: [2], refused: [refusedRow(2, 7), refusedRow(1, 2, { attempts: 3 })] });
      expect((await load()).refused).toEqual([refusedRow(1, 2, { attempts: 3 }), refusedRow(2, 7)]);
    });

    test('replaces and removes notes', async () => {
      await record({ notes: { a: '1', b: '2', 'key with "signs" \u00fc': '3' } });
      await record({ notes: { a: '4', b: null, absent: null } });
      expect((await load()).notes).toEqual({ a: '4', 'key with "signs" \u00fc': '3' });
    });

    test('shares nothing with its caller', async () => {
      const digest = Uint8Array.of(1, 2, 3);
      const flags = ['\\Seen'];
      const body = Uint8Array.of(7);
      await record({
        openIntents: [
          intentRow(1, { messages: [{ oldUid: 1, sizeBytes: 1, digest, flags, notes: 0, dateStamp: 0 }] }),
        ],
        chunks: [{ mailboxId: 1, generation: 1, chunk: 0, body }],
      });
      digest.fill(0);
      flags.push('\\Deleted');
      body.fill(0);
      const [message] = (await env.journal.load()).intents[0]?.messages ?? [];
      expect(message).toMatchObject({ digest: Uint8Array.of(1, 2, 3), flags: ['\\Seen'] });
      (await env.journal.chunks(1, 1))[0]?.body.fill(9);
      expect(await env.journal.chunks(1, 1)).toEqual([{ chunk: 0, body: Uint8Array.of(7) }]);
    });

    test('records in the order of the calls, without being awaited', async () => {
      await Promise.all(Array.from({ length: 20 }, (_, i) => record({ notes: { last: String(i) } })));
      expect((await load()).notes).toEqual({ last: '19' });
    });
  });
}
