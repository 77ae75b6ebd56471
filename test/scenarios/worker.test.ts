/** Accounts in the hands of a worker, on real Dovecots and both databases. */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { detailsOf } from '../../src/state/database/account-detail.ts';
import { setNotes } from '../../src/state/database/account-notes.ts';
import { appendEvent } from '../../src/state/database/events.ts';
import { mailboxProblemsOf } from '../../src/state/database/mailbox-problems.ts';
import { progressOf } from '../../src/state/database/progress.ts';
import { addRequest } from '../../src/state/database/requests.ts';
import { allServers, putServer } from '../../src/state/database/servers.ts';
import { syncStatus } from '../../src/state/database/sync-status.ts';
import { describeOnBoth } from '../contracts/database-env.ts';
import { accountOf, actAs } from '../interop/mailferry.ts';
import { judge } from '../judge/invariants.ts';
import { type Dovecot, startDovecot } from '../lab/dovecot.ts';
import { makeFleet, until } from './worker-env.ts';

let old: Dovecot;
let fresh: Dovecot;
const user = (name: string) => ({ name, password: `geheim-${name}` });
let round = 0;
const allNames = ['a', 'b'].flatMap((side) => [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `${side}${n}`));

beforeAll(async () => {
  const users = allNames.map(user);
  [old, fresh] = await Promise.all([
    startDovecot({ users, tls: false }),
    startDovecot({ users, tls: false }),
  ]);
});
afterAll(async () => {
  await Promise.all([old?.stop(), fresh?.stop()]);
});

const letter = (subject: string) => Buffer.from(`Subject: ${subject}\r\n\r\n${subject}\r\n`);
const messagesOf = async (server: Dovecot, name: string, box = 'INBOX') =>
  (await accountOf(server, user(name))).get(box)?.messages.length ?? 0;

/** All of it is there once, and in the order of old. */
async function judged(name: string): Promise<void> {
  const there = await accountOf(old, user(name));
  const here = await accountOf(fresh, user(name));
  expect(judge({ oldBefore: there, oldAfter: there, newAfter: here })).toEqual([]);
  for (const [box, { messages }] of there) {
    const digests = (here.get(box)?.messages ?? []).map(({ sha256 }) => sha256);
    expect(digests).toEqual(messages.map(({ sha256 }) => sha256));
  }
}

