/** What becomes of accounts that are to be made on new: by the clock, by hand, and when the other side does not. */
import { expect, test } from 'vitest';
import { MailferryError } from '../../src/base/errors.ts';
import { Secret } from '../../src/base/secret.ts';
import { dovecotSchemes } from '../../src/domain/password-scheme.ts';
import type { NewSideAccount } from '../../src/provisioning/provisioner.ts';
import { Provisioning } from '../../src/provisioning/index.ts';
import { notesOf, setNotes } from '../../src/state/database/account-notes.ts';
import { accountOf, addAccount, changePhase } from '../../src/state/database/accounts.ts';
import { auditOf } from '../../src/state/database/audit.ts';
import { changeMany } from '../../src/state/database/bulk-changes.ts';
import { newHashOwner, setCredential } from '../../src/state/database/credentials.ts';
import { offerToEdges } from '../../src/state/database/edge-users.ts';
import { edgeRowsAfter } from '../../src/state/database/edge-rows.ts';
import { EnvelopeKey } from '../../src/state/database/envelope.ts';
import { acquireLease } from '../../src/state/database/leases.ts';
import {
  askFor,
  dueProvisions,
  isMade,
  lookAgain,
  provisionOf,
} from '../../src/state/database/provisions.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { describeOnBoth } from './database-env.ts';

const key = new EnvelopeKey(new Uint8Array(32).fill(7));
const over = new AbortController().signal;
const hash = '{SSHA}abcdefghijklmnop';

