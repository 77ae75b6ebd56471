/** The doctor's looks at a replica and at what Postfix is answered, by the edge's socketmap server and by a table. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import type { ServerSide } from '../../src/domain/placement.ts';
import {
  allRows,
  nexthopOf,
  PostmapTable,
  routeLookup,
  serveSocketmap,
  type SocketmapServer,
} from '../../src/routing/index.ts';
import { lookAtRoutes } from '../../src/services/edge/doctor/look-at-routes.ts';
import type { DoctorEnv } from '../../src/services/edge/doctor/place.ts';
import { runTool } from '../../src/services/edge/doctor/tool.ts';
import { Replica } from '../../src/state/replica/replica.ts';
import { ReplicaLook } from '../../src/state/replica/replica-look.ts';

let dir: string;
let replica: Replica;
let server: SocketmapServer | null = null;
const nexthop = nexthopOf('peer.example', 25);
const file = () => join(dir, 'replica.sqlite');

function open(side: ServerSide): void {
  replica = Replica.open(file(), side);
  const password = { id: 'a', hash: 'x', protocols: ['imap'], nets: ['::1'] };
  const rows = Array.from({ length: 40 }, (_, n) => ({
    id: `id-${String(n).padStart(2, '0')}`,
    epoch: n + 1,
    phase: n < 20 ? ('switched' as const) : ('in-step' as const),
    addresses: [`u${n}@example.org`, ...(n === 0 ? ['Zwei@bücher.example'] : [])],
    oldLogin: `u${n}`,
    newLogin: `u${n}`,
    appPasswords: n === 0 ? [{ ...password, expiresAtMs: 10_000 }] : [],
    user: n === 1 ? { hash: null, quotaBytes: null } : null,
  }));
  replica.apply(rows, 40, true);
}
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mf-looks-'));
  mkdirSync(join(dir, 'etc'));
  writeFileSync(join(dir, 'etc/main.cf'), 'smtputf8_enable = yes\ncompatibility_level = 3.6\n');
});
afterEach(async () => {
  await server?.close();
  server = null;
  replica.close();
  rmSync(dir, { recursive: true });
});

const env = (side: ServerSide, more: Partial<DoctorEnv> = {}): DoctorEnv => ({
  place: {
    side,
    directory: dir,
    peer: { host: 'peer.example', port: 25 },
    table: join(dir, 'transport'),
    socketmap: null,
    delimiters: null,
    groupReads: false,
    postfix: join(dir, 'etc'),
    dovecot: join(dir, 'none'),
    doveadm: null,
  },
  clock: { ...systemClock, sleep: async () => {} },
  signal: AbortSignal.timeout(50_000),
  isRoot: true,
  random: (limit) => limit - 1,
  ...more,
});

describe.each(['old', 'new'] as const)('on %s', (side) => {
  it('the table and the edge’s own answers agree with the replica', async () => {
    open(side);
    const table = new PostmapTable({ file: join(dir, 'transport'), configDirectory: join(dir, 'etc') });
    await table.rebuild(allRows(side, nexthop, replica.addresses()));
    const lookup = routeLookup({ side, replica: () => replica, nexthop, delimiters: '+' });
    server = await serveSocketmap({ host: '127.0.0.1', port: 0 }, lookup, () => {});
    const { port } = server.address as { port: number };
    for (const asked of [null, `socketmap:inet:127.0.0.1:${port}:transport`]) {
      const { table: read, routes } = await lookAtRoutes(env(side), { asked, hasPostfix: true });
      expect([asked, read]).toMatchObject([asked, { seen: { unreadable: null, missingFile: null } }]);
      expect(routes).toMatchObject({ seen: { differing: [] } });
    }
    // An edge that is gone answers nobody.
    await server.close();
    server = null;
    const asked = `socketmap:inet:127.0.0.1:${port}:transport`;
    const { table: gone } = await lookAtRoutes(env(side), { asked, hasPostfix: true });
    expect(gone).toMatchObject({ seen: { unreadable: expect.stringMatching(/refused/) } });
  });
});

it('what only differs for a moment is no difference; what stays so is one', async () => {
  open('old');
  const table = new PostmapTable({ file: join(dir, 'transport'), configDirectory: join(dir, 'etc') });
  await table.rebuild([]);
  const looked = async (mend: boolean) => {
    const sleep = async () => {
      if (mend) await table.rebuild(allRows('old', nexthop, replica.addresses()));
    };
    const { routes } = await lookAtRoutes(env('old', { clock: { ...systemClock, sleep } }), {
      asked: null,
      hasPostfix: true,
    });
    return 'seen' in routes ? routes.seen.differing.length : -1;
  };
  expect(await looked(false)).toBe(8);
  expect(await looked(true)).toBe(0);
});

test('a database whose password is for Postfix alone is asked by root only', async () => {
  open('old');
  const asked = 'proxy:pgsql:/etc/postfix/mailferry/routes.cf';
  const looked = await lookAtRoutes(env('old', { isRoot: false }), { asked, hasPostfix: true });
  expect(looked).toEqual({ table: { leftOut: 'not-root' }, routes: { leftOut: 'not-root' } });
});

describe('a look at a replica', () => {
  it('counts what is there, and gives samples of both kinds', () => {
    open('new');
    const look = new ReplicaLook(file(), 'new');
    const counts = { epoch: 40, isComplete: true, accounts: 40, relayed: 20, users: 1 };
    expect(look.counts(9_000)).toEqual({ ...counts, appPasswords: 1 });
    expect(look.counts(10_000)).toMatchObject({ appPasswords: 0 });
    expect(look.sample(true, 3, (limit) => limit - 1)).toEqual(
      ['u37', 'u38', 'u39'].map((name) => `${name}@example.org`),
    );
    expect(look.sample(false, 1, () => 0)).toEqual(['Zwei@bücher.example', 'u0@example.org']);
    expect([look.isRelayed('u39@example.org'), look.isRelayed('u0@example.org')]).toEqual([true, false]);
    expect(look.isRelayed('nobody@example.org')).toBeNull();
    look.close();
  });

  it('is for its own side alone, changes nothing, and does not wait long for who writes', () => {
    open('old');
    expect(() => new ReplicaLook(file(), 'new')).toThrow('it is of the old side');
    const writer = new DatabaseSync(file());
    writer.exec('begin exclusive');
    const since = performance.now();
    expect(() => new ReplicaLook(file(), 'old')).toThrow(/locked/);
    expect(performance.now() - since).toBeLessThan(3_000);
    writer.exec('rollback');
    writer.close();
    expect(() => new ReplicaLook(join(dir, 'none'), 'old')).toThrow();
  });
});

describe('a tool', () => {
  const signal = () => AbortSignal.timeout(20_000);
  it('that is not there is told from one that fails', async () => {
    open('old');
    expect(await runTool({ name: 'no-such-program-here', args: [], signal: signal() })).toBeNull();
    const failed = await runTool({ name: 'sh', args: ['-c', 'echo no >&2; exit 3'], signal: signal() });
    expect(failed).toEqual({ code: 3, stdout: '', stderr: 'no' });
  });

  it('that says too much is ended, and what it said first is kept', async () => {
    open('old');
    const said = await runTool({ name: 'yes', args: [], signal: signal() });
    expect(said?.code).toBeNull();
    expect(said?.stdout.length).toBeGreaterThan(1_000_000);
    expect(said?.stdout.length).toBeLessThanOrEqual(8_000_000);
  });

  it('that hangs ends when whoever asks goes away', async () => {
    open('old');
    const over = new AbortController();
    const running = runTool({ name: 'sleep', args: ['60'], signal: over.signal });
    setTimeout(() => over.abort(), 50);
    await expect(running).rejects.toThrow();
  });
});
