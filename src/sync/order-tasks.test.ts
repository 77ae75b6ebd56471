import { beforeEach, describe, expect, it } from 'vitest';
import { FakeMailStore } from '../../test/fakes/fake-mail-store.ts';
import { FakeServer } from '../../test/fakes/fake-server.ts';
import type { SpecialUse } from '../domain/special-use.ts';
import type { StoreSession } from './mail-store.ts';
import { orderTasks } from './order-tasks.ts';
import type { MailboxTask } from './reconcile/plan-mailboxes.ts';

let server: FakeServer;
let session: StoreSession;
const uses: Readonly<Record<string, SpecialUse>> = {
  Entwürfe: 'drafts',
  Gesendet: 'sent',
  Papierkorb: 'trash',
};

beforeEach(async () => {
  server = new FakeServer();
  session = await new FakeMailStore(server, 'old').openSession();
});

/** With one message of each of these years, in this order. */
function mailbox(name: string, ...years: number[]): void {
  if (name !== 'INBOX') server.user.create(name);
  for (const year of years)
    server.user.append(name, `${name} ${year}`, { internalDate: `01-Mar-${year} 10:00:00 +0000` });
}

/** Names in the order in which they are copied; `done`: passed over before. */
async function orderOf(names: readonly string[], done: readonly string[] = []): Promise<string[]> {
  const tasks = names.map((name, id): MailboxTask => {
    const oldMark = done.includes(name) ? { uidNext: 1, messages: 0, highestModSeq: null } : null;
    const { messages } = server.mailbox(name);
    return {
      row: { id, oldName: name, oldMark },
      old: { name, status: { messages: messages.length } },
      specialUse: uses[name] ?? null,
      action: 'sync',
    } as unknown as MailboxTask;
  });
  return (await orderTasks(session, tasks)).map((id) => names[id] ?? '?');
}

describe('the order of mailboxes', () => {
  it('is INBOX, drafts, sent, then those with the newest mail first', async () => {
    mailbox('Archiv', 2010, 2011);
    mailbox('Gesendet', 2001);
    mailbox('Reisen', 2012, 2024);
    mailbox('Papierkorb', 2020);
    mailbox('leer');
    mailbox('Entwürfe', 2002);
    mailbox('INBOX', 2000);
    const names = ['leer', 'Archiv', 'Gesendet', 'Papierkorb', 'Reisen', 'Entwürfe', 'INBOX'];
    const expected = ['INBOX', 'Entwürfe', 'Gesendet', 'Reisen', 'Papierkorb', 'Archiv', 'leer'];
    expect(await orderOf(names)).toEqual(expected);
    expect(await orderOf(names.toReversed())).toEqual(expected);
  });

  it('goes by the newest message at the end, not by the last one', async () => {
    mailbox('A', 2024, 2003);
    mailbox('B', 2015, 2016);
    expect(await orderOf(['B', 'A'])).toEqual(['A', 'B']);
  });

  it('looks for no dates in mailboxes that were copied before, nor in a single one', async () => {
    mailbox('A', 2024);
    mailbox('B', 2010);
    await orderOf(['A', 'B'], ['A', 'B']);
    await orderOf(['A']);
    expect(server.log.filter(({ op }) => op === 'EXAMINE')).toEqual([]);
  });

  it('puts a mailbox that does not open behind, and goes on', async () => {
    mailbox('A', 2024);
    mailbox('B', 2010);
    server.misbehave({ kind: 'not-selectable', mailbox: 'A' });
    expect(await orderOf(['A', 'B'])).toEqual(['B', 'A']);
  });

  it('keeps that of the list, INBOX first, where there are too many mailboxes to look into', async () => {
    const many = Array.from({ length: 201 }, (_, n) => `m${n}`);
    for (const [n, name] of many.entries()) mailbox(name, 2000 + (n % 20));
    expect(await orderOf([...many, 'INBOX'])).toEqual(['INBOX', ...many]);
    expect(server.log.filter(({ op }) => op === 'EXAMINE')).toEqual([]);
  });
});
