/**
 * The doctor on two real mail hosts: nothing is found where all is well, and each thing that is broken on purpose is found, by
 * its code, and found no more when it is mended.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import type { HostReport } from '../../src/domain/host-report.ts';
import { writeRunFile } from '../../src/services/edge/doctor/run-file.ts';
import { doctorRounds } from '../../src/services/edge/doctor-rounds.ts';
import { lookAtHost } from '../../src/services/edge/host-doctor.ts';
import { MemoryControl } from '../fakes/memory-control.ts';
import { mailferry } from '../interop/mailferry.ts';
import {
  configPostfix,
  domain,
  type MailHost,
  type MailHosts,
  startMailHosts,
  wiring,
} from './mail-hosts.ts';
import { queuesEmpty, send } from './mail-traffic.ts';
import { until } from './worker-env.ts';

const at = (user: string) => `${user}@${domain}`;
const users = ['anna', 'bela'];
const control = new MemoryControl();
let hosts: MailHosts;
// Each look starts some thirty programs: on a busy machine that takes seconds.
vi.setConfig({ testTimeout: 180_000 });

beforeAll(async () => {
  control.put('anna', 'switched');
  control.put('bela', 'in-step');
  const extra = 'smtpd_forbid_bare_newline = normalize';
  hosts = await startMailHosts({
    controls: { old: control, new: control },
    users,
    doctorEveryMs: 60_000,
    more: { old: { extra }, new: { extra } },
  });
}, 90_000);
afterAll(async () => {
  await hosts?.close();
}, 30_000);

const look = (host: MailHost, place = host.place): Promise<HostReport> =>
  lookAtHost({
    place,
    control,
    isEdge: true,
    clock: systemClock,
    signal: AbortSignal.timeout(60_000),
  });
const codes = async (host: MailHost) => (await look(host)).findings.map(({ code }) => code);
const valuesOf = async (host: MailHost, code: string) =>
  (await look(host)).findings.find((one) => one.code === code)?.values;
const postconf = (host: MailHost, ...args: string[]) => host.postfix.run('postconf', ...args);
const postmap = (host: MailHost, args: readonly string[], input: string) =>
  execFileSync('postmap', ['-c', host.postfix.configDirectory, ...args, `lmdb:${host.place.table}`], {
    input,
  });
const inForce = () => until(20_000, async () => control.inForce === control.latest);

test('on hosts that are well nothing is found, and both are told that they are applied', async () => {
  for (const host of [hosts.old, hosts.new]) {
    const { findings, leftOut, postfix } = await look(host);
    expect([host.side, findings]).toEqual([host.side, []]);
    expect(leftOut).toEqual([{ check: 'clock', reason: 'inside', said: '' }]);
    expect(postfix?.state).toBe('applied');
    // As somebody would type it again.
    expect(postfix?.arguments).toEqual(expect.arrayContaining(['--side', host.side, '--tls', 'none']));
  }
});

test('the edges tell control by themselves, and do it again when it is time', async () => {
  const { old } = hosts;
  const told: HostReport[] = [];
  const over = new AbortController();
  let away = true;
  const rounds = doctorRounds(
    {
      place: old.place,
      control: {
        look: () => control.look(),
        report: async (report) => {
          away = !away;
          // What was not heard is told again, before another look.
          if (!away) throw new Error('control is away');
          told.push(report);
        },
      },
      everyMs: 60_000,
      ready: () => true,
      // A second of its is a moment.
      clock: { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 100, signal) },
      log: () => {},
    },
    over.signal,
  );
  await until(60_000, async () => told.length > 1);
  over.abort();
  await rounds;
  expect(told.map(({ findings }) => findings)).toEqual([[], []]);
});

test('Postfix that is told nothing is found, and what to call is what was called', async () => {
  const { old } = hosts;
  const place = ['--config-directory', old.postfix.configDirectory];
  await configPostfix(...place, '--undo');
  const { findings, postfix } = await look(old);
  expect(findings.map(({ code }) => code)).toEqual(['postfix-not-applied-moved']);
  expect(findings[0]?.values).toEqual({ relayed: '1' });
  expect(postfix?.state).toBe('not-applied');
  const { address, port } = hosts.new.postfix;
  const wanted = ['--side', 'old', '--peer', `${address}:${port}`, '--peer-address', address];
  expect(postfix?.arguments).toEqual([...wanted, '--directory', old.edgeDirectory, ...place]);
  await configPostfix(...(postfix?.arguments ?? []), '--tls', 'none', '--apply');
  await old.postfix.run('postfix', 'reload');
  expect(await codes(old)).toEqual([]);
});

test('a value that somebody changed is found by its name, also where it is one of a service or of a small table', async () => {
  const { old } = hosts;
  const again = async () => await configPostfix(...wiring(old, hosts.new.postfix), '--apply');
  await postconf(old, '-e', 'transport_maps=');
  expect(await valuesOf(old, 'postfix-drifted')).toEqual({ changed: 'transport_maps' });
  await postconf(old, '-X', 'mailferry_relayed');
  await postconf(old, '-Pe', 'mailferry/unix/smtp_tls_security_level=may');
  writeFileSync(join(old.postfix.configDirectory, 'mailferry', 'soften'), '');
  const { findings, postfix } = await look(old);
  expect(findings.map(({ code, values }) => [code, values['changed']])).toEqual([
    ['postfix-drifted', 'transport_maps, mailferry_relayed, mailferry, soften'],
  ]);
  expect(postfix?.state).toBe('drifted');
  await again();
  expect(await codes(old)).toEqual([]);
  // What the site puts beside ours is its own business.
  const maps = (await postconf(old, '-h', 'transport_maps')).trim();
  await postconf(old, '-e', `transport_maps=${maps}, static:local`);
  expect(await codes(old)).toEqual([]);
  await postconf(old, '-e', `transport_maps=${maps}`);
  await postconf(old, '-e', 'virtual_transport=error:closed');
  expect(await codes(old)).toEqual(['postfix-refused']);
  const { lmtpPort } = old.dovecot;
  await postconf(old, '-e', `virtual_transport=lmtp:inet:127.0.0.1:${lmtpPort}`);
  expect(await codes(old)).toEqual([]);
});

test('an edge of another peer, side or place than Postfix was told is found', async () => {
  const { old } = hosts;
  const of = async (place: MailHost['place']) =>
    (await look(old, place)).findings.map(({ code }) => code).filter((code) => code.startsWith('postfix-'));
  const peer = { ...old.place.peer, port: 9 };
  expect(await of({ ...old.place, peer })).toEqual(['postfix-other-peer']);
  expect(await of({ ...old.place, table: join(old.edgeDirectory, 'other') })).toEqual([
    'postfix-other-table',
  ]);
  expect(await of({ ...hosts.new.place, postfix: old.place.postfix })).toEqual(['postfix-other-side']);
});

test('a table that is damaged, gone, or says something else than the replica is found', async () => {
  const { old } = hosts;
  const file = `${old.place.table}.lmdb`;
  const kept = readFileSync(file);
  postmap(old, ['-r', '-i'], `${at('bela')} mailferry:[127.0.0.1]:9\n`);
  expect(await valuesOf(old, 'table-disagrees')).toMatchObject({
    differing: '1',
    key: at('bela'),
    table: 'mailferry:[127.0.0.1]:9',
    replica: '-',
  });
  postmap(old, ['-d', '-'], `${at('bela')}\n${at('anna')}\n`);
  expect(await valuesOf(old, 'table-disagrees')).toMatchObject({ key: at('anna'), table: '-' });
  await old.stopEdge();
  // In its place, so that nobody who has it open sees it change.
  writeFileSync(`${file}.new`, 'no table at all, and long enough to be looked into'.repeat(200));
  renameSync(`${file}.new`, file);
  expect(await codes(old)).toEqual(['table-unreadable']);
  rmSync(file);
  expect(await codes(old)).toEqual(['table-missing']);
  writeFileSync(`${file}.new`, kept, { mode: 0o644 });
  renameSync(`${file}.new`, file);
  old.startEdge();
  await inForce();
  await old.postfix.run('postfix', 'reload');
  expect(await codes(old)).toEqual([]);
});

test('files that others may write or read are found', async () => {
  const { old } = hosts;
  const replica = join(old.edgeDirectory, 'replica.sqlite');
  const table = `${old.place.table}.lmdb`;
  chmodSync(table, 0o666);
  chmodSync(replica, 0o644);
  chmodSync(old.edgeDirectory, 0o777);
  expect(await codes(old)).toEqual(['directory-writable', 'replica-exposed', 'table-writable']);
  chmodSync(old.edgeDirectory, 0o755);
  chmodSync(replica, 0o640);
  chmodSync(table, 0o644);
  expect(await codes(old)).toEqual([]);
});

test('a moved account that Postfix does not know is found, and one of a domain that it does not serve', async () => {
  const { old } = hosts;
  await old.postfix.setMailboxes(['bela']);
  expect(await codes(old)).toEqual(['recipients-unknown']);
  expect(await valuesOf(old, 'recipients-unknown')).toEqual({
    unknown: '1',
    asked: '1',
    example: at('anna'),
  });
  // An alias of the site is as good as a mailbox.
  const aliases = join(old.postfix.configDirectory, 'aliases');
  writeFileSync(aliases, `${at('anna')} ${at('anna')}\n`);
  await old.postfix.run('postmap', `lmdb:${aliases}`);
  expect(await codes(old)).toEqual([]);
  await old.postfix.setMailboxes(users);
  control.put('anna', 'switched', [at('anna'), 'anna@gmail.example']);
  await inForce();
  expect(await valuesOf(old, 'recipients-foreign')).toMatchObject({ example: 'anna@gmail.example' });
  control.put('anna', 'switched');
  await inForce();
});

test('a peer that takes less than this host is found, and one that does not know this host', async () => {
  const { old, new: fresh } = hosts;
  const reload = async () => await fresh.postfix.run('postfix', 'reload');
  await postconf(fresh, '-e', 'message_size_limit=1000000', 'smtputf8_enable=no');
  await postconf(fresh, '-e', 'smtpd_discard_ehlo_keywords=8bitmime');
  await reload();
  await expect
    .poll(() => codes(old), { timeout: 20_000 })
    .toEqual(['peer-size', 'peer-8bitmime', 'peer-smtputf8']);
  await postconf(fresh, '-X', 'message_size_limit', 'smtputf8_enable', 'smtpd_discard_ehlo_keywords');
  await configPostfix(...wiring(old, fresh.postfix), '--tls', 'encrypt', '--apply');
  await reload();
  await expect.poll(() => codes(old), { timeout: 20_000 }).toEqual(['peer-starttls']);
  await configPostfix(...wiring(old, fresh.postfix), '--apply');
  // Told of another host: old is a stranger, and until the cutover strangers are not let in.
  await configPostfix(...wiring(fresh, { ...old.postfix, address: '127.0.0.77' }), '--apply');
  await reload();
  await expect.poll(() => codes(old), { timeout: 20_000 }).toEqual(['peer-refuses-recipient']);
  expect((await valuesOf(old, 'peer-refuses-recipient'))?.['said']).toMatch(/^450 4\.7\.1/);
  await configPostfix(...wiring(fresh, old.postfix), '--apply');
  await reload();
  await expect.poll(() => codes(old), { timeout: 20_000 }).toEqual([]);
});

test('Dovecot that was told, and was changed since, or asks somebody else first, is found', async () => {
  const { old } = hosts;
  const place = ['--directory', old.edgeDirectory, '--config-directory', old.dovecot.dir];
  const config = async (...args: string[]) => await mailferry(['config', 'dovecot', ...place, ...args]);
  const snippet = join(old.dovecot.dir, 'conf.d', '05-mailferry.conf');
  const state = async () => (await look(old)).dovecot?.state;
  mkdirSync(join(old.dovecot.dir, 'conf.d'));
  expect(await state()).toBe('not-applied');
  expect((await config('--apply')).code).toBe(0);
  expect([await codes(old), await state()]).toEqual([[], 'applied']);
  const text = readFileSync(snippet, 'utf8');
  writeFileSync(snippet, text.replace('result_failure = continue', 'result_failure = return'));
  expect([await codes(old), await state()]).toEqual([['dovecot-drifted'], 'drifted']);
  writeFileSync(snippet, text);
  const before = join(old.dovecot.dir, 'conf.d', '01-site.conf');
  writeFileSync(before, 'passdb {\n  driver = static\n  args = nopassword=y\n}\nauth_cache_size = 1M\n');
  expect(await codes(old)).toEqual(['dovecot-not-first', 'dovecot-auth-cache']);
  rmSync(before);
  expect(await codes(old)).toEqual([]);
  expect((await config('--undo')).code).toBe(0);
  expect(await state()).toBe('not-applied');
});

test('by hand it says the same, and ends with 1 where something is trouble', async () => {
  const { old } = hosts;
  writeRunFile(old.place);
  writeFileSync(
    join(old.edgeDirectory, 'edge.holder'),
    `${process.pid} ${execFileSync('hostname', { encoding: 'utf8' }).trim()} now\n`,
  );
  const run = async (...args: string[]) =>
    await mailferry(['doctor', '--directory', old.edgeDirectory, ...args], {});
  const well = await run('--json');
  expect([well.code, well.stderr]).toEqual([0, '']);
  expect(well.lines()[0]).toMatchObject({ type: 'host', side: 'old', postfix: { state: 'applied' } });
  expect(well.lines().at(-1)).toEqual({ type: 'summary', hosts: 1, trouble: 0, warnings: 0, notes: 0 });
  expect((await run()).stdout).toContain('Nothing is wrong.');
  await postconf(old, '-e', 'transport_maps=');
  const broken = await run('--json');
  expect(broken.code).toBe(1);
  expect(broken.lines().filter(({ type }) => type === 'finding')).toMatchObject([
    { code: 'postfix-drifted', severity: 'trouble', values: { changed: 'transport_maps' } },
  ]);
  const told = await run();
  expect([told.code, told.stdout]).toEqual([
    1,
    expect.stringMatching(/trouble {2}postfix-drifted\n.*transport_maps/),
  ]);
  // What it says to call mends it.
  const command = /^ {2}mailferry (config postfix .*)$/m.exec(told.stdout)?.[1]?.split(' ') ?? [];
  expect((await mailferry([...command, '--apply'])).code).toBe(0);
  expect((await run()).code).toBe(0);
  expect((await run('--side', 'new')).code).toBe(2);
  // Nobody runs it: what it knew last is in force, and that is said.
  rmSync(join(old.edgeDirectory, 'edge.holder'));
  const alone = await run('--json');
  expect([alone.code, alone.lines().filter(({ type }) => type === 'finding')]).toMatchObject([
    0,
    [{ code: 'edge-stopped', severity: 'warning' }],
  ]);
  const none = await mailferry(['doctor', '--directory', '/nowhere'], {});
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('there is no edge')]);
});

test('a peer that is down is found, and the mail that waits for it; on a stopped host that it is stopped', async () => {
  const { old, new: fresh } = hosts;
  await queuesEmpty(hosts);
  await fresh.postfix.run('postfix', 'stop');
  for (let number = 1; number <= 10; number++) expect(await send(old, number, { to: at('anna') })).toBeNull();
  await expect.poll(() => codes(old), { timeout: 30_000 }).toEqual(['peer-unreachable', 'queue-waits']);
  expect(await valuesOf(old, 'queue-waits')).toMatchObject({
    waiting: '10',
    reason: expect.stringContaining('Connection refused'),
  });
  expect(await codes(fresh)).toEqual(['postfix-stopped']);
});
