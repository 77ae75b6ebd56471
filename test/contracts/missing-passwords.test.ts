/** Accounts on new that have no password: who is asked for it, how often, and what its owner and operators see. On both databases. */
import { expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { MailferryError } from '../../src/base/errors.ts';
import { Secret } from '../../src/base/secret.ts';
import { askForPasswords } from '../../src/portal/outbox/ask-for-passwords.ts';
import { type OutgoingMail, sendDue } from '../../src/portal/outbox/send.ts';
import { setNotes } from '../../src/state/database/account-notes.ts';
import { addAccount, changePhase } from '../../src/state/database/accounts.ts';
import { auditOf } from '../../src/state/database/audit.ts';
import { newHashOwner, setCredential } from '../../src/state/database/credentials.ts';
import { askFor, noteMade, noteNotMade, type PasswordOrigin } from '../../src/state/database/provisions.ts';
import { type ControlEnv, key, startControlFor } from './control-env.ts';
import { describeOnBoth } from './database-env.ts';

const day = 86_400_000;
const quiet = { info: () => {}, warn: () => {}, error: () => {} };
const answers = `cat > /dev/null; echo '{"changes":["password"]}'`;
const making = `[new.provisioning]\nadapter = "command"\ncommand = ["/bin/sh", "-c", ${JSON.stringify(answers)}]\n`;

describeOnBoth('accounts on new without a password', (env) => {
  const account = async (name: string, phase: 'old' | 'copying' | 'in-step' = 'in-step') => {
    const { db } = env.database;
    const logins = { oldLogin: name, newLogin: name };
    const id = await addAccount(db, { address: `${name}@example.org`, ...logins }, 'test', Date.now());
    if (phase !== 'old') await changePhase(db, { accountId: id, event: 'start', actor: 'test' });
    if (phase === 'in-step') await changePhase(db, { accountId: id, event: 'agree', actor: 'test' });
    return id;
  };
  const made = async (id: string, origin: PasswordOrigin) => {
    const { db } = env.database;
    await askFor(db, [id], day);
    const hash = origin === 'copied' ? new Secret('{SSHA}abcdefghijkl') : null;
    const told = { adapter: 'command', origin, hash, changes: ['create'], againMs: day };
    await noteMade(db, key, id, told, 'test');
  };
  const give = (id: string) =>
    setCredential(
      env.database.db,
      key,
      { owner: newHashOwner(id), side: 'new', login: 'x', secret: new Secret('{ARGON2ID}x') },
      'test',
    );
  const look = (most = 2) =>
    askForPasswords({ database: env.database, clock: systemClock, log: quiet, most, againMs: 7 * day });
  const sent = async () => {
    const mails: OutgoingMail[] = [];
    const options = { database: env.database, key, clock: systemClock, log: quiet, locale: 'en' } as const;
    const publicUrl = 'https://move.example.org/';
    await sendDue({ ...options, publicUrl, sendMail: async (mail) => void mails.push(mail) }, 'mail');
    return mails;
  };
  const laterBy = (id: string, ms: number) =>
    env.database.db
      .updateTable('provision')
      .set((eb) => ({ asked_ms: eb('asked_ms', '-', ms) }))
      .where('account_id', '=', id)
      .execute();

  test('only owners whose mailbox is across and whose password nobody knows are asked, each once', async () => {
    const anna = await account('anna');
    await made(anna, 'none');
    await made(await account('copied'), 'copied');
    await made(await account('locked'), 'locked');
    await made(await account('copying', 'copying'), 'none');
    await made(await account('old', 'old'), 'none');
    const given = await account('given');
    await made(given, 'none');
    await give(given);
    const paused = await account('paused');
    await made(paused, 'none');
    await setNotes(env.database.db, paused, { paused: { by: 'x', why: '' } }, { actor: 'test' });
    await askFor(env.database.db, [await account('waiting')], day);
    await look(0);
    expect(await sent()).toEqual([]);
    // Two controls at once.
    await Promise.all([look(), look()]);
    await look();
    const mails = await sent();
    expect(mails.map(({ to }) => to)).toEqual(['anna@example.org']);
    expect(mails[0]?.text).toContain('https://move.example.org/\n');
    expect(mails[0]?.text).not.toContain('We remind you');
    expect((await auditOf(env.database.db, anna, 1))[0]).toMatchObject({
      action: 'account.password-mail',
      actor: 'provisioning',
      detail: { mail: 1 },
    });
  });

  test('a second mail goes after the days that are set, and no third', async () => {
    const anna = await account('anna');
    await made(anna, 'none');
    await look();
    await laterBy(anna, 6 * day);
    await look();
    expect(await sent()).toHaveLength(1);
    await laterBy(anna, 2 * day);
    await look(1);
    expect(await sent()).toEqual([]);
    await look();
    const [second] = await sent();
    expect(second?.text).toContain('We remind you of it this once, and not again.');
    await laterBy(anna, 30 * day);
    await look();
    expect(await sent()).toEqual([]);
  });

  test('whoever gave the password before the mail went gets none', async () => {
    const anna = await account('anna');
    await made(anna, 'none');
    await look();
    await give(anna);
    expect(await sent()).toEqual([]);
  });

  test('not everybody is asked in the same minute', async () => {
    for (let n = 0; n < 35; n++) await made(await account(`n${n}`), 'none');
    await look();
    expect(await sent()).toHaveLength(30);
    await look();
    expect(await sent()).toHaveLength(5);
  });

  const crossing = (control: ControlEnv, cookie: string) =>
    control
      .call('GET', '/api/v1/accounts/anna@example.org/crossing', undefined, { cookie })
      .then(({ body }) => (body.capabilities as { keepPassword: boolean }).keepPassword);

  test('its owner is offered to give it, and nobody else; it is checked on old, and on new a moment later', async () => {
    const anna = await account('anna');
    const control = await startControlFor(env.database, { toml: making });
    try {
      const cookie = await control.logIn('anna@example.org', 'right');
      expect(await crossing(control, cookie)).toBe(false);
      await made(anna, 'none');
      expect(await crossing(control, cookie)).toBe(true);
      const asOperator = await control.call('GET', '/api/v1/accounts/anna@example.org/crossing');
      expect(asOperator.body.capabilities).toMatchObject({ keepPassword: false });
      const post = (password: string, as: { cookie?: string }) =>
        control.call('POST', '/api/v1/accounts/anna@example.org/password', { password }, as);
      expect((await post('wrong', { cookie })).status).toBe(401);
      expect((await post('right', {})).status).toBe(400);
      expect(await crossing(control, cookie)).toBe(true);
      const answer = await post('right', { cookie });
      expect([answer.status, answer.body.capabilities]).toEqual([
        200,
        expect.objectContaining({ keepPassword: false }),
      ]);
      const at = '/api/v1/provisioning?list=without-password';
      await expect
        .poll(async () => (await control.call('GET', at)).body.counts, { timeout: 10_000 })
        .toMatchObject({ made: 1, withoutPassword: 0 });
    } finally {
      await control.close();
    }
  });

  test('where Mailferry makes no accounts, nobody’s password is taken', async () => {
    const anna = await account('anna');
    await made(anna, 'none');
    const control = await startControlFor(env.database);
    try {
      const cookie = await control.logIn('anna@example.org', 'right');
      expect(await crossing(control, cookie)).toBe(false);
      const path = '/api/v1/accounts/anna@example.org/password';
      const answer = await control.call('POST', path, { password: 'right' }, { cookie });
      expect([answer.status, answer.body.code]).toEqual([409, 'provisioning-off']);
      expect((await control.call('GET', '/api/v1/provisioning')).body).toMatchObject({ adapter: null });
    } finally {
      await control.close();
    }
  });

  test('operators see how many stand where, what did not go well with its answer, and who has no password', async () => {
    const { db } = env.database;
    const [bare, locked, broken, late] = [
      await account('bare'),
      await account('locked'),
      await account('broken', 'copying'),
      await account('late', 'copying'),
    ];
    await made(bare, 'none');
    await made(locked, 'locked');
    await made(await account('good'), 'copied');
    await look();
    await askFor(db, [broken, late], day);
    const error = new MailferryError('provisioning-refused', 'fake: no such domain', { side: 'new' });
    await noteNotMade(db, broken, { error, againMs: null });
    const away = new MailferryError('provisioning-pending', 'fake: away', { side: 'new' });
    await noteNotMade(db, late, { error: away, againMs: day });
    const control = await startControlFor(env.database, {
      toml: making.replace(
        '[new.provisioning]\n',
        '[old.passwords]\nkind = "command"\ncommand = ["/bin/false"]\n[new.provisioning]\n',
      ),
    });
    try {
      const list = async (query: string) => (await control.call('GET', `/api/v1/provisioning${query}`)).body;
      const trouble = await list('');
      expect(trouble).toMatchObject({
        adapter: 'command',
        passwords: ['copied', 'captured'],
        hashesFrom: 'command',
        mails: { most: 0, days: 7 },
        counts: { made: 3, waiting: 1, failed: 1, withoutPassword: 2, asked: 1, trouble: 2 },
        accounts: [
          { address: 'broken@example.org', state: 'failed', reason: 'fake: no such domain', nextAt: null },
          { address: 'late@example.org', state: 'waiting', failures: 1, nextAt: expect.any(String) },
        ],
        next: null,
      });
      const first = await list('?list=without-password&limit=1');
      expect(first.accounts).toMatchObject([{ address: 'bare@example.org', password: 'none', mails: 1 }]);
      const second = await list(`?list=without-password&limit=1&cursor=${String(first.next)}`);
      expect(second).toMatchObject({
        accounts: [{ address: 'locked@example.org', password: 'locked', mails: 0, lastMailAt: null }],
        next: null,
      });
    } finally {
      await control.close();
    }
  });
});
