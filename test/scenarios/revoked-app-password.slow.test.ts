/**
 * The sync goes on when its app password is revoked or runs out while an account is in step for a long time: what is open is cut,
 * and the next connection logs in with another one. Nobody is called, and no refused login is counted against the account.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StartedWorker } from '../../src/services/daemon/start-worker.ts';
import { appPasswordsOf } from '../../src/state/database/app-passwords.ts';
import { revokeAppPassword } from '../../src/state/database/end-of-access.ts';
import { accountOf, actAs } from '../interop/mailferry.ts';
import { type AppPasswordLab, startAppPasswordLab } from '../lab/app-password-lab.ts';
import { type Dovecot, startDovecot } from '../lab/dovecot.ts';
import { judge } from '../judge/invariants.ts';
import { openScenarioDatabase } from './scenario-database.ts';
import { type Fleet, makeFleet, until } from './worker-env.ts';

const anna = { name: 'anna', password: 'own-anna' };
/** The worker has no address of its own in this lab. */
const nets = ['127.0.0.0/8'];
const lifeMs = 12_000;
let lab: AppPasswordLab;
let fresh: Dovecot;
let fleet: Fleet;
let worker: StartedWorker;
let mails = 0;

beforeAll(async () => {
  [lab, fresh] = await Promise.all([
    startAppPasswordLab([anna.name], {
      nets,
      lifeMs,
      accounts: false,
      openDatabase: openScenarioDatabase,
    }),
    startDovecot({ users: [anna], tls: false }),
  ]);
  const more = `[old.app_passwords]\nnets = ${JSON.stringify(nets)}\n`;
  fleet = await makeFleet({ database: lab.database, old: lab.dovecot, fresh, users: [anna], more });
  // Whoever falls back to it is refused.
  fleet.passwords.set(anna.name, 'wrong');
  await lab.startEdge();
  worker = await fleet.startWorker(lab.database, undefined, {
    appPasswordOf: (id, side) => lab.keeper.passwordFor(id, side),
  });
}, 60_000);
afterAll(async () => {
  await worker?.close();
  await lab?.close();
  await fresh?.stop();
});

async function deliver(): Promise<void> {
  const imap = await actAs(lab.dovecot, anna);
  await imap.append('INBOX', `Subject: ${mails++}\r\n\r\ntext\r\n`);
  await imap.logout();
}
const across = async () => ((await accountOf(fresh, anna)).get('INBOX')?.messages.length ?? 0) === mails;
const minted = () => appPasswordsOf(lab.database.db, fleet.idOf(anna.name));
const undisturbed = async () => {
  expect((await fleet.notes(anna.name)).attention).toBeNull();
  expect(lab.dovecot.log()).not.toContain('auth failed');
};

test('an account stays in step over the lives of several passwords', { timeout: 180_000 }, async () => {
  await deliver();
  await fleet.begin(anna.name);
  await fleet.phase(anna.name, 'in-step');
  // Each is renewed before it runs out, and what was opened with the one before is cut when it does.
  for (let n = 0; (await minted()).length < 5; n++) {
    await deliver();
    await until(20_000, across);
    await undisturbed();
    expect(n).toBeLessThan(1_000);
  }
});

test('and over one that is revoked under its feet', { timeout: 60_000 }, async () => {
  for (const { id } of await minted())
    await revokeAppPassword(lab.database.db, fleet.idOf(anna.name), id, 'operator');
  const before = (await minted()).length;
  // What is open when it is revoked may carry the first ones.
  await until(40_000, async () => {
    await deliver();
    await until(20_000, across);
    return (await minted()).length > before;
  });
  expect((await fleet.notes(anna.name)).attention).toBeNull();
  expect((await minted())[0]).toMatchObject({ createdBy: 'worker:lab', lastUsedBy: 'worker:lab' });
  const [there, here] = await Promise.all([accountOf(lab.dovecot, anna), accountOf(fresh, anna)]);
  expect(there.get('INBOX')?.messages).toHaveLength(mails);
  expect(judge({ oldBefore: there, oldAfter: there, newAfter: here })).toEqual([]);
});
