/**
 * Mail on two hosts at their busiest and at their worst: accounts change sides while thousands arrive; control, edge or table are away.
 * Real Postfixes and Dovecots, wired by `mailferry config postfix` alone.
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MemoryControl } from '../fakes/memory-control.ts';
import { domain, type MailHosts, startMailHosts } from './mail-hosts.ts';
import {
  bounces,
  digestOf,
  lettersOf,
  messageOf,
  placesOf,
  queuesEmpty,
  send,
  transportTo,
} from './mail-traffic.ts';
import { until } from './worker-env.ts';

const at = (user: string) => `${user}@${domain}`;

/** What the doctors of both hosts found, by code; they look every few seconds. */
const diagnoses = ({ reports }: MemoryControl) =>
  reports.flatMap(({ findings }) => findings.map(({ code }) => code));

/** Distinct for each mail. */
let last = 0;

const users = Array.from({ length: 20 }, (_, i) => `u${i}`);
const control = new MemoryControl();
let hosts: MailHosts;

beforeAll(async () => {
  for (const user of users) control.put(user, 'in-step');
  hosts = await startMailHosts({ controls: { old: control, new: control }, users });
}, 90_000);
afterAll(async () => {
  await hosts?.close();
}, 30_000);

test('2,000 mails at old while accounts change sides: each lies exactly once, on either side, none bounced', {
  timeout: 240_000,
}, async () => {
  const first = last + 1;
  const count = 2_000;
  last += count;
  const transport = transportTo(hosts.old);
  const sides = new Map(users.map((user) => [user, 'old']));
  const over = new AbortController();
  let flips = 0;
  const flipping = (async () => {
    while (!over.signal.aborted) {
      const user = users[flips++ % users.length] ?? '';
      const moved = sides.get(user) === 'old';
      sides.set(user, moved ? 'new' : 'old');
      control.put(user, moved ? 'switched' : 'in-step');
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
  })();
  const one = async (number: number) => {
    await transport.sendMail(messageOf(number, { to: at(users[number % users.length] ?? '') }));
  };
  for (let from = first; from < first + count; from += 40)
    await Promise.all(Array.from({ length: 40 }, (_, i) => one(from + i)));
  over.abort();
  await flipping;
  transport.close();
  await queuesEmpty(hosts, 60_000);
  expect(flips).toBeGreaterThan(40);

  const numbers = Array.from({ length: count }, (_, i) => first + i);
  const lie = { ids: [] as number[], digests: [] as string[] };
  const onSide = { old: 0, new: 0 };
  for (const host of [hosts.old, hosts.new]) {
    for (const user of users) {
      for (const { number, digest } of await lettersOf(host, user)) {
        expect(users[number % users.length]).toBe(user);
        lie.ids.push(number);
        lie.digests.push(digest);
        onSide[host.side]++;
      }
    }
  }
  // Told by what was sent: as often as that, neither less nor more, and nothing else.
  expect(lie.ids.toSorted((a, b) => a - b)).toEqual(numbers);
  expect(lie.digests.toSorted()).toEqual(numbers.map(digestOf).toSorted());
  // Both were used, or nothing was tried.
  expect(Math.min(onSide.old, onSide.new)).toBeGreaterThan(100);
  expect(bounces(hosts)).toEqual([]);
  // The doctors of both looked meanwhile, and took no change that was under way for a fault.
  expect(control.reports.length).toBeGreaterThanOrEqual(2);
  expect(diagnoses(control)).not.toContain('table-disagrees');

  // And when it is quiet, each goes to the side that has it.
  await until(20_000, async () => control.inForce === control.latest);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  for (const user of users.slice(0, 6)) {
    const number = ++last;
    await send(hosts.old, number, { to: at(user) });
    await queuesEmpty(hosts);
    expect(await placesOf(hosts, [user], number)).toEqual([`${sides.get(user)}:${user}`]);
  }
});

/** One that has moved, and one that has not. */
const put = async () => {
  control.put('u0', 'switched');
  control.put('u1', 'in-step');
  await until(20_000, async () => control.inForce === control.latest);
};

test('mail flows by the last rows while control is away, the edge is dead, and its replica is locked', {
  timeout: 120_000,
}, async () => {
  await put();
  const arrives = async () => {
    const [moved, stays] = [++last, ++last];
    expect(await send(hosts.old, moved, { to: at('u0') })).toBeNull();
    expect(await send(hosts.old, stays, { to: at('u1') })).toBeNull();
    await queuesEmpty(hosts);
    expect(await placesOf(hosts, ['u0', 'u1'], moved)).toEqual(['new:u0']);
    expect(await placesOf(hosts, ['u0', 'u1'], stays)).toEqual(['old:u1']);
  };
  control.away = true;
  await arrives();
  control.away = false;
  const lock = new DatabaseSync(join(hosts.old.edgeDirectory, 'replica.sqlite'));
  lock.exec('begin exclusive');
  const lockedAt = performance.now();
  // Something that wants to be written, and comes into force when it can.
  control.put('u2', 'switched');
  do await arrives();
  while (performance.now() - lockedAt < 20_000);
  expect(control.inForce).toBeLessThan(control.latest);
  lock.exec('rollback');
  lock.close();
  await until(20_000, async () => control.inForce === control.latest);
  await hosts.old.stopEdge();
  await arrives();
  hosts.old.startEdge();
  await arrives();
});

/** The table is away from now on; then the edge makes it anew. */
const loseTable = () => rmSync(join(hosts.old.edgeDirectory, 'transport.lmdb'));
const remakeTable = async () => {
  hosts.old.startEdge();
  await until(20_000, async () => control.inForce === control.latest);
  await until(20_000, async () => existsSync(join(hosts.old.edgeDirectory, 'transport.lmdb')));
};

/** Who is told to come again does so: processes of before a reload may answer for a moment. */
const isTaken = async (number: number, to: string) =>
  await until(20_000, async () => (await send(hosts.old, number, { to })) === null);

test('without the table Postfix puts mail off, and delivers it when the edge has made it anew', {
  timeout: 120_000,
}, async () => {
  const { old } = hosts;
  await put();
  await old.stopEdge();
  loseTable();
  await old.postfix.run('postfix', 'reload');
  const number = ++last;
  const refused = await send(old, number, { to: at('u0') });
  // Told to come again, or taken and kept: both are no bounce.
  expect(refused ?? '451').toMatch(/^4/);
  await remakeTable();
  // A process of Postfix that found no table goes on without it until it ends: after max_idle, or with a reload.
  await old.postfix.run('postfix', 'reload');
  if (refused !== null) await isTaken(number, at('u0'));
  await queuesEmpty(hosts, 60_000);
  expect(await placesOf(hosts, ['u0'], number)).toEqual(['new:u0']);
  expect(bounces(hosts)).toEqual([]);
});

test('a Postfix that starts without the table puts mail off, what is queued too, and delivers it when the table is back', {
  timeout: 120_000,
}, async () => {
  const { old } = hosts;
  const [queued, moved, stays] = [++last, ++last, ++last];
  await put();
  await old.postfix.run('postconf', '-e', 'defer_transports=mailferry');
  await old.postfix.run('postfix', 'reload');
  expect(await send(old, queued, { to: at('u0') })).toBeNull();
  await until(10_000, async () => /status=deferred \(deferred transport\)/.test(old.postfix.log()));
  await old.stopEdge();
  await old.postfix.restart(async () => {
    loseTable();
    await old.postfix.run('postconf', '-X', 'defer_transports');
  });
  const letters = [
    [moved, at('u0')],
    [stays, at('u1')],
  ] as const;
  const refused = await Promise.all(letters.map(async ([number, to]) => await send(old, number, { to })));
  for (const answer of refused) expect(answer ?? '451').toMatch(/^4/);
  await until(20_000, async () => /status=deferred \(.*address resolver failure/.test(old.postfix.log()));
  expect(await placesOf(hosts, ['u0', 'u1'], queued)).toEqual([]);
  await remakeTable();
  await old.postfix.run('postfix', 'reload');
  for (const [i, [number, to]] of letters.entries()) if (refused[i] !== null) await isTaken(number, to);
  await queuesEmpty(hosts, 60_000);
  for (const number of [queued, moved])
    expect(await placesOf(hosts, ['u0', 'u1'], number)).toEqual(['new:u0']);
  expect(await placesOf(hosts, ['u0', 'u1'], stays)).toEqual(['old:u1']);
  expect(bounces(hosts)).toEqual([]);
});
