/** What docs/reference/cli-accounts.md says of `--json` is what every verb prints, to the last field, and the reverse. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { saveDetails } from '../../src/state/database/account-detail.ts';
import { Secret } from '../../src/base/secret.ts';
import { addAppPassword } from '../../src/state/database/app-passwords.ts';
import { EnvelopeKey } from '../../src/state/database/envelope.ts';
import { accountView } from '../../src/state/database/account-list.ts';
import { setNotes } from '../../src/state/database/account-notes.ts';
import { putMailbox, putRefused } from '../../src/state/database/journal-rows.ts';
import { acquireLease } from '../../src/state/database/leases.ts';
import { setMailboxProblems } from '../../src/state/database/mailbox-problems.ts';
import { type Database, openDatabase } from '../../src/state/database/open-database.ts';
import { saveProgress } from '../../src/state/database/progress.ts';
import { noteEdge, noteReport } from '../../src/state/database/edges.ts';
import { writeRunFile } from '../../src/services/edge/doctor/run-file.ts';
import { mailboxRow } from '../contracts/journal-rows.ts';
import { type ControlEnv, startControlFor } from '../contracts/control-env.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { mailferry } from './mailferry.ts';
import { allVerbs, documentedShapes, type Shape, wordsOf } from './json-shapes.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../docs/reference/cli-accounts.md'), 'utf8');
const shapes = documentedShapes(page);
const dir = mkdtempSync(join(tmpdir(), 'mf-shapes-'));
let database: Database;
let control: ControlEnv;
/** Keys that came, by verb and type; every run of this file adds to it. */
const seen = new Map<string, Set<string>>();

beforeAll(async () => {
  database = await openDatabase({ url: join(dir, 'database'), clock: new FakeClock() });
  const command = JSON.stringify(['/bin/sh', '-c', `echo '{"changes":[]}'`]);
  control = await startControlFor(database, {
    toml: `[new.provisioning]\nadapter = "command"\ncommand = ${command}\n[old.discovery]\nkind = "csv"\nfile = "${join(dir, 'old.csv')}"\nevery_seconds = 86400`,
  });
});
afterAll(async () => {
  await control.close();
  await database.close();
  rmSync(dir, { recursive: true });
});

async function run(verb: string, args: readonly string[], code = 0): Promise<Record<string, unknown>[]> {
  const access = { MAILFERRY_API: control.url, MAILFERRY_TOKEN_FILE: control.tokenFile };
  const ran = await mailferry([...verb.split(' '), ...args, '--json'], access);
  expect([verb, ran.code, ran.stderr]).toEqual([
    verb,
    code,
    code === 2 ? expect.anything() : expect.any(String),
  ]);
  const lines = ran.lines();
  expect([verb, lines.length > 0]).toEqual([verb, true]);
  for (const { type, ...rest } of lines) {
    if (type === 'error') continue;
    const name = `${verb} ${String(type)}`;
    seen.set(name, new Set([...(seen.get(name) ?? []), ...wordsOf(rest)]));
  }
  return lines;
}

async function fill(): Promise<void> {
  const { db } = database;
  const { id } = await accountView(db, 'anna@example.org');
  const attention = { code: 'login-refused', reason: 'no', action: 'Look.', sinceMs: 5 } as const;
  await setNotes(db, id, { attention }, { actor: 'worker:1' });
  const row = { mailboxId: 1, oldUid: 7, code: 'over-quota', reason: 'full', sizeBytes: 3_000 } as const;
  await putRefused(db, id, { ...row, date: null, subject: 'Hello', from: 'x@y', attempts: 1, atMs: 5 });
  const lease = await acquireLease(db, 'shard/1', 'w', 60_000);
  if (lease === null) throw new Error('somebody holds the lease');
  const problem = { mailbox: 'Shared', code: 'mailbox-unusable', reason: 'no right' } as const;
  await setMailboxProblems(db, id, [problem], lease);
  const made = {
    id: 'mf',
    password: new Secret('x'),
    hash: 'x',
    protocols: ['imap'],
    nets: ['::1'],
    lifeMs: 1_000,
  };
  await addAppPassword(
    db,
    new EnvelopeKey(new Uint8Array(32)),
    { ...made, accountId: id, side: 'old' },
    'worker:1',
  );
  await putMailbox(db, id, mailboxRow(1, { oldName: 'INBOX', newName: 'INBOX' }));
  const inbox = { name: 'INBOX', role: null, messages: 3, bytes: 4_500, done: 0, complete: false };
  const detail = { mailboxes: [inbox], carried: [], rate: null, countedMs: 0 };
  await saveDetails(db, [{ accountId: id, detail, effort: { ms: 0, messages: 0, bytes: 0 } }]);
  const counted = { messagesTotal: 3, messagesDone: 1, messagesRefused: 1, mailboxes: 1, bytesCopied: 9 };
  const state = { activity: 'waiting', heardBy: 'nothing', lagMs: null, lastPassMs: null } as const;
  await saveProgress(db, [{ accountId: id, ...counted, ...state }]);
}

