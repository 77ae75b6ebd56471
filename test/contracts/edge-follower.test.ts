/** An edge between a control in memory, which goes away and begins anew, and a real table of Postfix. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { EdgeFollower, nexthopOf, PostmapTable } from '../../src/routing/index.ts';
import { MemoryControl } from '../fakes/memory-control.ts';

const nexthop = nexthopOf('new.example', 25);

let dir: string;
let control: MemoryControl;
let follower: EdgeFollower;
let stop: () => Promise<void>;
/** Added to what its clock says. */
let passedMs = 0;

function start(side: 'old' | 'new' = 'old'): void {
  const over = new AbortController();
  const table = new PostmapTable({ file: join(dir, 'transport'), configDirectory: join(dir, 'etc') });
  const fast = {
    ...systemClock,
    monotonic: () => systemClock.monotonic() + passedMs,
    sleep: (_: number, signal?: AbortSignal) => systemClock.sleep(20, signal),
  };
  const made = new EdgeFollower({
    side,
    control,
    file: join(dir, 'replica'),
    groupReads: true,
    table,
    nexthop,
    clock: fast,
    log: () => {},
  });
  follower = made;
  const running = made.run(over.signal);
  stop = async () => {
    over.abort();
    await running;
    made.close();
  };
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mf-edge-'));
  mkdirSync(join(dir, 'etc'));
  writeFileSync(join(dir, 'etc/main.cf'), 'smtputf8_enable = yes\ncompatibility_level = 3.6\n');
  control = new MemoryControl();
});
afterEach(async () => {
  await stop();
  rmSync(dir, { recursive: true });
});

/** What the table has, by address. */
function inTable(): string[] {
  const text = execFileSync('postmap', ['-c', join(dir, 'etc'), '-s', `lmdb:${join(dir, 'transport')}`], {
    encoding: 'utf8',
  });
  return text
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t')[0]?.split('@')[0] ?? '')
    .sort();
}

const acknowledged = (epoch: number) => expect.poll(() => control.inForce, { timeout: 10_000 }).toBe(epoch);

it('takes a snapshot, then each change, and says so when it is in force', async () => {
  for (let n = 0; n < 2_500; n++) control.put(`u${n}`, n % 100 === 0 ? 'switched' : 'in-step');
  start();
  await acknowledged(2_500);
  expect(inTable()).toHaveLength(25);
  control.put('u1', 'switched');
  await acknowledged(2_501);
  expect(inTable()).toContain('u1');
  control.put('u0', 'in-step');
  await acknowledged(2_502);
  expect(inTable()).not.toContain('u0');
  // Nothing of the snapshot was told to be in force before all of it was.
  expect(control.acknowledged.map(({ epoch }) => epoch)).toEqual([0, 2_500, 2_501, 2_502]);
});

it('keeps no more than is needed there: the replica for its owner and group, the table for all who deliver mail', async () => {
  control.put('anna', 'switched', undefined, { user: { hash: '{SSHA}of-anna', quotaBytes: 5 } });
  start();
  await acknowledged(1);
  const modeOf = (name: string) => statSync(join(dir, name)).mode & 0o777;
  expect([modeOf('replica'), modeOf('transport.lmdb')]).toEqual([0o640, 0o644]);
  control.put('bela', 'switched');
  await acknowledged(2);
  expect([modeOf('replica'), modeOf('transport.lmdb')]).toEqual([0o640, 0o644]);
  const database = new DatabaseSync(join(dir, 'replica'), { readOnly: true });
  const tables = database
    .prepare(
      `select m.name, group_concat(c.name, ' ' order by c.name) as columns
       from sqlite_schema m, pragma_table_info(m.name) c where m.type = 'table' group by m.name`,
    )
    .all();
  database.close();
  // No password, no person's name, no content: what is added here has to be wanted on every mail host.
  expect(Object.fromEntries(tables.map(({ name, columns }) => [name, columns]))).toEqual({
    account: 'epoch id logins mail new_login old_login phase relayed',
    address: 'account_id address',
    app_password: 'account_id expires_at hash id login nets protocols',
    ended_password: 'id login nets protocols',
    meta: 'name value',
    user: 'account_id hash login quota_bytes',
  });
});

it('says that it lives where nothing changes, too, once a minute', async () => {
  control.put('anna', 'switched');
  start();
  await acknowledged(1);
  const said = control.acknowledged.length;
  const looked = async () => {
    control.nudge();
    await systemClock.sleep(100);
    return control.acknowledged.length - said;
  };
  expect(await looked()).toBe(0);
  passedMs += 61_000;
  expect(await looked()).toBe(1);
  expect(await looked()).toBe(1);
});

it('goes on by what it has while control is away, and follows when it is back', async () => {
  control.put('anna', 'switched');
  start();
  await acknowledged(1);
  control.away = true;
  await stop();
  start();
  // The table was lost while nobody could be asked.
  rmSync(join(dir, 'transport.lmdb'), { force: true });
  await stop();
  start();
  await expect.poll(() => follower.epoch).toBe(1);
  expect(inTable()).toEqual(['anna']);
  control.put('bela', 'switched');
  control.away = false;
  await acknowledged(2);
  expect(inTable()).toEqual(['anna', 'bela']);
});

