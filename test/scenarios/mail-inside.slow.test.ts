/** Both mail hosts and the daemon on one machine: the edges run within `mailferry serve`, and real Postfixes go by their tables. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { Secret } from '../../src/base/secret.ts';
import { addAccount, changePhase } from '../../src/state/database/accounts.ts';
import { openDatabase } from '../../src/state/database/open-database.ts';
import { mailferry, type Running, startMailferry } from '../interop/mailferry.ts';
import { makeInstallation } from '../lab/installation.ts';
import { type MailReceiver, startMailReceiver } from '../lab/mail-receiver.ts';
import { type Postfix, startPostfix } from '../lab/postfix.ts';
import { type Postgres, startPostgres } from '../lab/postgres.ts';
import { deliverBySmtp } from '../lab/smtp.ts';
import { configPostfix, domain } from './mail-hosts.ts';
import { until } from './worker-env.ts';

const addresses = { old: '127.0.0.2', new: '127.0.0.3' } as const;
const loggedIn = '127.0.0.9';
const sides = ['old', 'new'] as const;
/** At which host mail arrives, for whom, and where the mailbox is. */
const ways = [
  ['old', 'anna', 'new'],
  ['old', 'bela', 'old'],
  ['new', 'anna', 'new'],
  ['new', 'bela', 'old'],
] as const;
/** In which the edges ask for changes, and are told nothing. */
const awayMs = 5_000;

