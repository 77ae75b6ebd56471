/** What the owner of a mailbox sees and may do, on both databases. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import type { MailboxCheck } from '../../src/portal/login/mailbox-check.ts';
import { startDue } from '../../src/portal/start-due.ts';
import { saveDetails } from '../../src/state/database/account-detail.ts';
import { setNotes } from '../../src/state/database/account-notes.ts';
import { addAccount } from '../../src/state/database/accounts.ts';
import { credentialOf, newHashOwner } from '../../src/state/database/credentials.ts';
import { putMailbox, putRefused } from '../../src/state/database/journal-rows.ts';
import { saveProgress } from '../../src/state/database/progress.ts';
import { type Answer, type ControlEnv, key, rightOnly, startControlFor } from './control-env.ts';
import { describeOnBoth } from './database-env.ts';

const counted: MailboxCheck = async (login, password) => {
  const verdict = await rightOnly(login, password);
  if (verdict.kind !== 'right') return verdict;
  const inbox = { name: 'INBOX', role: 'inbox', messages: 40, bytes: 4_000 };
  return {
    kind: 'right',
    count: { mailboxes: [inbox, { ...inbox, name: 'Sent', role: 'sent', messages: 2 }] },
  };
};

const progress = {
  messagesTotal: 42,
  messagesDone: 10,
  messagesRefused: 1,
  mailboxes: 2,
  bytesCopied: 900,
  activity: 'copying',
  heardBy: 'all',
  lagMs: null,
  lastPassMs: null,
} as const;

describeOnBoth('My mailbox', (env) => {
  let control: ControlEnv;
  let id: string;
  let cookie: string;
  beforeEach(async () => {
    control = await startControlFor(env.database, { checkMailbox: counted });
    const anna = { address: 'anna@example.org', oldLogin: 'anna', newLogin: 'anna' };
    id = await addAccount(env.database.db, anna, 'test', systemClock.now());
    const { body } = await control.call(
      'POST',
      '/api/v1/accounts/import',
      'address,team\nanna@example.org,North\n',
    );
    expect(body).toMatchObject({ updated: 1 });
    cookie = await control.logIn('anna@example.org', 'right');
  });
  afterEach(() => control.close());
  const call = (method: string, path: string, body?: unknown): Promise<Answer> =>
    control.call(method, `/api/v1/accounts/${id}${path}`, body, { cookie });
  const german = () => control.call('PATCH', '/api/v1/session', { locale: 'de' }, { cookie });

  test('before the start: what lies on old, counted while its owner logged in, and an estimate from others', async () => {
    expect((await call('GET', '/crossing')).body).toMatchObject({
      account: { id, phase: 'old', paused: null, attention: null, team: { name: 'North' } },
      where: 'old',
      choice: 'none',
      plan: null,
      old: { messages: 42, bytes: 8_000, mailboxes: 2 },
      done: { messages: 0, bytes: 0 },
      estimate: null,
      secondsLeft: null,
      mailboxes: [{ name: 'INBOX', role: 'inbox', messages: 40, done: 0, complete: false }, { name: 'Sent' }],
      capabilities: { switch: false },
    });
    const bert = { address: 'bert@example.org', oldLogin: 'bert', newLogin: 'bert' };
    const bertId = await addAccount(env.database.db, bert, 'test', systemClock.now());
    const detail = { mailboxes: [], carried: [], rate: null, countedMs: 0 };
    const effort = { ms: 10_000, messages: 420, bytes: 1_000 };
    await saveDetails(env.database.db, [{ accountId: bertId, detail, effort }]);
    expect((await call('GET', '/crossing')).body).toMatchObject({
      // 8,000 octets at 100 a second.
      estimate: { seconds: 80, basis: 'measured-elsewhere' },
    });
  });

  test('a plan for later is shown, taken back, and carried out when its time has come', async () => {
    const at = new Date(Date.now() + 60_000).toISOString();
    const planned = await call('POST', '/plan', { kind: 'move', at });
    expect(planned.body).toMatchObject({
      choice: 'move',
      plan: { kind: 'move', at },
      account: { phase: 'old' },
    });
    expect(await startDue(env.database.db)).toBe(0);
    expect((await call('DELETE', '/plan')).body).toMatchObject({ choice: 'none', plan: null });
    expect((await call('DELETE', '/plan')).body).toMatchObject({ code: 'phase-refused' });
    await call('POST', '/plan', { kind: 'copy', at });
    await env.database.db.updateTable('account').set({ scheduled_for: 1 }).execute();
    // The control does the same by its clock: one of the two is first.
    await startDue(env.database.db);
    expect(await startDue(env.database.db)).toBe(0);
    const begun = await call('GET', '/crossing');
    expect(begun.body).toMatchObject({
      account: { phase: 'copying', scheduledFor: null },
      choice: 'copy',
      plan: null,
    });
    expect(begun.body.startedAt).toMatch(/^20/);
    const audit = await control.call('GET', `/api/v1/audit?subject=${id}`);
    expect(audit.body.audit).toMatchObject([
      { action: 'account.phase', actor: 'customer:anna@example.org' },
      { action: 'account.plan' },
      { action: 'account.plan' },
      { action: 'account.plan', detail: { choice: 'move' } },
      {},
      {},
      {},
    ]);
  });

  test('now is now; what was chosen may change later, and pausing twice is pausing once', async () => {
    expect((await call('POST', '/plan', { kind: 'copy' })).body).toMatchObject({
      account: { phase: 'copying' },
      choice: 'copy',
    });
    expect((await call('POST', '/plan', { kind: 'move' })).body).toMatchObject({
      account: { phase: 'copying' },
      choice: 'move',
    });
    for (let n = 0; n < 2; n++) {
      expect((await call('POST', '/pause')).body).toMatchObject({
        account: { paused: { by: 'customer:anna@example.org' } },
      });
    }
    expect((await call('POST', '/resume')).body).toMatchObject({ account: { paused: null } });
    const far = new Date(Date.now() + 400 * 86_400_000).toISOString();
    expect((await call('POST', '/plan', { kind: 'copy', at: far })).status).toBe(400);
  });

  test('while it copies: speed, time left and the last mails, whose subjects are for the owner alone', async () => {
    await call('POST', '/plan', { kind: 'copy' });
    const detail = {
      mailboxes: [{ name: 'INBOX', role: 'inbox', messages: 40, bytes: 4_000, done: 9, complete: false }],
      carried: [{ mailbox: 'INBOX', subject: 'Einladung', atMs: 5 }],
      rate: { messagesPerSecond: 4, bytesPerSecond: 400 },
      countedMs: 7,
    };
    const effort = { ms: 1, messages: 1, bytes: 1 };
    await saveDetails(env.database.db, [{ accountId: id, detail, effort }]);
    await saveProgress(env.database.db, [{ accountId: id, ...progress }]);
    expect((await call('GET', '/crossing')).body).toMatchObject({
      old: { messages: 42, bytes: 4_000 },
      done: { messages: 10, bytes: 900 },
      rate: { messagesPerSecond: 4 },
      secondsLeft: 8,
      estimate: { seconds: 11, basis: 'measured-here' },
      lastCarried: [{ mailbox: 'INBOX', subject: 'Einladung' }],
      more: 1,
    });
    await saveProgress(env.database.db, [
      { accountId: id, ...progress, activity: 'following', heardBy: 'nothing' },
    ]);
    expect((await call('GET', '/crossing')).body).toMatchObject({ heardBy: 'nothing', askedEveryMs: 30_000 });
    await saveProgress(env.database.db, [{ accountId: id, ...progress, activity: 'following' }]);
    expect((await call('GET', '/crossing')).body).toMatchObject({ heardBy: 'all', askedEveryMs: null });
    // Another copy brought it all, or some of it was sent twice: all of old is there, and no more.
    for (const bytesCopied of [0, 5_000]) {
      await saveProgress(env.database.db, [{ accountId: id, ...progress, messagesDone: 42, bytesCopied }]);
      expect((await call('GET', '/crossing')).body).toMatchObject({
        old: { bytes: 4_000 },
        done: { messages: 42, bytes: 4_000 },
      });
    }
    await saveProgress(env.database.db, [{ accountId: id, ...progress, bytesCopied: 5_000 }]);
    expect((await call('GET', '/crossing')).body).toMatchObject({ done: { messages: 10, bytes: 4_000 } });
    const others = await control.call('GET', `/api/v1/accounts/${id}/crossing`);
    expect(others.body).toMatchObject({ lastCarried: [{ mailbox: 'INBOX', subject: null }] });
  });

  test('trouble and refused messages are told in the language of the session', async () => {
    await german();
    const attention = { code: 'login-refused', reason: 'NO really', action: 'Check.', sinceMs: 5 } as const;
    await setNotes(env.database.db, id, { attention }, { actor: 'worker:1' });
    const told = await call('GET', '/crossing');
    expect(told.body).toMatchObject({
      account: { attention: { code: 'login-refused', detail: null, asks: true } },
    });
    expect(told.text).toContain('Passwort');
    expect(told.text).not.toContain('NO really');
    // Not what only the operator can do.
    const plain = await call('GET', '');
    expect(plain.text).not.toContain('NO really');
    expect((await control.call('GET', `/api/v1/accounts/${id}`)).body.attention).toMatchObject({
      reason: 'NO really',
    });
    expect(plain.body.attention).toMatchObject({
      reason: expect.stringContaining('Passwort'),
      action: expect.stringContaining('Sagen Sie Ihrem Anbieter, dass sich das Passwort'),
    });
    const box = {
      oldName: 'INBOX',
      newName: 'INBOX',
      mappedBy: 'inbox',
      place: 'active',
      generation: 1,
    } as const;
    await putMailbox(env.database.db, id, {
      id: 1,
      ...box,
      createdByUs: false,
      oldUidValidity: 1,
      newUidValidity: 1,
      oldMailboxId: null,
      newMailboxId: null,
      oldMark: null,
      newMark: null,
      adoptedBelow: 0,
      subscribed: true,
    });
    const refusal = {
      code: 'message-too-large',
      reason: 'NO too big',
      sizeBytes: 9,
      date: null,
      attempts: 1,
      atMs: 5,
    };
    for (const oldUid of [3, 4]) {
      // There are no words for the code of the second: what the server said is told beside it.
      const code = oldUid === 3 ? refusal.code : 'message-refused';
      const row = {
        mailboxId: 1,
        oldUid,
        subject: `Nr ${oldUid}`,
        from: 'a@b.org',
        ...refusal,
        code,
      } as const;
      await putRefused(env.database.db, id, row);
    }
    const page = await call('GET', '/refused?limit=1');
    expect(page.body).toMatchObject({
      refused: [
        {
          mailbox: 'INBOX',
          uid: 3,
          subject: 'Nr 3',
          what: expect.stringContaining('größer'),
          reasonHelps: false,
        },
      ],
    });
    expect((await call('GET', `/refused?limit=1&cursor=${String(page.body.next)}`)).body).toMatchObject({
      refused: [{ uid: 4, reason: 'NO too big', reasonHelps: true }],
      next: null,
    });
    await control.call('PUT', `/api/v1/teams/${await teamId()}/people/vera@example.org`, {
      rights: ['view'],
    });
    const vera = { address: 'vera@example.org', oldLogin: 'v', newLogin: 'v' };
    await addAccount(env.database.db, vera, 'test', systemClock.now());
    const veras = await control.logIn('vera@example.org', 'right');
    const seen = await control.call('GET', `/api/v1/accounts/${id}/refused`, undefined, { cookie: veras });
    expect(seen.body).toMatchObject({ refused: [{ subject: null, from: null, sizeBytes: 9 }, {}] });
    expect((await call('POST', '/refused/retry')).status).toBe(200);
  });

  test('with the owner’s consent a hash of the password is kept, sealed, and the password nowhere', async () => {
    const wanted = { kind: 'move', keepPassword: true };
    expect((await call('POST', '/plan', wanted)).status).toBe(400);
    expect((await call('POST', '/plan', { ...wanted, password: 'wrong' })).body).toMatchObject({
      code: 'login-refused',
    });
    expect((await call('POST', '/plan', { ...wanted, password: 'away' })).body).toMatchObject({
      code: 'old-unreachable',
    });
    expect((await call('GET', '/crossing')).body).toMatchObject({
      account: { phase: 'old' },
      choice: 'none',
    });
    expect((await call('POST', '/plan', { ...wanted, password: 'right' })).body).toMatchObject({
      choice: 'move',
    });
    const place = { owner: newHashOwner(id), side: 'new' } as const;
    const kept = await credentialOf(env.database.db, key, place);
    expect(kept?.secret.reveal()).toMatch(/^\{ARGON2ID\}\$argon2id\$v=19\$m=65536,t=3,p=4\$/);
    const asOperator = await control.call('POST', `/api/v1/accounts/${id}/plan`, {
      ...wanted,
      password: 'right',
    });
    expect(asOperator.status).toBe(400);
  });

  async function teamId(): Promise<string> {
    const { teams } = (await control.call('GET', '/api/v1/teams')).body as { teams: { id: string }[] };
    return teams[0]?.id ?? '';
  }
});