it('lives without control for days, and then takes in all that happened meanwhile', async () => {
  control.put('anna', 'switched');
  start();
  await acknowledged(1);
  control.away = true;
  const { tries } = control;
  // Twenty tries and more, each six hours after the one before.
  while (control.tries < tries + 20) {
    passedMs += 6 * 3_600_000;
    control.nudge();
    await systemClock.sleep(20);
  }
  expect(follower.epoch).toBe(1);
  expect(follower.replica.isRelayed('anna@example.org')).toBe(true);
  expect(inTable()).toEqual(['anna']);
  for (let n = 0; n < 1_500; n++) control.put(`u${n}`, n % 100 === 0 ? 'switched' : 'in-step');
  control.put('anna', 'in-step');
  control.away = false;
  await acknowledged(1_502);
  expect(inTable()).toHaveLength(15);
  expect(inTable()).not.toContain('anna');
});

it('makes a damaged replica anew, for those too who have it open', async () => {
  control.put('anna', 'switched');
  start();
  await acknowledged(1);
  // As Dovecot's auth process has it.
  const reader = new DatabaseSync(join(dir, 'replica'), { readOnly: true });
  const known = () => reader.prepare('select address from address order by address').all();
  expect(known()).toEqual([{ address: 'anna@example.org' }]);
  await stop();
  writeFileSync(
    join(dir, 'replica'),
    'this is no database, though it is long enough to look like one'.repeat(100),
  );
  control.acknowledged = [];
  start();
  await acknowledged(1);
  expect(follower.replica.find('anna@example.org')).toMatchObject({ relayed: true });
  expect(inTable()).toEqual(['anna']);
  expect(known()).toEqual([{ address: 'anna@example.org' }]);
  control.put('bela', 'switched');
  await acknowledged(2);
  expect(known()).toEqual([{ address: 'anna@example.org' }, { address: 'bela@example.org' }]);
  reader.close();
});

it('begins anew where control does', async () => {
  for (const name of ['anna', 'bela', 'clara']) control.put(name, 'switched');
  start();
  await acknowledged(3);
  control.rows = [];
  control.latest = 0;
  control.put('bela', 'switched');
  await acknowledged(1);
  expect(inTable()).toEqual(['bela']);
  expect(follower.replica.find('anna@example.org')).toBeNull();
});

it('tells what it cannot write, and the epoch that stays in force', async () => {
  control.put('anna', 'switched');
  start();
  await acknowledged(1);
  // postmap cannot make its lock or its file: root may write anywhere, so the place is taken by a folder.
  await stop();
  rmSync(join(dir, 'transport.lmdb'), { force: true });
  mkdirSync(join(dir, 'transport.lmdb'));
  control.put('bela', 'switched');
  start();
  await expect.poll(() => control.acknowledged.at(-1)?.parts, { timeout: 10_000 }).toEqual(['transport']);
  expect(control.inForce).toBe(0);
  // Who asks the edge itself hears of changes all the same.
  control.put('clara', 'switched');
  await expect.poll(() => follower.replica.isRelayed('clara@example.org'), { timeout: 10_000 }).toBe(true);
  rmSync(join(dir, 'transport.lmdb'), { recursive: true });
  await acknowledged(3);
  expect(control.acknowledged.at(-1)?.parts).toEqual([]);
});

it('waits for a replica that somebody else has locked, and loses nothing', async () => {
  control.put('anna', 'switched');
  start();
  await acknowledged(1);
  const other = new DatabaseSync(join(dir, 'replica'));
  other.exec('begin exclusive');
  control.put('bela', 'switched');
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(control.inForce).toBe(1);
  expect(inTable()).toEqual(['anna']);
  other.exec('rollback');
  other.close();
  await acknowledged(2);
  expect(inTable()).toEqual(['anna', 'bela']);
});

it('does not take a replica that somebody has locked for a damaged one', async () => {
  control.put('anna', 'switched');
  start();
  await acknowledged(1);
  await stop();
  control.away = true;
  const other = new DatabaseSync(join(dir, 'replica'));
  other.exec('begin exclusive');
  expect(() => start()).toThrow(/in use by another process/);
  other.exec('rollback');
  other.close();
  start();
  await expect.poll(() => follower.epoch).toBe(1);
  expect(follower.replica.isRelayed('anna@example.org')).toBe(true);
});

it('takes a domain out of the table when its last address goes', async () => {
  control.put('anna', 'in-step', ['anna@example.org', 'anna@gone.example']);
  start('new');
  await acknowledged(1);
  const domains = () =>
    execFileSync('postmap', ['-c', join(dir, 'etc'), '-s', `lmdb:${join(dir, 'transport')}`], {
      encoding: 'utf8',
    })
      .split('\n')
      .map((line) => line.split('\t')[0] ?? '')
      .filter((key) => key.startsWith('@'))
      .sort();
  expect(domains()).toEqual(['@example.org', '@gone.example']);
  control.put('anna', 'in-step', ['anna@example.org', 'anna@more.example']);
  await acknowledged(2);
  expect(domains()).toEqual(['@example.org', '@more.example']);
});