test('every verb of the API prints what the page says', { timeout: 180_000 }, async () => {
  const file = (name: string, text: string) => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  const list = file('list.csv', 'address,team\nanna@example.org,T\nbert@example.org,T\n');
  await run('accounts import', [list]);
  await run('accounts import', [file('changed.csv', 'address,team\nanna@example.org,U\n')]);
  await run('accounts import', [file('bad.csv', 'address\nx\n')], 2);
  await run('sync start', ['--all']);
  await fill();
  await run('sync pause', ['--all']);
  await run('sync start', ['bert@example.org', 'nobody'], 1);
  await run('sync resume', ['bert@example.org']);
  for (const verb of ['sync pause', 'sync resume', 'sync retry', 'refused retry'])
    await run(verb, ['--all', '--dry-run']);
  await run('accounts list', []);
  for (const account of ['anna@example.org', 'bert@example.org']) await run('accounts show', [account]);
  await run('sync status', []);
  await run('provision', ['anna@example.org', 'nobody'], 1);
  file(
    'old.csv',
    'address,aliases\nbert@example.org,\ncora@example.org,anna@example.org\ndora@example.org,\n',
  );
  await run('discover', [], 1);
  await run('report', ['anna@example.org'], 1);
  await run('audit', []);
  await run('refused list', []);
  const password = ['--password-file', file('password', 'ein-langes-Kennwort')];
  await run('team add', ['North']);
  await run('accounts app-passwords', ['anna@example.org']);
  await run('team list', []);
  await run('team people', ['U', '--set', 'tom@example.org', '--right', 'view']);
  await run('operator add', ['you@example.org', ...password]);
  await run('operator list', []);
  await run('operator password', ['you@example.org', ...password]);
  await run('operator totp-reset', ['you@example.org']);
  await run('operator remove', ['you@example.org']);
  await run('server set-master-user', ['old', 'migration', ...password]);
  await run('server list', []);
  await run('server remove-master-user', ['old']);
  const [edge] = await run('edge add', ['mx1', '--side', 'old']);
  const code = file('code', String(edge?.code));
  const place = ['--control', control.url, '--directory', join(dir, 'edge')];
  await run('edge enrol', ['--code-file', code, ...place]);
  const health = [{ part: 'transport', text: 'no room' }];
  await noteEdge(database.db, String(edge?.id), { epoch: 1, version: '1', health });
  const looked = { state: 'applied', arguments: [] } as const;
  await noteReport(database.db, String(edge?.id), {
    lookedAtMs: 5,
    postfix: looked,
    dovecot: looked,
    findings: [{ code: 'disk-low', severity: 'warning', values: {} }],
    leftOut: [{ check: 'clock', reason: 'inside', said: '' }],
  });
  await run('edge list', []);
  await run('edge remove', [String(edge?.id)]);
  const [made] = await run('token create', ['m', '--scope', 'accounts:read']);
  await run('token list', []);
  await run('token revoke', [String(made?.id)]);
  const hosts = ['--old-host', 'o.example', '--new-host', 'n.example'];
  await run('init', ['--directory', join(dir, 'mf'), ...hosts]);
  const postfix = join(dir, 'postfix');
  cpSync('/etc/postfix', postfix, { recursive: true });
  const hop = [
    '--side',
    'old',
    '--peer',
    'n.example',
    '--peer-address',
    '192.0.2.7',
    '--deliver',
    'lmtp:unix:x',
  ];
  // As an edge that has run: what Postfix is to ask has to be there.
  writeFileSync(join(dir, 'transport'), '');
  execFileSync('postmap', [`lmdb:${join(dir, 'transport')}`]);
  hop.push('--directory', dir, '--tls', 'none');
  await run('config postfix', [...hop, '--config-directory', postfix]);
  await run('config postfix', [...hop, '--config-directory', postfix, '--apply', '--dry-run']);
  mkdirSync(join(dir, 'dovecot', 'conf.d'), { recursive: true });
  const dovecot = ['--config-directory', join(dir, 'dovecot'), '--dovecot', '2.3'];
  await run('config dovecot', dovecot);
  await run('config dovecot', [...dovecot, '--apply', '--dry-run']);
  writeRunFile({
    side: 'old',
    directory: join(dir, 'edge'),
    // Nobody listens there.
    peer: { host: '127.0.0.1', port: 1 },
    table: join(dir, 'edge', 'transport'),
    socketmap: null,
    delimiters: null,
    groupReads: false,
    postfix,
    dovecot: join(dir, 'dovecot'),
    doveadm: null,
  });
  await run('doctor', ['--directory', join(dir, 'edge')], 1);
  await run('config check', ['--config', join(dir, 'mf', 'mailferry.toml')]);
});

test('there is no verb that was left out, and none on the page that is not there', async () => {
  const documented = [...new Set(shapes.map(({ verb }) => verb))].sort();
  expect(documented).toEqual((await allVerbs()).filter((verb) => !/^(copy|verify|ls)$/.test(verb)));
  expect([...new Set([...seen.keys()].map((name) => name.slice(0, name.lastIndexOf(' '))))].sort()).toEqual(
    documented,
  );
});

test.each(shapes.map((shape) => [`${shape.verb}: ${shape.type}`, shape] as const))(
  '%s',
  (_, { verb, type, fields }: Shape) => {
    expect([...(seen.get(`${verb} ${type}`) ?? [])].sort()).toEqual([...fields].sort());
  },
);
