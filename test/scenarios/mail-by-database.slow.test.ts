/** Mail on two hosts whose Postfixes ask PostgreSQL where it goes, in a chroot as on Debian, wired by `config postfix --pgsql`. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Phase } from '../../src/domain/phase.ts';
import { type RoutesInDatabase, startRoutesInDatabase } from '../contracts/routes-in-database.ts';
import { MemoryControl } from '../fakes/memory-control.ts';
import { configPostfix, domain, type MailHosts, startMailHosts, wiring } from './mail-hosts.ts';
import { bounces, placesOf, queuesEmpty, send } from './mail-traffic.ts';
import { until } from './worker-env.ts';

const users = ['anna', 'bela'];
const loggedIn = '127.0.0.9';
const at = (user: string) => `${user}@${domain}`;
let routes: RoutesInDatabase;
let hosts: MailHosts;
let last = 0;
let epoch = 0;

const put = (name: string, phase: Phase, ...addresses: string[]) =>
  routes.put([{ id: name, epoch: ++epoch, phase, addresses: [at(name), ...addresses] }]);
const pgsqlArguments = () => ['--pgsql', routes.url];

beforeAll(async () => {
  routes = await startRoutesInDatabase();
  await put('anna', 'switched');
  await put('bela', 'in-step');
  // Of a control that knows nothing: what the edges have is asked by nobody.
  const control = new MemoryControl();
  control.put('nobody', 'in-step', ['nobody@elsewhere.example']);
  const outside = `mynetworks = ${loggedIn}/32\ndefault_transport = discard:`;
  hosts = await startMailHosts({
    controls: { old: control, new: control },
    users,
    pgsql: routes,
    more: {
      old: { chroot: true, aliases: [`info@${domain} ${at('anna')}`] },
      new: { chroot: true, extra: outside },
    },
  });
}, 120_000);
afterAll(async () => {
  await hosts?.close();
  await routes?.stop();
}, 30_000);

test.each([
  ['at old for who has moved', 'old', 'ANNA+News@Example.ORG', 'new:anna'],
  ['at old for who has not', 'old', at('bela'), 'old:bela'],
  ['at old for an alias', 'old', at('info'), 'new:anna'],
  ['at new for who has not moved', 'new', at('bela'), 'old:bela'],
  ['at new for who has', 'new', at('anna'), 'new:anna'],
  ['at new for an alias that old alone knows', 'new', at('info'), 'new:anna'],
] as const)('mail %s arrives where the mailbox lives', async (_, side, to, place) => {
  const number = ++last;
  const source = side === 'new' ? { source: loggedIn } : {};
  expect(await send(hosts[side], number, { to, ...source })).toBeNull();
  await queuesEmpty(hosts);
  expect(await placesOf(hosts, users, number)).toEqual([place]);
  expect(bounces(hosts)).toEqual([]);
});

test('an address that nobody has is refused at RCPT, strangers at new are told to come later', async () => {
  expect(await send(hosts.old, ++last, { to: at('absent') })).toMatch(/^550 5\.1\.1/);
  expect(await send(hosts.new, ++last, { to: at('absent'), source: loggedIn })).toMatch(/^550 5\.1\.1/);
  expect(await send(hosts.new, ++last, { to: at('bela') })).toMatch(/^450 4\.7\.1/);
});

test('a change is in force with its commit', async () => {
  await put('bela', 'switched');
  const number = ++last;
  // Another address in between: Postfix keeps the last answer for half a minute.
  await send(hosts.old, ++last, { to: at('anna') });
  expect(await send(hosts.old, number, { to: at('bela') })).toBeNull();
  await queuesEmpty(hosts);
  expect(await placesOf(hosts, users, number)).toEqual(['new:bela']);
});

test('the file is for root and Postfix alone, and no output has the password in it', async () => {
  const { postfix } = hosts.old;
  const file = join(postfix.configDirectory, 'mailferry', 'routes.cf');
  const { mode, uid, gid } = statSync(file);
  expect([mode & 0o777, uid, gid]).toEqual([0o640, 0, statSync('/var/lib/postfix').gid]);
  expect(readFileSync(file, 'utf8')).toContain(`password = ${routes.password}\n`);
  const passwordFile = join(hosts.old.edgeDirectory, 'database.password');
  const same = [
    ...wiring(hosts.old, hosts.new.postfix),
    ...pgsqlArguments(),
    '--pgsql-password-file',
    passwordFile,
  ];
  expect(await configPostfix(...same, '--apply')).toMatch(/nothing was changed/);
  const shown = await configPostfix(...same);
  expect(shown).toContain('password = ***');
  const other = same.map((one) => (one === passwordFile ? `${passwordFile}.other` : one));
  writeFileSync(`${passwordFile}.other`, 'another one\n');
  const all = [
    shown,
    await configPostfix(...same, '--json'),
    postfix.log(),
    await postfix.run('postconf', '-n'),
  ];
  expect(all.join('\n')).not.toContain(routes.password);
  // One that does not log in is refused before anything is changed.
  await expect(configPostfix(...other, '--apply')).rejects.toThrow(/password authentication failed/);
  expect(readFileSync(file, 'utf8')).toContain(routes.password);
});

test('while the database is away mail waits, and arrives when it is back', { timeout: 120_000 }, async () => {
  const number = ++last;
  let answer: string | null = null;
  await routes.restart(async () => {
    answer = await send(hosts.old, number, { to: at('anna') });
  });
  // Told to come again, or taken and kept.
  expect(answer ?? '451').toMatch(/^4/);
  if (answer !== null)
    await until(90_000, async () => (await send(hosts.old, number, { to: at('anna') })) === null);
  await queuesEmpty(hosts, 90_000);
  expect(await placesOf(hosts, users, number)).toEqual(['new:anna']);
  expect(bounces(hosts)).toEqual([]);
});
