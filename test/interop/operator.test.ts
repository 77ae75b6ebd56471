/** The operator's command line as a person or a script calls it, against a started control. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { setNotes } from '../../src/state/database/account-notes.ts';
import { saveDetails } from '../../src/state/database/account-detail.ts';
import { accountView } from '../../src/state/database/account-list.ts';
import { putMailbox, putRefused } from '../../src/state/database/journal-rows.ts';
import { acquireLease } from '../../src/state/database/leases.ts';
import { setMailboxProblems } from '../../src/state/database/mailbox-problems.ts';
import { mailboxRow } from '../contracts/journal-rows.ts';
import { type Database, openDatabase } from '../../src/state/database/open-database.ts';
import { saveProgress } from '../../src/state/database/progress.ts';
import { type ControlEnv, operatorToken, startControlFor } from '../contracts/control-env.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { freePort } from '../lab/ports.ts';
import { mailferry, startMailferry } from './mailferry.ts';
import { endTerminals, onTerminal } from './terminal.ts';

const dir = mkdtempSync(join(tmpdir(), 'mf-operator-'));
const list = join(dir, 'list.csv');
const canary = 'canary-Kennwort-91';
let database: Database;
let control: ControlEnv;
let access: Record<string, string>;

beforeAll(async () => {
  database = await openDatabase({ url: join(dir, 'database'), clock: new FakeClock() });
  control = await startControlFor(database);
  access = { MAILFERRY_API: control.url, MAILFERRY_TOKEN_FILE: control.tokenFile };
});
afterAll(async () => {
  await control.close();
  await database.close();
  rmSync(dir, { recursive: true });
});
afterEach(endTerminals);

const run = (...args: string[]) => mailferry(args, access);

test('imports a list: first dry, then for good, and again without a change', async () => {
  writeFileSync(
    list,
    `address,team,aliases,old_password\nanna@example.org,Müller GmbH,info@example.org,${canary}\nbert@example.org,,,\n`,
  );
  const dry = await run('accounts', 'import', list, '--dry-run');
  expect([dry.code, dry.stdout]).toEqual([0, 'Would be added 2, updated 0, unchanged 0.\n']);
  const done = await run('accounts', 'import', list, '--json');
  expect([done.code, done.last()]).toEqual([
    0,
    { type: 'import', dryRun: false, added: 2, updated: 0, unchanged: 0, updates: [] },
  ]);
  expect((await run('accounts', 'import', list)).stdout).toBe('Added 0, updated 0, unchanged 2.\n');
  const json = join(dir, 'list.json');
  writeFileSync(json, '[{"address":"bert@example.org","team":"T"}]');
  expect((await run('accounts', 'import', json)).stdout).toBe(
    'Added 0, updated 1, unchanged 0.\n  bert@example.org: team\n',
  );
});

test('refuses a list with faults, naming line, column and what is allowed, and imports nothing', async () => {
  const bad = join(dir, 'bad.csv');
  writeFileSync(bad, `address,quota,old_password\nnew@example.org,,\nx,much,${canary}\n`);
  const told = await run('accounts', 'import', bad);
  expect(told.code).toBe(2);
  expect(told.stderr).toContain(`${bad}:3: address is not a mail address; allowed: a mail address like`);
  expect(told.stderr).toContain(`${bad}:3: quota is not a size`);
  expect(told.stderr).toContain('nothing of it was taken in');
  const json = await run('accounts', 'import', bad, '--json');
  expect(json.lines()).toMatchObject([
    { type: 'fault', line: 3, column: 'address' },
    { type: 'fault', line: 3, column: 'quota' },
    { type: 'error', code: 'import-refused', side: null },
  ]);
  expect(told.stdout + told.stderr + json.stdout).not.toContain(canary);
  expect((await run('accounts', 'show', 'new@example.org', '--json')).last()).toMatchObject({
    code: 'account-unknown',
  });
});

test('lists and shows accounts', async () => {
  const table = await run('accounts', 'list');
  expect(table.stdout).toMatch(/^address +team +phase/);
  expect(table.stdout).toContain('anna@example.org  Müller GmbH  old');
  expect(table.stdout).toContain('2 accounts\n');
  const json = await run('accounts', 'list', '--team', 'Müller GmbH', '--json');
  expect(json.lines()).toMatchObject([{ type: 'account', address: 'anna@example.org', secrets: ['old'] }]);
  expect((await run('accounts', 'list', '--limit', '1', '--json')).lines()).toHaveLength(1);
  const phase = await run('accounts', 'list', '--phase', 'nothing');
  expect([phase.code, phase.stderr]).toEqual([
    2,
    expect.stringContaining('choices are old, copying, in-step'),
  ]);
  const trouble = await run('accounts', 'list', '--trouble', 'nonsense');
  expect([trouble.code, trouble.stderr]).toEqual([2, expect.stringContaining('one of login-refused, ')]);
  for (const limit of ['0', '1.5', 'x']) {
    const refused = await run('accounts', 'list', '--limit', limit);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('whole number from 1')]);
  }
  const shown = await run('accounts', 'show', 'info@example.org');
  expect(shown.stdout).toContain('also          info@example.org');
  expect(shown.stdout).toContain('own passwords old');
});

test('starts, pauses, resumes and retries, and says which names nothing has', async () => {
  const dry = await run('sync', 'start', '--domain', 'example.org', '--dry-run');
  expect([dry.code, dry.stdout]).toEqual([0, '2 accounts would be changed, 0 not.\n']);
  const started = await run('sync', 'start', 'anna@example.org', 'none@example.org');
  expect([started.code, started.stdout]).toEqual([
    1,
    '1 account changed, 0 not.\nNothing is called none@example.org.\n',
  ]);
  const again = await run('sync', 'start', '--all', '--json');
  expect(again.last()).toMatchObject({
    type: 'changed',
    changedAccounts: ['bert@example.org'],
    unchangedAccounts: [{ account: 'anna@example.org' }],
  });
  expect((await run('sync', 'pause', '--team', 'T', '--why', 'holiday')).stdout).toContain(
    '1 account changed',
  );
  expect((await run('accounts', 'show', 'bert@example.org')).stdout).toContain('by operator: holiday');
  expect((await run('sync', 'resume', '--all')).stdout).toContain('anna@example.org: it is not paused');
  const { id } = await accountView(database.db, 'bert@example.org');
  const attention = { code: 'deletions-stopped', reason: 'many', action: 'Look.', sinceMs: 5 } as const;
  await setNotes(database.db, id, { attention }, { actor: 'worker:1' });
  expect((await run('accounts', 'list', '--trouble')).stdout).toContain('deletions-stopped');
  expect((await run('sync', 'retry', '--all', '--confirm-deletions')).stdout).toContain('1 account changed');
  expect((await run('sync', 'start')).code).toBe(2);
  expect((await run('sync', 'start', '--all', 'anna@example.org')).code).toBe(2);
});

test('reports on an account, lists refused messages and tries them again', async () => {
  const clean = await run('report', 'anna@example.org');
  expect([clean.code, clean.stdout]).toEqual([0, expect.stringContaining('No message was refused.')]);
  const { id } = await accountView(database.db, 'anna@example.org');
  await putRefused(database.db, id, {
    mailboxId: 1,
    oldUid: 7,
    code: 'over-quota',
    reason: 'full',
    sizeBytes: 3_000,
    date: null,
    subject: 'Hello\u001b[2J',
    from: 'x@y',
    attempts: 1,
    atMs: 5,
  });
  const lease = await acquireLease(database.db, 'shard/1', 'w', 60_000);
  if (lease === null) throw new Error('somebody holds the lease');
  const problem = { mailbox: 'Shared', code: 'mailbox-unusable', reason: 'no right\u001b[2J' } as const;
  await setMailboxProblems(database.db, id, [problem], lease);
  await putMailbox(database.db, id, mailboxRow(1, { oldName: 'INBOX', newName: 'INBOX' }));
  const inbox = { name: 'INBOX', role: null, messages: 3, bytes: 4_500, done: 0, complete: false };
  const detail = { mailboxes: [inbox], carried: [], rate: null, countedMs: 0 };
  const effort = { ms: 0, messages: 0, bytes: 0 };
  await saveDetails(database.db, [{ accountId: id, detail, effort }]);
  const none = { messagesTotal: 0, messagesDone: 0, messagesRefused: 0, mailboxes: 0, bytesCopied: 0 };
  const still = { activity: 'waiting', heardBy: 'nothing', lagMs: null, lastPassMs: null } as const;
  await saveProgress(database.db, [{ accountId: id, ...none, ...still }]);
  expect((await run('sync', 'status')).stdout).toContain('mailboxes not carried over: of 1 account\n');
  const report = await run('report', 'anna@example.org');
  expect(report.stdout).toMatch(/^mailbox +on new as +on old +on new +refused +size on old$/m);
  expect(report.stdout).toMatch(/^INBOX +3 +0 +1 +4\.5 kB$/m);
  expect(report.stdout).toMatch(/^1 mailbox +3 +0 +4\.5 kB$/m);
  expect(report.stdout).toContain('messages      none counted yet');
  expect(report.stdout).toMatch(
    /^ {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}operator {2}old → copying \(start\)$/m,
  );
  expect(report.stdout).not.toMatch(/[{}]|0 of 0/);
  expect(report.stdout).toContain('Not carried over: 1 mailbox\n  Shared: mailbox-unusable since ');
  expect([report.code, report.stdout]).toEqual([1, expect.stringContaining('over-quota, 3.0 kB')]);
  expect(report.stdout).not.toContain('\u001b');
  const json = await run('report', 'anna@example.org', '--json');
  expect(json.last()).toMatchObject({
    type: 'report',
    mailboxes: [{ messagesOnOld: 3, bytesOnOld: 4_500 }],
    refused: [{ uid: 7 }],
    history: expect.any(Array),
  });
  const refused = await run('refused', 'list', '--json');
  expect(refused.lines()).toMatchObject([{ type: 'refused', account: 'anna@example.org', uid: 7 }]);
  expect((await run('refused', 'list', 'bert@example.org')).stderr).toBe('0 messages not on new.\n');
  expect((await run('refused', 'retry', '--all')).stdout).toContain('1 account changed, 1 not.');
});

test('tells who did what, of one account, by one actor, since a time, and page by page', async () => {
  const whole = await run('audit');
  expect([whole.code, whole.stderr]).toEqual([0, '']);
  expect(whole.stdout).toMatch(/^when \(UTC\) +who +to +what$/m);
  expect(whole.stdout).toMatch(/operator +bert@example\.org +paused: holiday$/m);
  expect(whole.stdout).toMatch(/worker:1 +bert@example\.org +wants attention: deletions-stopped$/m);
  expect(whole.stdout).not.toMatch(/[{}]/);
  const account = await run('audit', '--account', 'Anna@Example.org', '--json');
  expect(account.lines().length).toBeGreaterThan(1);
  for (const line of account.lines())
    expect(line).toMatchObject({ type: 'audit', address: 'anna@example.org' });
  const worker = await run('audit', '--actor', 'worker:1', '--since', '1h', '--json');
  expect(worker.lines()).toMatchObject([{ actor: 'worker:1', action: 'account.notes' }]);
  expect((await run('audit', '--since', '2999-01-01')).stderr).toBe('Nothing was done that fits.\n');
  const newest = await run('audit', '--limit', '1', '--json');
  expect(newest.lines()).toHaveLength(1);
  expect(newest.stderr).toBe('The newest 1; --limit all shows the rest.\n');
  expect((await run('audit', '--limit', 'all', '--json')).lines()).toEqual(
    (await run('audit', '--json')).lines(),
  );
  for (const wrong of [
    ['--since', 'yesterday'],
    ['--since', '2026-12-01T08:00'],
    ['--limit', '0'],
    ['--limit', '1.5'],
  ]) {
    expect((await run('audit', ...wrong, '--json')).last()).toMatchObject({ code: 'usage' });
  }
  const unknown = await run('audit', '--account', 'none@example.org', '--json');
  expect([unknown.code, unknown.last().code]).toEqual([2, 'account-unknown']);
  // What is neither an address nor an id is no account either, also where it is a subject of the log.
  expect((await run('audit', '--account', 'bert', '--json')).last()).toMatchObject({
    code: 'account-unknown',
  });
});

test('makes a token that is good for what it was made for, and revokes it', async () => {
  const made = await run(
    'token',
    'create',
    'monitoring',
    '--scope',
    'accounts:read',
    '--expires',
    '2999-01-01',
  );
  expect([made.code, made.stderr]).toEqual([0, expect.stringContaining('not shown again')]);
  const as = { MAILFERRY_API: control.url, MAILFERRY_TOKEN: made.stdout.trim() };
  expect((await mailferry(['sync', 'status', '--json'], as)).code).toBe(0);
  const more = await mailferry(['sync', 'start', '--all', '--json'], as);
  expect([more.code, more.last().code]).toEqual([3, 'scope-missing']);
  const tokens = await run('token', 'list', '--json');
  expect(tokens.lines()).toMatchObject([{ type: 'token', name: 'monitoring', scopes: ['accounts:read'] }]);
  const id = String(tokens.last().id);
  expect((await run('token', 'revoke', id)).stdout).toBe(`Revoked ${id}.\n`);
  expect((await mailferry(['sync', 'status', '--json'], as)).last()).toMatchObject({
    code: 'api-token-refused',
  });
  expect((await run('token', 'list')).stdout).toMatch(/monitoring +accounts:read .* revoked/);
  const scope = await run('token', 'create', 'x', '--scope', 'everything');
  expect([scope.code, scope.stderr]).toEqual([2, expect.stringContaining('one of accounts:read, ')]);
  for (const date of ['2027-02-31', 'tomorrow']) {
    const never = await run('token', 'create', 'x', '--scope', 'accounts:read', '--expires', date);
    expect([never.code, never.stderr]).toEqual([2, expect.stringContaining('--expires: write a date')]);
  }
});

test('shows the status, and keeps it up to date in a table that fits the terminal', async () => {
  const { id } = await accountView(database.db, 'anna@example.org');
  const progress = {
    accountId: id,
    messagesTotal: 1_000,
    messagesRefused: 0,
    mailboxes: 3,
    bytesCopied: 5_000_000,
    activity: 'copying',
    heardBy: 'all',
    lagMs: null,
    lastPassMs: null,
  } as const;
  await saveProgress(database.db, [{ ...progress, messagesDone: 250 }]);
  const once = await run('sync', 'status');
  expect(once.stdout).toContain('2 accounts: 2 copying\nmessages: 250 of 1,000; 5.0 MB copied\n');
  const watched = await onTerminal(['sync', 'status', '--watch'], { columns: 44, env: access });
  await watched.printed('messages: 250 of 1,000');
  await saveProgress(database.db, [{ ...progress, messagesDone: 750 }]);
  await watched.printed('messages: 750 of 1,000');
  expect(watched.screen.lines().join()).not.toContain('250 of');
  watched.type('\u0003');
  const { code, output } = await watched.done;
  expect([code, /interrupted|goes on where it stopped/.exec(output)]).toEqual([130, null]);
  const lines = startMailferry(['sync', 'status', '--watch', '--json'], access);
  await lines.printed('"messagesDone":750');
  lines.kill('SIGINT');
  const ended = await lines.done;
  expect([ended.code, ended.last().type, ended.stderr]).toEqual([130, 'status', '']);
});

test('shows the status on a terminal that knows no size of its own', async () => {
  const watched = await onTerminal(['sync', 'status', '--watch'], { columns: 0, rows: 0, env: access });
  await watched.printed('2 accounts: 2 copying');
  await watched.printed('anna@example.org');
  watched.type('\u0003');
  expect((await watched.done).code).toBe(130);
});

test('says what to do while there are no accounts', async () => {
  const empty = await openDatabase({ url: join(dir, 'empty'), clock: new FakeClock() });
  const other = await startControlFor(empty);
  onTestFinished(async () => {
    await other.close();
    await empty.close();
  });
  const env = { MAILFERRY_API: other.url, MAILFERRY_TOKEN_FILE: other.tokenFile };
  const listed = await mailferry(['accounts', 'list'], env);
  expect([listed.code, listed.stderr]).toEqual([0, expect.stringContaining('accounts import FILE')]);
  expect((await mailferry(['accounts', 'list', '--paused'], env)).stderr).toBe('No account fits.\n');
  const started = await mailferry(['sync', 'start', '--all'], env);
  expect(started.stdout).toBe('No account is meant by this; nothing was changed.\n');
  const { code, stdout } = await mailferry(['sync', 'status'], env);
  expect([code, stdout]).toEqual([0, 'No accounts yet: `mailferry accounts import FILE` takes in a list.\n']);
});

test('says what to do where the API cannot be reached, or is another machine without TLS', async () => {
  const nobody = { ...access, MAILFERRY_API: 'http://127.0.0.1:9' };
  const gone = await mailferry(['accounts', 'list', '--json'], {
    ...nobody,
    MAILFERRY_API: `http://127.0.0.1:${await freePort()}`,
  });
  expect([gone.code, gone.last().code]).toEqual([3, 'control-unreachable']);
  expect(gone.stderr).toContain('Is `mailferry serve` running?');
  expect((await mailferry(['accounts', 'list', '--api', 'http://mail.example.org'], nobody)).code).toBe(2);
  const noFile = await mailferry(['accounts', 'list', '--token-file', join(dir, 'none')], access);
  expect([noFile.code, noFile.stderr]).toEqual([2, expect.stringContaining('does not exist')]);
});

test('finds the API and the token by the configuration', async () => {
  const file = join(dir, 'mailferry.toml');
  const listen = new URL(control.url).host;
  // What only the daemon may read does not keep its clients from the API.
  const secret = `master_password_file = "${join(dir, 'not-there')}"\n`;
  const hosts = `[secrets]\nkey_file = "${join(dir, 'no-key')}"\n[old]\nhost = "o"\n${secret}[new]\nhost = "n"\n`;
  writeFileSync(file, `[control]\nlisten = "${listen}"\ntoken_file = "${control.tokenFile}"\n${hosts}`);
  expect((await mailferry(['sync', 'status', '--config', file, '--json'])).code).toBe(0);
  expect((await mailferry(['sync', 'status', '--json'], { MAILFERRY_CONFIG: file })).code).toBe(0);
});

test('init writes a configuration that is right, with key and token for its owner only', async () => {
  const directory = join(dir, 'etc');
  const password = join(dir, 'password');
  writeFileSync(password, `${canary}\n`);
  const flags = ['--directory', directory, '--old-host', 'old.example.org', '--new-host', 'new.example.org'];
  const master = ['--old-master-user', 'sync"er', '--old-master-password-file', password];
  const made = await mailferry(['init', ...flags, ...master]);
  expect([made.code, made.stdout]).toEqual([0, expect.stringContaining('mailferry serve --config')]);
  const steps = made.stdout.split('\n').filter((line) => line.startsWith('  mailferry '));
  expect(steps).toHaveLength(6);
  expect(made.stdout).toContain('The portal will be at http://127.0.0.1:8420/,');
  for (const step of steps) expect(step).toMatch(new RegExp(` --config ${directory}/mailferry\\.toml$`));
  expect(readdirSync(directory).sort()).toEqual(['key', 'mailferry.toml', 'old.password', 'operator.token']);
  for (const name of readdirSync(directory)) expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
  const file = join(directory, 'mailferry.toml');
  const checked = await mailferry(['config', 'check', '--config', file, '--json']);
  expect(checked.last()).toMatchObject({
    configuration: {
      old: { host: 'old.example.org', master_user: 'sync"er' },
      control: { listen: '127.0.0.1:8420' },
      database: { url: join(directory, 'mailferry.sqlite') },
    },
    secretsGiven: ['old.master_password'],
    warnings: [],
  });
  expect(Buffer.from(readFileSync(join(directory, 'key'), 'utf8'), 'base64')).toHaveLength(32);
  const key = readFileSync(join(directory, 'key'), 'utf8');
  const token = readFileSync(join(directory, 'operator.token'), 'utf8');
  expect(token).toMatch(/^mf1\.operator\.[\w-]{43}\n$/);
  expect(made.stdout + made.stderr + readFileSync(file, 'utf8')).not.toMatch(
    new RegExp(`${canary}|${token.trim()}`),
  );
  const refused = await mailferry(['init', ...flags]);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('there already')]);
  expect(readFileSync(join(directory, 'operator.token'), 'utf8')).toBe(token);
  const forced = await mailferry(['init', ...flags, '--force', '--json']);
  expect(forced.last()).toMatchObject({ type: 'initialised', kept: [join(directory, 'key')] });
  expect(readFileSync(join(directory, 'key'), 'utf8')).toBe(key);
  expect(readFileSync(join(directory, 'operator.token'), 'utf8')).not.toBe(token);
  expect((await mailferry(['init', '--directory', join(dir, 'x')])).stderr).toContain('--old-host');
  const elsewhere = ['init', '--directory', join(dir, 'a place'), ...flags.slice(2)];
  const placed = await mailferry([...elsewhere, '--listen', '0.0.0.0:9999']);
  expect(placed.stdout).toContain(`--config '${dir}/a place/mailferry.toml'`);
  expect(placed.stdout).toContain('The portal will be at http://localhost:9999/,');
  const nowhere = await mailferry([...elsewhere, '--force', '--listen', 'nonsense']);
  expect([nowhere.code, nowhere.stderr]).toEqual([
    2,
    expect.stringContaining('control.listen: is not allowed'),
  ]);
  for (const port of ['0', '65536', '99999']) {
    const wrong = await mailferry(['init', '--directory', join(dir, 'x'), '--old-host', `o:${port}`]);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining(`${port} is no port`)]);
  }
});

test('init asks on a terminal for what was not given', async () => {
  const directory = join(dir, 'asked');
  const asked = await onTerminal(['init', '--directory', directory], { columns: 100 });
  const answers: [string, string][] = [
    ['Host of the old', 'old.example.org'],
    ['Master user of old.example.org', 'master'],
    ['Password of master', canary],
    ['Host of the new', 'new.example.org'],
    ['Master user of new.example.org', ''],
    ['Database', join(dir, 'db.sqlite')],
  ];
  for (const [question, answer] of answers) {
    await asked.printed(question);
    if (question.startsWith('Password')) expect(asked.echoes()).toBe(false);
    asked.type(`${answer}\r`);
  }
  const { code, output } = await asked.done;
  expect(code).toBe(0);
  expect(output).not.toContain(canary);
  expect(readFileSync(join(directory, 'old.password'), 'utf8')).toBe(`${canary}\n`);
  const checked = await mailferry([
    'config',
    'check',
    '--config',
    join(directory, 'mailferry.toml'),
    '--json',
  ]);
  expect(checked.last()).toMatchObject({
    configuration: { database: { url: join(dir, 'db.sqlite') }, old: { master_user: 'master' } },
  });
});

test('a wrong option of a verb’s verb ends with 2', async () => {
  const ran = await mailferry(['sync', 'start', '--nonsense', '--json']);
  expect([ran.code, ran.last()]).toEqual([2, expect.objectContaining({ type: 'error', code: 'usage' })]);
});

test('no output of the whole run held the password or the operator’s token', () => {
  for (const line of control.log) {
    expect(line).not.toContain(canary);
    expect(line).not.toContain(operatorToken);
  }
  expect(control.log.length).toBeGreaterThan(20);
});