describeOnBoth('a worker', (env) => {
  const side = ['a', 'b'][round++] ?? '';

  test('copies, checks and follows', { timeout: 60_000 }, async () => {
    const names = [`${side}1`, `${side}2`];
    const [first = ''] = names;
    const fleet = await makeFleet({ database: env.database, old, fresh, users: names.map(user) });
    for (const name of names) {
      const imap = await actAs(old, user(name));
      for (let i = 0; i < 5; i++) await imap.append('INBOX', letter(`${name} ${i}`));
    }
    await putServer(env.database.db, { side: 'old', host: old.host, port: old.imapPort, limits: {} }, 'test');
    const worker = await fleet.startWorker();
    try {
      for (const name of names) await fleet.begin(name);
      for (const name of names) await fleet.phase(name, 'in-step');
      const progress = async () =>
        (await progressOf(env.database.db, [fleet.idOf(first)])).get(fleet.idOf(first));
      await until(10_000, async () => (await progress())?.heardBy === 'all');
      const imap = await actAs(old, user(first));
      await imap.append('INBOX', letter('new'));
      await until(10_000, async () => (await messagesOf(fresh, first)) === 6);
      await imap.command(['SELECT INBOX']);
      await imap.command(['UID STORE 1 +FLAGS (\\Flagged)']);
      await until(10_000, async () => {
        const box = (await accountOf(fresh, user(first))).get('INBOX');
        return box?.messages[0]?.flags.includes('\\flagged') === true;
      });
      await until(5_000, async () => {
        const now = await progress();
        return now?.messagesDone === 6 && now.lagMs !== null;
      });
      expect(fleet.carried.length).toBeGreaterThan(0);
      const shown = async () =>
        (await detailsOf(env.database.db, [fleet.idOf(first)])).get(fleet.idOf(first));
      const inboxShown = async () => (await shown())?.detail.mailboxes.find(({ name }) => name === 'INBOX');
      await until(5_000, async () => (await shown())?.detail.carried[0]?.subject === 'new');
      await until(5_000, async () => (await inboxShown())?.complete === true);
      const { effort } = (await shown()) ?? expect.fail('nothing was written');
      const inbox = await inboxShown();
      expect(inbox).toMatchObject({ role: 'inbox', messages: 6, done: 6 });
      expect(inbox?.bytes).toBeGreaterThan(0);
      expect(effort.messages).toBe(5);
      const [there] = await allServers(env.database.db);
      expect(there?.capabilities).toContain('IMAP4REV1');
    } finally {
      await worker.close();
    }
    for (const name of names) await judged(name);
  });

  test('a wrong password stops one account at the first failure and no other', {
    timeout: 60_000,
  }, async () => {
    const [good, bad] = [`${side}3`, `${side}4`] as const;
    const fleet = await makeFleet({ database: env.database, old, fresh, users: [user(good), user(bad)] });
    await (await actAs(old, user(bad))).append('INBOX', letter('one'));
    fleet.passwords.set(bad, 'wrong');
    const worker = await fleet.startWorker();
    try {
      await fleet.begin(bad);
      await fleet.begin(good);
      await fleet.phase(good, 'in-step');
      await until(10_000, async () => (await fleet.notes(bad)).attention !== null);
      const { attention } = await fleet.notes(bad);
      expect(attention).toMatchObject({ code: 'login-refused' });
      expect(attention?.reason).toContain('old server');
      await new Promise((resolve) => setTimeout(resolve, 1500));
      expect(fleet.log.filter((line) => line.includes('login-refused'))).toHaveLength(1);
      // A person enters the right one and retries.
      fleet.passwords.set(bad, user(bad).password);
      await setNotes(env.database.db, fleet.idOf(bad), { attention: null }, { actor: 'test' });
      await fleet.phase(bad, 'in-step');
      expect(await messagesOf(fresh, bad)).toBe(1);
      expect(fleet.log.join('')).not.toContain('geheim');
    } finally {
      await worker.close();
    }
    for (const name of [good, bad]) await judged(name);
  });

  test('a mailbox that does not open is told, the others go on, and it follows when it opens', {
    timeout: 60_000,
  }, async () => {
    const name = `${side}6`;
    const { db } = env.database;
    const more = '[worker]\npolling_seconds = 1\n';
    const fleet = await makeFleet({ database: env.database, old, fresh, users: [user(name)], more });
    const id = fleet.idOf(name);
    const imap = await actAs(old, user(name));
    await imap.command(['CREATE Shut']);
    for (const box of ['INBOX', 'Shut']) await imap.append(box, letter(box));
    await imap.logout();
    const folder = join(old.mailDir(name), '.Shut');
    chmodSync(folder, 0);
    const worker = await fleet.startWorker();
    try {
      await fleet.begin(name);
      await fleet.phase(name, 'in-step');
      expect(await messagesOf(fresh, name)).toBe(1);
      expect(await mailboxProblemsOf(db, id)).toMatchObject([{ mailbox: 'Shut', code: 'mailbox-unusable' }]);
      expect((await syncStatus(db)).mailboxProblems).toBe(1);
      chmodSync(folder, 0o700);
      await addRequest(db, id, 'look-now');
      await appendEvent(db, { kind: 'account.request', subject: id, detail: {} });
      await until(10_000, async () => (await messagesOf(fresh, name, 'Shut')) === 1);
      await until(10_000, async () => (await mailboxProblemsOf(db, id)).length === 0);
    } finally {
      await worker.close();
    }
    await judged(name);
  });

  test('a pause stops the account until it is lifted, and then it goes on', { timeout: 60_000 }, async () => {
    const name = `${side}5`;
    const fleet = await makeFleet({ database: env.database, old, fresh, users: [user(name)] });
    const imap = await actAs(old, user(name));
    await imap.append('INBOX', letter('one'));
    const worker = await fleet.startWorker();
    try {
      await fleet.begin(name);
      await fleet.phase(name, 'in-step');
      const { db } = env.database;
      const id = fleet.idOf(name);
      await setNotes(db, id, { paused: { by: 'anna', why: 'holiday' } }, { actor: 'test' });
      const activity = async () => (await progressOf(db, [id])).get(id)?.activity;
      await until(10_000, async () => (await activity()) === 'stopped');
      await imap.append('INBOX', letter('two'));
      await new Promise((resolve) => setTimeout(resolve, 1500));
      expect(await messagesOf(fresh, name)).toBe(1);
      await addRequest(db, id, 'look-now');
      await setNotes(db, id, { paused: null }, { actor: 'test' });
      await until(10_000, async () => (await messagesOf(fresh, name)) === 2);
    } finally {
      await worker.close();
    }
    await judged(name);
  });
});
