/** Mailboxes: what is listed, created, renamed, removed and subscribed, under which names. */
import { describe, expect, test } from 'vitest';
import type { StoreSession } from '../../src/sync/mail-store.ts';
import type { EnvOf } from './mail-store-env.ts';
import { letter, message, metaOf, open } from './mail-store-env.ts';

async function listed(session: StoreSession, name: string) {
  return (await session.list()).mailboxes.find((one) => one.name === name);
}

export function describeMailboxes(envOf: EnvOf): void {
  describe('mailboxes', () => {
    test('lists an empty INBOX with its status', async () => {
      const { session } = await open(envOf);
      const inbox = await listed(session, 'INBOX');
      expect(inbox).toMatchObject({ selectable: true, problem: null });
      expect(inbox?.status?.messages).toBe(0);
      expect(inbox?.status?.uidValidity).toBeGreaterThan(0);
    });

    test('gives the same status by LIST, STATUS and SELECT', async () => {
      const { session } = await open(envOf);
      await session.append('INBOX', [message(letter('a'))]);
      const byList = (await listed(session, 'INBOX'))?.status;
      const byStatus = await session.status('INBOX');
      const bySelect = (await session.select('INBOX', 'read')).status;
      for (const status of [byList, bySelect]) {
        expect(status).toMatchObject({ messages: 1, uidValidity: byStatus.uidValidity });
        expect(status?.uidNext).toBe(byStatus.uidNext);
        expect(status?.highestModSeq ?? null).toBe(byStatus.highestModSeq);
      }
    });

    test('tells of mail that came to the selected mailbox meanwhile', async () => {
      const { session, another } = await open(envOf);
      await session.select('INBOX', 'read');
      const other = await another();
      await other.append('INBOX', [message(letter('a'))]);
      expect((await listed(session, 'INBOX'))?.status?.messages).toBe(1);
      await other.append('INBOX', [message(letter('b'))]);
      expect((await session.status('INBOX')).messages).toBe(2);
    });

    const names = [
      'Plain',
      'With blanks inside',
      'a "quoted" name',
      'back\\slash',
      'Entw&APw-rfe',
      'Gel&APY-schte Objekte',
      'Smith &- Sons',
      'NIL',
      '{5}',
      "it's (odd) [1]",
      'x',
    ];
    test.each(names)('keeps the name %s byte by byte', async (name) => {
      const { session, at } = await open(envOf);
      const outcome = await session.create(at(name), null);
      if (envOf().ways.refusesNames.includes(name)) {
        expect(outcome.kind).toBe('refused');
        return;
      }
      expect(outcome).toEqual({ kind: 'done' });
      expect((await session.append(at(name), [message(letter('a'))])).kind).toBe('stored');
      expect(await listed(session, at(name))).toMatchObject({ selectable: true, status: { messages: 1 } });
      expect((await session.status(at(name))).messages).toBe(1);
      expect((await session.select(at(name), 'read')).status.messages).toBe(1);
    });

    test('takes INBOX in any case for the one INBOX', async () => {
      const { session } = await open(envOf);
      await session.append('inbox', [message(letter('a'))]);
      expect((await session.status('INBOX')).messages).toBe(1);
    });

    test('lets a mailbox hold both messages and inferiors', async () => {
      const { session, at } = await open(envOf);
      await session.create(at('Top'), null);
      expect(await session.create(at('Top', 'Below'), null)).toEqual({ kind: 'done' });
      await session.append(at('Top'), [message(letter('a'))]);
      await session.append(at('Top', 'Below'), [message(letter('b'))]);
      expect((await session.status(at('Top'))).messages).toBe(1);
      expect((await session.status(at('Top', 'Below'))).messages).toBe(1);
    });

    test('refuses to create what exists, and says so', async () => {
      const { session, at } = await open(envOf);
      await session.create(at('Twice'), null);
      const outcome = await session.create(at('Twice'), null);
      expect(outcome.kind).toBe('refused');
      if (envOf().ways.saysWhy) expect(outcome).toMatchObject({ reason: { class: 'exists' } });
    });

    test('renames a mailbox with its messages', async () => {
      const { session, at } = await open(envOf);
      await session.create(at('Before'), null);
      await session.append(at('Before'), [message(letter('a'))]);
      expect(await session.rename(at('Before'), at('After'))).toEqual({ kind: 'done' });
      expect((await session.status(at('After'))).messages).toBe(1);
      await expect(session.status(at('Before'))).rejects.toMatchObject({ code: 'mailbox-unusable' });
    });

    test('refuses to rename or remove what does not exist', async () => {
      const { session, at } = await open(envOf);
      const absent = { kind: 'refused', reason: { class: 'nonexistent' } };
      expect(await session.remove(at('Absent'))).toMatchObject(absent);
      // Courier answers OK to a RENAME of nothing.
      const renamed = await session.rename(at('Absent'), at('Other'));
      if (envOf().ways.saysWhy) expect(renamed).toMatchObject(absent);
      await expect(session.status(at('Other'))).rejects.toMatchObject({ code: 'mailbox-unusable' });
    });

    test('gives a mailbox created again under its name another UIDVALIDITY', async () => {
      const { session, at } = await open(envOf);
      await session.create(at('Again'), null);
      const first = await session.status(at('Again'));
      expect(await session.remove(at('Again'))).toEqual({ kind: 'done' });
      expect((await listed(session, at('Again')))?.selectable ?? false).toBe(false);
      await session.create(at('Again'), null);
      expect((await session.status(at('Again'))).uidValidity).not.toBe(first.uidValidity);
    });

    test('shows a mailbox as subscribed once it is', async () => {
      const { session, at } = await open(envOf);
      await session.create(at('News'), null);
      expect((await listed(session, at('News')))?.subscribed).toBe(false);
      expect(await session.subscribe(at('News'))).toEqual({ kind: 'done' });
      expect((await listed(session, at('News')))?.subscribed).toBe(true);
    });

    test('rejects STATUS and SELECT of a mailbox that is not there, and goes on', async () => {
      const { session, at } = await open(envOf);
      await expect(session.status(at('Absent'))).rejects.toMatchObject({ code: 'mailbox-unusable' });
      await expect(session.select(at('Absent'), 'read')).rejects.toMatchObject({ code: 'mailbox-unusable' });
      await session.noop();
      expect(session.closed).toBe(false);
    });

    test('gives a new mailbox the special use asked for, where it can', async ({ skip }) => {
      const { session, at } = await open(envOf);
      skip(!session.abilities.createSpecialUse, 'no CREATE-SPECIAL-USE');
      expect(await session.create(at('Outbox'), 'sent')).toEqual({ kind: 'done' });
      expect((await listed(session, at('Outbox')))?.specialUse).toEqual(['sent']);
    });

    test('creates the mailbox all the same where special uses cannot be given', async () => {
      const { session, at } = await open(envOf);
      expect(await session.create(at('Drafts'), 'drafts')).toEqual({ kind: 'done' });
      expect((await session.status(at('Drafts'))).messages).toBe(0);
    });

    test('changes nothing in what is selected for reading', async () => {
      const { session } = await open(envOf);
      await session.append('INBOX', [message(letter('a'))]);
      expect((await session.select('INBOX', 'read')).readOnly).toBe(true);
      // Dovecot answers OK and does nothing; Courier would carry it out.
      await session.storeFlags([1], '+', ['\\Seen']);
      expect((await session.select('INBOX', 'write')).readOnly).toBe(false);
      expect((await metaOf(session))[0]?.flags).toEqual([]);
      expect((await session.storeFlags([1], '+', ['\\Seen'])).kind).toBe('done');
      expect((await metaOf(session))[0]?.flags).toEqual(['\\Seen']);
    });

    test('tells the quota as a list, empty where there is none', async () => {
      const { session } = await open(envOf);
      for (const resource of await session.quota()) {
        expect(resource.usage).toBeGreaterThanOrEqual(0);
        expect(resource.limit).toBeGreaterThanOrEqual(0);
      }
    });
  });
}
