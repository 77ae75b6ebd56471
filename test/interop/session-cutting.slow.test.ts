/**
 * What is open of an app password ends with it, on a real Dovecot 2.3 with a real edge: within the minute that is promised, and
 * nothing of its owner's own ends with it.
 */
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { appPasswordsOf } from '../../src/state/database/app-passwords.ts';
import { allEdges } from '../../src/state/database/edges.ts';
import { revokeAppPassword } from '../../src/state/database/end-of-access.ts';
import type { RawImap } from '../judge/imap-raw.ts';
import { type AppPasswordLab, startAppPasswordLab } from '../lab/app-password-lab.ts';

const promisedMs = 60_000;
let lab: AppPasswordLab;
const open: RawImap[] = [];

beforeAll(async () => {
  // Dovecot remembers what was right for an hour.
  const extra = 'auth_cache_size = 1M\n';
  lab = await startAppPasswordLab(['anna', 'bela'], { dovecot: { extra } });
}, 60_000);
afterAll(() => lab?.close());
beforeEach(() => lab.startEdge());
afterEach(async () => {
  for (const imap of open.splice(0)) imap.destroy();
  await lab.stopEdge();
});

const passwordFor = async (name: string) =>
  (await lab.keeper.passwordFor(lab.idOf(name), 'old'))?.reveal() ?? expect.fail('none');
const kept = async (login: Promise<RawImap>) => {
  const imap = await login;
  open.push(imap);
  return imap;
};
const lives = (imap: RawImap) =>
  imap.ok('NOOP').then(
    () => true,
    () => false,
  );
const cut = (imap: RawImap, withinMs = promisedMs) =>
  expect.poll(() => lives(imap), { timeout: withinMs, interval: 200 }).toBe(false);
const revoke = async (name: string) => {
  for (const one of await appPasswordsOf(lab.database.db, lab.idOf(name)))
    await revokeAppPassword(lab.database.db, lab.idOf(name), one.id, 'operator');
};
const findings = async () => (await allEdges(lab.database.db)).flatMap(({ health }) => health);
/** Passwords of Bela that are good there, and ended ones of anybody that wait to be cut. */
const inReplica = (): [bela: number, ended: number] => {
  const replica = new DatabaseSync(join(lab.dir, 'edge', 'replica.sqlite'), { readOnly: true });
  const count = (from: string) => Number(replica.prepare(`select count(*) as n from ${from}`).get()?.['n']);
  const counts: [number, number] = [count(`app_password where login = 'bela'`), count('ended_password')];
  replica.close();
  return counts;
};
const waiting = () => inReplica()[1];
const promised = { timeout: promisedMs + 20_000 };

test(
  'a session is cut when its password is revoked; its owner’s own and those of others stay',
  promised,
  async () => {
    const password = await passwordFor('anna');
    const sync = await kept(lab.syncLogin('anna', password));
    const second = await kept(lab.syncLogin('ANNA', password));
    const own = await kept(lab.ownLogin('anna'));
    const others = await kept(lab.syncLogin('bela', await passwordFor('bela')));
    await revoke('anna');
    await cut(sync);
    await cut(second);
    // Also after the second look.
    await expect.poll(waiting, { timeout: promisedMs, interval: 500 }).toBe(0);
    expect([await lives(own), await lives(others)]).toEqual([true, true]);
    await expect(lab.syncLogin('anna', password)).rejects.toThrow(/AUTHENTICATIONFAILED/);
    expect(await findings()).toEqual([]);
  },
);

test(
  'a session is cut when its password is renewed, and what logs in with the next one goes on',
  promised,
  async () => {
    const before = await kept(lab.syncLogin('anna', await passwordFor('anna')));
    await lab.keeper.renew(lab.idOf('anna'), 'old', 'operator');
    const next = await passwordFor('anna');
    // For a login that is under way the one before is good for a while, and then runs out by itself.
    expect(await lives(before)).toBe(true);
    const [, former] = await appPasswordsOf(lab.database.db, lab.idOf('anna'));
    expect((former?.expiresAtMs ?? 0) - systemClock.now()).toBeLessThanOrEqual(60_000);
    const { db } = lab.database;
    await db
      .updateTable('app_password')
      .set({ expires_at_ms: systemClock.now() + 2_000 })
      .where('id', '=', former?.id ?? '')
      .execute();
    await db.updateTable('account').set({ epoch: 1_000 }).where('id', '=', lab.idOf('anna')).execute();
    await db.updateTable('counter').set({ value: 1_000 }).where('name', '=', 'epoch').execute();
    await cut(before);
    expect(await lives(await kept(lab.syncLogin('anna', next)))).toBe(true);
  },
);

test('what was revoked while the edge was away is cut when it is back', promised, async () => {
  const sync = await kept(lab.syncLogin('bela', await passwordFor('bela')));
  await lab.stopEdge();
  await revoke('bela');
  expect(await lives(sync)).toBe(true);
  await lab.startEdge();
  await cut(sync);
});

test('while doveadm fails control is told, and what succeeds at last is told no more', promised, async () => {
  await lab.stopEdge();
  const [broken, wrapper] = [join(lab.dir, 'broken'), join(lab.dir, 'doveadm')];
  writeFileSync(broken, '');
  writeFileSync(
    wrapper,
    `#!/bin/sh\n[ -e ${broken} ] && { echo "no" >&2; exit 75; }\nexec ${lab.doveadm.join(' ')} "$@"\n`,
  );
  chmodSync(wrapper, 0o755);
  await lab.startEdge([wrapper]);
  const sync = await kept(lab.syncLogin('anna', await passwordFor('anna')));
  await revoke('anna');
  await expect
    .poll(findings, { timeout: 40_000 })
    .toMatchObject([{ part: 'sessions', text: expect.stringContaining('no') }]);
  expect([await lives(sync), existsSync(broken)]).toEqual([true, true]);
  writeFileSync(wrapper, `#!/bin/sh\nexec ${lab.doveadm.join(' ')} "$@"\n`);
  await cut(sync);
  await expect.poll(findings, { timeout: 40_000 }).toEqual([]);
});

test('where it is switched off sessions stay', { timeout: 20_000 }, async () => {
  await lab.stopEdge();
  await lab.startEdge(null);
  const sync = await kept(lab.syncLogin('bela', await passwordFor('bela')));
  await revoke('bela');
  await expect.poll(inReplica, { timeout: 10_000 }).toEqual([0, 0]);
  expect(await lives(sync)).toBe(true);
});
