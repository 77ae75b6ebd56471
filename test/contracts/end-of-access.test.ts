/** What the sync logs in with ends with an account's move, on both databases. */
import { expect, it } from 'vitest';
import { Secret } from '../../src/base/secret.ts';
import { accountOf, addAccount, changePhase } from '../../src/state/database/accounts.ts';
import {
  addAppPassword,
  appPasswordInForce,
  appPasswordsOf,
} from '../../src/state/database/app-passwords.ts';
import { auditOf } from '../../src/state/database/audit.ts';
import { credentialOf, secretsSetAt, setCredential } from '../../src/state/database/credentials.ts';
import { edgeRowsAfter } from '../../src/state/database/edge-rows.ts';
import { revokeAppPassword } from '../../src/state/database/end-of-access.ts';
import { EnvelopeKey } from '../../src/state/database/envelope.ts';
import { describeOnBoth } from './database-env.ts';

const actor = 'worker:w1';
const key = new EnvelopeKey(new Uint8Array(32).fill(7));
const sides = ['old', 'new'] as const;

describeOnBoth('what the sync logs in with', (env) => {
  const add = (name: string) =>
    addAccount(env.database.db, { address: `${name}@example.org`, oldLogin: name, newLogin: name }, actor, 0);
  const mint = (accountId: string, side: 'old' | 'new', id: string, othersForMs?: number) =>
    addAppPassword(
      env.database.db,
      key,
      {
        accountId,
        side,
        id,
        password: new Secret(`secret of ${id}`),
        hash: 'h',
        protocols: ['imap'],
        nets: ['192.0.2.20/32'],
        lifeMs: 3_600_000,
        ...(othersForMs === undefined ? {} : { othersForMs }),
      },
      actor,
    );
  const go = async (accountId: string, ...events: ('start' | 'agree' | 'switch' | 'commit' | 'finish')[]) => {
    for (const event of events) await changePhase(env.database.db, { accountId, event, actor });
  };
  /** Both kinds of secrets on both sides, and the account before its last step. */
  const switched = async (name: string) => {
    const id = await add(name);
    for (const side of sides) {
      await mint(id, side, `${name}-${side}`);
      const credential = { owner: id, side, login: name, secret: new Secret('own') };
      await setCredential(env.database.db, key, credential, 'operator');
    }
    await go(id, 'start', 'agree', 'switch', 'commit');
    return id;
  };
  const left = async (id: string) => ({
    phase: (await accountOf(env.database.db, id)).phase,
    inForce: (await appPasswordsOf(env.database.db, id)).filter(({ revokedAtMs }) => revokedAtMs === null)
      .length,
    own: (
      await Promise.all(sides.map((side) => credentialOf(env.database.db, key, { owner: id, side })))
    ).filter((one) => one !== null).length,
  });

  it('stays until the account is done, and is revoked and erased then, of that account alone', async () => {
    const [anna, bela] = [await switched('anna'), await switched('bela')];
    expect(await left(anna)).toEqual({ phase: 'switched', inForce: 2, own: 2 });
    await go(anna, 'finish');
    expect(await left(anna)).toEqual({ phase: 'done', inForce: 0, own: 0 });
    expect(await left(bela)).toEqual({ phase: 'switched', inForce: 2, own: 2 });
    expect(await appPasswordInForce(env.database.db, key, anna, 'old')).toBeNull();
    const told = (await auditOf(env.database.db, anna, 5)).map(({ actor: by, action }) => `${by} ${action}`);
    expect(told.toSorted()).toEqual([
      'worker:w1 account.phase',
      'worker:w1 app-password.revoke',
      'worker:w1 app-password.revoke',
      'worker:w1 credential.remove',
      'worker:w1 credential.remove',
    ]);
    expect((await appPasswordsOf(env.database.db, anna)).map(({ revokedBy }) => revokedBy)).toEqual([
      actor,
      actor,
    ]);
  });

  it('ends in the transaction of the phase: edges hear of both at once, and where one fails neither is', async () => {
    const anna = await switched('anna');
    const bela = await switched('bela');
    const { epoch } = await accountOf(env.database.db, bela);
    await go(anna, 'finish');
    const { rows } = await edgeRowsAfter(env.database.db, { side: 'old', after: epoch, limit: 10 });
    expect(rows.map(({ id, phase, appPasswords }) => [id, phase, appPasswords])).toEqual([
      [anna, 'done', []],
    ]);
    await env.database.db.schema.dropTable('credential').execute();
    await expect(go(bela, 'finish')).rejects.toThrow();
    expect((await accountOf(env.database.db, bela)).phase).toBe('switched');
    expect(await appPasswordInForce(env.database.db, key, bela, 'old')).not.toBeNull();
  });

  it('has changed for who met with a refusal when one was revoked, and not when one was made', async () => {
    const anna = await add('anna');
    await mint(anna, 'old', 'first');
    expect(await secretsSetAt(env.database.db, anna)).toBe(0);
    await revokeAppPassword(env.database.db, anna, 'first', 'operator');
    expect(await secretsSetAt(env.database.db, anna)).toBeGreaterThan(0);
  });

  it('is not made anew for an account that is done', async () => {
    const anna = await switched('anna');
    await go(anna, 'finish');
    await expect(mint(anna, 'old', 'late')).rejects.toMatchObject({ code: 'phase-refused' });
    expect(await left(anna)).toMatchObject({ inForce: 0 });
  });

  it('runs out soon where another one takes its place, and only on that side', async () => {
    const anna = await switched('anna');
    await mint(anna, 'old', 'next', 60_000);
    const soon = (await appPasswordsOf(env.database.db, anna)).filter(
      ({ createdAtMs, expiresAtMs }) => expiresAtMs - createdAtMs < 120_000,
    );
    expect(soon.map(({ id }) => id)).toEqual(['anna-old']);
    expect(await appPasswordInForce(env.database.db, key, anna, 'old')).toMatchObject({ id: 'next' });
    // It never lives longer for that.
    await mint(anna, 'old', 'after', 7_200_000);
    const [, next] = await appPasswordsOf(env.database.db, anna);
    expect((next?.expiresAtMs ?? 0) - (next?.createdAtMs ?? 0)).toBeLessThan(3_700_000);
  });
});