describe.each(['SQLite', 'PostgreSQL'] as const)('on %s', (kind) => {
  const dir = mkdtempSync(join(tmpdir(), 'mf-inside-'));
  const directory = (side: string) => join(dir, `edge-${side}`);
  /** `side:recipient` of each mail that a host delivered. */
  const delivered: string[] = [];
  const receivers: MailReceiver[] = [];
  const hosts = new Map<string, Postfix>();
  let server: Postgres | null = null;
  let daemon: Running;
  let env: Readonly<Record<string, string>>;
  const host = (side: 'old' | 'new') => hosts.get(side) as Postfix;

  beforeAll(async () => {
    if (kind === 'PostgreSQL') server = await startPostgres();
    for (const side of sides) {
      const receiver = await startMailReceiver(async (to) => void delivered.push(`${side}:${to}`), {
        lmtp: true,
      });
      receivers.push(receiver);
      const more = {
        address: addresses[side],
        extra: `mynetworks = ${loggedIn}/32\nsmtpd_forbid_bare_newline = normalize`,
      };
      const mailboxes = ['anna', 'bela', 'clara', 'dora'];
      hosts.set(
        side,
        await startPostfix({ name: `${side}.example`, domain, lmtpPort: receiver.port, mailboxes, ...more }),
      );
    }
    const edge = (side: 'old' | 'new', peer: Postfix) =>
      `[${side}.edge]\ndirectory = "${directory(side)}"\npeer = "${peer.address}:${peer.port}"\n` +
      `postfix = "${host(side).configDirectory}"\ndovecot = "${join(dir, 'none')}"\n`;
    const postgres =
      server === null ? {} : { postgres: { url: await server.newDatabase(), password: server.password } };
    const noImap = { imapPort: 1 };
    const more = edge('old', host('new')) + edge('new', host('old'));
    const made = await makeInstallation({ dir, old: noImap, fresh: noImap, ...postgres, more });
    env = { MAILFERRY_CONFIG: made.configFile };
    const database = await openDatabase({
      url: postgres.postgres?.url ?? made.databaseFile,
      password: server === null ? undefined : new Secret(server.password),
      clock: systemClock,
    });
    const add = (name: string) =>
      addAccount(database.db, { address: `${name}@${domain}`, oldLogin: name, newLogin: name }, 'test', 0);
    const accountId = await add('anna');
    for (const event of ['start', 'agree', 'switch', 'commit'] as const)
      await changePhase(database.db, { accountId, event, actor: 'test' });
    await add('bela');
    await database.close();
    daemon = startMailferry(['serve'], env);
    await daemon.printed('"ready"');
    await until(20_000, async () => (await inForce()) === 2);
    for (const [side, peer] of [
      ['old', host('new')],
      ['new', host('old')],
    ] as const) {
      const { configDirectory, run } = host(side);
      const there = [
        '--peer',
        `${peer.address}:${peer.port}`,
        '--peer-address',
        peer.address,
        '--tls',
        'none',
      ];
      const here = ['--directory', directory(side), '--config-directory', configDirectory];
      await configPostfix('--side', side, ...there, ...here, '--apply');
      await run('postfix', 'reload');
    }
  }, 120_000);
  afterAll(async () => {
    daemon?.kill('SIGKILL');
    await daemon?.done;
    for (const one of [...hosts.values(), ...receivers]) await one.stop();
    await server?.stop();
    rmSync(dir, { recursive: true, force: true });
  }, 30_000);

  /** How many edges have all changes. */
  const inForce = async () => {
    const edges = (await mailferry(['edge', 'list', '--json'], env)).lines();
    return edges.filter(({ epoch, latest }) => epoch === latest).length;
  };
  const arrives = async (at: 'old' | 'new', name: string, place: string) => {
    delivered.length = 0;
    const letter = `From: a@example.net\r\nTo: ${name}@${domain}\r\nSubject: x\r\n\r\nx\r\n`;
    await deliverBySmtp(host(at), `${name}@${domain}`, letter, at === 'new' ? loggedIn : undefined);
    await until(20_000, async () => delivered.length > 0);
    expect(delivered).toEqual([`${place}:${name}@${domain}`]);
  };
  const add = async (name: string) => {
    writeFileSync(join(dir, 'list.csv'), `address\n${name}@${domain}\n`);
    expect((await mailferry(['accounts', 'import', join(dir, 'list.csv')], env)).code).toBe(0);
    await until(20_000, async () => (await inForce()) === 2);
  };

  test('mail goes where each account lives, from either host', async () => {
    for (const [at, name, place] of ways) await arrives(at, name, place);
  });

  test('the doctor has looked at both hosts, and finds nothing there by hand', async () => {
    const edges = async () => (await mailferry(['edge', 'list', '--json'], env)).lines();
    await until(40_000, async () => (await edges()).every(({ doctor }) => doctor !== null));
    for (const { side, doctor } of await edges()) {
      const { postfix, leftOut } = doctor as {
        postfix: { command: string };
        leftOut: { check: string }[];
      };
      expect(postfix.command).toContain(`mailferry config postfix --side ${String(side)} --peer 127.0.0.`);
      expect(leftOut.map(({ check }) => check)).toEqual(expect.arrayContaining(['dovecot', 'clock']));
    }
    const ran = await mailferry(['doctor', '--json'], env);
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    expect(ran.lines().filter(({ type }) => type === 'host')).toMatchObject(
      sides.map((side) => ({ side, directory: directory(side), postfix: { state: 'applied' } })),
    );
    expect(ran.lines().filter(({ type }) => type === 'finding')).toEqual([]);
  });

  test('an account that is added has its route at once', async () => {
    await add('clara');
    await arrives('new', 'clara', 'old');
  });

  test.skipIf(kind === 'SQLite')(
    'mail flows by the last routes while the database is away and comes back',
    {
      timeout: 120_000,
    },
    async () => {
      delivered.length = 0;
      const sent: string[] = [];
      const over = new AbortController();
      const flowing = (async () => {
        for (let n = 1; !over.signal.aborted; n++)
          for (const [at, name, place] of ways) {
            const to = `${name}+${at}${n}@${domain}`;
            const letter = `From: a@example.net\r\nTo: ${to}\r\nSubject: x\r\n\r\nx\r\n`;
            await deliverBySmtp(host(at), to, letter, at === 'new' ? loggedIn : undefined);
            // The extension tells one from another.
            sent.push(`${place}:${to}`);
          }
      })();
      const more = async (count: number) => {
        const enough = sent.length + count;
        await until(30_000, async () => sent.length >= enough);
      };
      await more(20);
      await server?.restart(async () => {
        const awayAt = performance.now();
        do await more(20);
        while (performance.now() - awayAt < awayMs);
      });
      await more(20);
      // And what changes afterwards comes into force, without anybody starting anything.
      await add('dora');
      over.abort();
      await flowing;
      await until(20_000, async () => delivered.length >= sent.length);
      expect(delivered.toSorted()).toEqual(sent.toSorted());
      for (const side of sides) expect(host(side).log()).not.toMatch(/status=(bounced|deferred)/);
      await arrives('new', 'dora', 'old');
    },
  );

  test('mail goes on by the last routes while the daemon is dead', async () => {
    daemon.kill('SIGKILL');
    await daemon.done;
    await arrives('old', 'anna', 'new');
    await arrives('new', 'bela', 'old');
  });
});
