/**
 * The daemon's ways to log in for accounts that have no secret of their own, at real Dovecots: tokens that run out and are
 * given out by a program, and a master user in a login name that holds both.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { addAccount } from '../../src/state/database/accounts.ts';
import { type Dovecot, startDovecot } from '../lab/dovecot.ts';
import { makeDaemonPlace } from '../scenarios/daemon-env.ts';
import { until } from '../scenarios/worker-env.ts';
import { accountOf, actAs } from './mailferry.ts';

const users = ['anna', 'john'].map((name) => ({ name: `${name}@example.org`, password: 'lab-geheim' }));
const master = { name: 'ferry', password: 'lab-master' };
const dir = mkdtempSync(join(tmpdir(), 'mf-access-tokens-'));
/** Which tokens are good now: those that begin with what it holds. */
const generationFile = join(dir, 'generation');
const askedFile = join(dir, 'asked');
const program = join(dir, 'program.mjs');
let authority: Server;
let old: Dovecot;
let fresh: Dovecot;

/** RFC 7662 introspection, as Dovecot asks for it: the token names its owner. */
async function startAuthority(): Promise<string> {
  authority = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      const token = new URLSearchParams(body).get('token') ?? '';
      const [generation, name] = token.split('~');
      const active = generation === readFileSync(generationFile, 'utf8');
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(active ? { active, username: `${name}@example.org` } : { active }));
    });
  });
  await new Promise<void>((resolve) => authority.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(authority.address() as AddressInfo).port}/introspect`;
}

beforeAll(async () => {
  chmodSync(dir, 0o755);
  writeFileSync(generationFile, 'first');
  writeFileSync(
    program,
    `import { appendFileSync, readFileSync } from 'node:fs';
const { login, side } = JSON.parse(readFileSync(0, 'utf8'));
appendFileSync(${JSON.stringify(askedFile)}, side + ' ' + login + '\\n');
const generation = readFileSync(${JSON.stringify(generationFile)}, 'utf8');
console.log(JSON.stringify({ access_token: generation + '~' + login.split('@')[0], expires_in: 3600 }));
`,
  );
  const url = await startAuthority();
  const settings = join(dir, 'oauth2.conf.ext');
  writeFileSync(
    settings,
    `introspection_mode = post\nintrospection_url = ${url}\nusername_attribute = username\n` +
      'active_attribute = active\nactive_value = true\n',
  );
  const oauth = `auth_mechanisms = plain login xoauth2
passdb {
  driver = oauth2
  mechanisms = xoauth2
  args = ${settings}
}
`;
  [old, fresh] = await Promise.all([
    startDovecot({ users, tls: false, lmtp: true, masterUser: master, extra: oauth }),
    startDovecot({ users, tls: false, masterUser: master, extra: oauth }),
  ]);
  for (const user of users) {
    const imap = await actAs(old, user);
    for (let i = 0; i < 3; i++) await imap.append('INBOX', Buffer.from(`Subject: ${i}\r\n\r\n${i}\r\n`));
    await imap.logout();
  }
});
afterAll(async () => {
  await Promise.all([old?.stop(), fresh?.stop()]);
  authority?.close();
  rmSync(dir, { recursive: true, force: true });
});

const nobody = { name: '', password: '' };
const onNew = async (index: number) =>
  (await accountOf(fresh, users[index] ?? nobody)).get('INBOX')?.messages.length ?? 0;

async function follow(onServers: string, then: () => Promise<void>): Promise<string> {
  const place = await makeDaemonPlace({ old, fresh, onServers });
  try {
    const ids: string[] = [];
    for (const { name } of users) {
      const account = { address: name, oldLogin: name, newLogin: name };
      ids.push(await addAccount(place.database.db, account, 'test', systemClock.now()));
    }
    for (const id of ids) await place.begin(id);
    await place.closeDatabase();
    const worker = await place.start('worker');
    await then();
    worker.kill('SIGTERM');
    const { stdout, stderr } = await worker.done;
    return stdout + stderr;
  } finally {
    await place.remove();
  }
}

const deliver = async (index: number) => {
  const imap = await actAs(old, users[index] ?? nobody);
  await imap.append('INBOX', Buffer.from('Subject: later\r\n\r\nlater\r\n'));
  await imap.logout();
};

test('tokens of a program open all accounts, and others are asked for when they are taken back', async () => {
  const asked = () => readFileSync(askedFile, 'utf8').trim().split('\n').sort();
  const onServers = `access_tokens.command = ["${process.execPath}", "${program}"]\n`;
  const said = await follow(onServers, async () => {
    for (const index of [0, 1]) await until(30_000, async () => (await onNew(index)) === 3);
    const each = ['new anna', 'new john', 'old anna', 'old john'].map((name) => `${name}@example.org`);
    expect(asked()).toEqual(each);
    // Taken back: what is kept is refused once, and another is asked for.
    writeFileSync(generationFile, 'second');
    await old.restart();
    for (const index of [0, 1]) {
      await deliver(index);
      await until(60_000, async () => (await onNew(index)) === 4);
    }
    expect(asked().filter((line) => line.startsWith('old '))).toHaveLength(4);
  });
  expect(said).not.toMatch(/(first|second)~/);
  expect(old.log()).toMatch(/Login: user=<anna@example\.org>, method=XOAUTH2/);
});

test('a master user logs in by one name for both', async () => {
  const onServers = `master_user = "${master.name}"\nmaster_password = "${master.password}"\nmaster_login = "{user}*{master}"\n`;
  const said = await follow(onServers, async () => {
    await deliver(0);
    await until(60_000, async () => (await onNew(0)) === 5);
  });
  expect(said).not.toContain(master.password);
});