describeOnBoth('accounts that are to be made on new', (env) => {
  type Answer = readonly string[] | MailferryError;
  function made(
    answers: Answer[],
    { hashes = new Map<string, string>(), clock = new FakeClock(), takesMs = 0 } = {},
  ) {
    const asked: NewSideAccount[] = [];
    const lines: string[] = [];
    const note = (fields: object, text: string) => lines.push(`${JSON.stringify(fields)} ${text}`);
    const provisioning = new Provisioning({
      database: env.database,
      key,
      clock,
      random: () => 0.5,
      log: { info: note, warn: note },
      adapter: {
        name: 'fake',
        schemes: dovecotSchemes,
        ensure: async (account, { dryRun }) => {
          asked.push(account);
          await clock.advance(takesMs);
          const answer = (dryRun ? answers[0] : answers.shift()) ?? [];
          if (answer instanceof Error) throw answer;
          return { changes: answer, hash: account.hash };
        },
        test: async () => ({ text: 'fake' }),
      },
      againMs: 60_000,
      ladder: {
        database: env.database,
        key,
        rungs: ['copied', 'captured'],
        reader: {
          name: 'fake',
          hashOf: async (login) => {
            const found = hashes.get(login);
            return found === undefined ? null : new Secret(found);
          },
        },
        fit: { standardScheme: null, schemes: ['SSHA'], hash: async () => new Secret('{SSHA}of-plain') },
      },
    });
    return { provisioning, asked, lines };
  }
  const account = (name: string) =>
    addAccount(
      env.database.db,
      { address: `${name}@example.org`, oldLogin: name, newLogin: `${name}@new` },
      'test',
      0,
    );
  const start = (accountId: string) =>
    changePhase(env.database.db, { accountId, event: 'start', actor: 'test' });
  const pendingNow = new MailferryError('provisioning-pending', 'fake: away', { side: 'new' });
  const refusedNow = new MailferryError('provisioning-refused', 'fake: no such domain', { side: 'new' });
  const attentionOf = async (id: string) => (await notesOf(env.database.db, id)).attention;
  /** Time is the database's: what is due later is made due by hand. */
  const makeDue = (id: string) => lookAgain(env.database.db, id);

  test('what is started is made once, and noted with its hash sealed; what is not started is not', async () => {
    const { db } = env.database;
    const [anna, bela] = [await account('anna'), await account('bela')];
    await start(anna);
    const { provisioning, asked } = made([['create']], { hashes: new Map([['anna', hash]]) });
    expect(await isMade(db, anna)).toBe(false);
    await provisioning.noticeStarted();
    await provisioning.due(over);
    await provisioning.noticeStarted();
    await provisioning.due(over);
    expect(asked.map(({ address, login }) => [address, login])).toEqual([['anna@example.org', 'anna@new']]);
    expect(asked[0]?.hash?.reveal()).toBe(hash);
    expect([await isMade(db, anna), await isMade(db, bela)]).toEqual([true, false]);
    expect(await provisionOf(db, key, anna)).toMatchObject({
      state: 'made',
      adapter: 'fake',
      origin: 'copied',
    });
    expect((await auditOf(db, anna, 1))[0]).toMatchObject({
      action: 'account.provision',
      actor: 'provisioning',
      detail: { adapter: 'fake', password: 'copied', changes: ['create'] },
    });
    const raw = await db.selectFrom('provision').selectAll().execute();
    expect(JSON.stringify(raw)).not.toContain('abcdefghij');
  });

  test('an account that is planned soon is made before; one that is planned for later is not', async () => {
    const { db } = env.database;
    const [soon, later] = [await account('soon'), await account('later')];
    await setNotes(db, soon, { scheduledForMs: Date.now() + 60_000 }, { actor: 'test' });
    await setNotes(db, later, { scheduledForMs: Date.now() + 3_600_000 }, { actor: 'test' });
    const { provisioning, asked } = made([['create']]);
    await provisioning.noticeStarted();
    await provisioning.due(over);
    expect(asked.map(({ id }) => id)).toEqual([soon]);
  });

  test('who asks by hand gets an answer after a minute, and the rest is made after it', async () => {
    const { db } = env.database;
    const ids = [await account('a'), await account('b'), await account('c'), await account('d')];
    const { provisioning, asked } = made([], { takesMs: 25_000 });
    const by = { actor: 'operator:test' };
    expect(await provisioning.provision(ids, { ...by, dryRun: true })).toHaveLength(3);
    expect(await dueProvisions(db, 9)).toEqual([]);
    const answered = await provisioning.provision(ids, { ...by, dryRun: false });
    expect(answered.map(({ account: name }) => name)).toEqual(
      ['a', 'b', 'c'].map((one) => `${one}@example.org`),
    );
    expect(await dueProvisions(db, 9)).toEqual([ids[3]]);
    await provisioning.due(over);
    expect(asked.at(-1)?.id).toBe(ids[3]);
    expect(await isMade(db, ids[3] ?? '')).toBe(true);
  });

  test('while the other side is away it is tried again, told after three times, and taken back when it is made', async () => {
    const { db } = env.database;
    const id = await account('anna');
    await start(id);
    const { provisioning, lines } = made([pendingNow, pendingNow, pendingNow, ['create']]);
    await provisioning.noticeStarted();
    for (const told of [null, null, { code: 'provisioning-pending' }]) {
      await provisioning.due(over);
      expect(await dueProvisions(db, 9)).toEqual([]);
      const attention = await attentionOf(id);
      if (told === null) expect(attention).toBeNull();
      else expect(attention).toMatchObject({ ...told, reason: 'anna@example.org: fake: away' });
      await makeDue(id);
    }
    expect(lines.at(-1)).toMatch(/"address":"anna@example.org","adapter":"fake".*fake: away/);
    await provisioning.due(over);
    expect(await attentionOf(id)).toBeNull();
    expect(await isMade(db, id)).toBe(true);
  });

  test('what is refused waits for a person, whose "try again" tries again', async () => {
    const { db } = env.database;
    const id = await account('anna');
    await start(id);
    const { provisioning, asked } = made([refusedNow, ['create']]);
    await provisioning.noticeStarted();
    await provisioning.due(over);
    expect(await attentionOf(id)).toMatchObject({
      code: 'provisioning-refused',
      reason: 'anna@example.org: fake: no such domain',
    });
    expect(await provisionOf(db, key, id)).toMatchObject({ state: 'failed', failures: 1 });
    await provisioning.due(over);
    expect(asked).toHaveLength(1);
    const only = { ids: [id], teamIds: [], domains: [], all: false };
    await changeMany(
      db,
      only,
      { kind: 'retry', confirmDeletions: false },
      { actor: 'test', dryRun: false, named: 1 },
    );
    await provisioning.due(over);
    expect(asked).toHaveLength(2);
    expect(await isMade(db, id)).toBe(true);
  });

  test('an account that is there goes on, whatever its next look meets', async () => {
    const { db } = env.database;
    const id = await account('anna');
    await start(id);
    const { provisioning } = made([['create'], refusedNow]);
    await provisioning.noticeStarted();
    await provisioning.due(over);
    await makeDue(id);
    await provisioning.due(over);
    expect([await isMade(db, id), await attentionOf(id)]).toEqual([true, null]);
    expect(await provisionOf(db, key, id)).toMatchObject({ state: 'made', code: 'provisioning-refused' });
  });

  test('what else is wrong with an account stays told', async () => {
    const id = await account('anna');
    const attention = { code: 'login-refused', reason: 'no', action: 'Look.', sinceMs: 5 } as const;
    await setNotes(env.database.db, id, { attention }, { actor: 'worker:1' });
    const { provisioning } = made([refusedNow, ['create']]);
    for (const outcome of ['refused', 'made'])
      expect(await provisioning.provision([id], { dryRun: false, actor: 'test' })).toMatchObject([
        { outcome },
      ]);
    expect(await attentionOf(id)).toMatchObject({ code: 'login-refused' });
  });

  test('a dry run asks the adapter to change nothing, and writes nothing', async () => {
    const { db } = env.database;
    const id = await account('anna');
    const { provisioning } = made([['create']], { hashes: new Map([['anna', hash]]) });
    expect(await provisioning.provision([id], { dryRun: true, actor: 'test' })).toEqual([
      {
        account: 'anna@example.org',
        outcome: 'made',
        changes: ['create'],
        password: 'copied',
        code: null,
        reason: null,
      },
    ]);
    expect(await provisionOf(db, key, id)).toBeNull();
    expect((await auditOf(db, id, 9)).map(({ action }) => action)).toEqual(['account.add']);
  });

  test('the password is the copied one, else the captured one, else none; an unfit one falls through', async () => {
    const { db } = env.database;
    const hashes = new Map([
      ['anna', hash],
      ['unfit', '{SHA512-CRYPT}$6$a$b'],
      ['locked', '*'],
      ['plain', '{PLAIN}geheim'],
    ]);
    const { provisioning, asked } = made([[], [], [], [], []], { hashes });
    for (const name of ['anna', 'unfit', 'locked', 'plain', 'nobody']) {
      const id = await account(name);
      if (name !== 'nobody') {
        const secret = new Secret('{SSHA}captured');
        await setCredential(db, key, { owner: newHashOwner(id), side: 'new', login: name, secret }, 'test');
      }
      await provisioning.provision([id], { dryRun: false, actor: 'test' });
    }
    expect(asked.map((one) => one.hash?.reveal() ?? null)).toEqual([
      hash,
      '{SSHA}captured',
      '{SSHA}captured',
      '{SSHA}of-plain',
      null,
    ]);
  });

  test('what old no longer knows is not taken away on new', async () => {
    const id = await account('anna');
    const hashes = new Map([['anna', hash]]);
    const { provisioning, asked } = made([['create'], []], { hashes });
    const again = () => provisioning.provision([id], { dryRun: false, actor: 'test' });
    await again();
    hashes.clear();
    expect(await again()).toMatchObject([{ outcome: 'unchanged', password: 'copied' }]);
    expect(asked.at(-1)?.hash?.reveal()).toBe(hash);
    hashes.set('anna', '*');
    await again();
    expect(asked.at(-1)?.hash?.reveal()).toBe(hash);
  });

  test('of several controls one makes accounts at a time', async () => {
    const id = await account('anna');
    await start(id);
    const { provisioning, asked } = made([['create']]);
    await provisioning.noticeStarted();
    await acquireLease(env.database.db, 'provisioning', 'another', 60_000);
    await provisioning.due(over);
    expect(asked).toEqual([]);
  });

  test('edges of new are told of an account once for each hash, and edges of old never', async () => {
    const { db } = env.database;
    const id = await account('anna');
    await askFor(db, [id], 0);
    const before = (await accountOf(db, id)).epoch;
    const first = await offerToEdges(db, key, id, new Secret(hash));
    expect(first).toBeGreaterThan(before);
    expect(await offerToEdges(db, key, id, new Secret(hash))).toBe(first);
    const second = await offerToEdges(db, key, id, null);
    expect(second).toBeGreaterThan(first);
    const usersOf = async (side: 'old' | 'new') =>
      (await edgeRowsAfter(db, { side, after: 0, limit: 9, key })).rows.map(({ user }) => user);
    expect(await usersOf('new')).toEqual([{ hash: null, quotaBytes: null }]);
    expect(await usersOf('old')).toEqual([undefined]);
    await offerToEdges(db, key, id, new Secret(hash));
    expect(await usersOf('new')).toEqual([{ hash, quotaBytes: null }]);
  });
});
