/** `mailferry team` and `mailferry operator` as an operator or a script calls them, against a started control. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/state/database/open-database.ts';
import { type ControlEnv, startControlFor } from '../contracts/control-env.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { mailferry } from './mailferry.ts';
import { endTerminals, onTerminal } from './terminal.ts';

const dir = mkdtempSync(join(tmpdir(), 'mf-people-'));
const password = 'canary-Kennwort-91';
const passwordFile = join(dir, 'password');
let database: Database;
let control: ControlEnv;
let access: Record<string, string>;

beforeAll(async () => {
  database = await openDatabase({ url: join(dir, 'database'), clock: new FakeClock() });
  control = await startControlFor(database);
  access = { MAILFERRY_API: control.url, MAILFERRY_TOKEN_FILE: control.tokenFile };
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  const list = join(dir, 'list.csv');
  writeFileSync(
    list,
    'address,team\nanna@example.org,Müller GmbH\nbert@example.org,Müller GmbH\nc@example.org,T\n',
  );
  expect((await run('accounts', 'import', list)).code).toBe(0);
});
afterAll(async () => {
  await control.close();
  await database.close();
  rmSync(dir, { recursive: true });
});
afterEach(endTerminals);

const run = (...args: string[]) => mailferry(args, access);

test('teams are listed with their accounts', async () => {
  const shown = await run('team', 'list');
  expect([shown.code, shown.stdout]).toEqual([
    0,
    expect.stringMatching(/^id +name +accounts\n.*Müller GmbH +2\n.*T +1\n$/),
  ]);
  expect((await run('team', 'list', '--json')).lines()).toMatchObject([
    { type: 'team', name: 'Müller GmbH', accounts: 2 },
    { type: 'team', name: 'T', accounts: 1 },
  ]);
});

test('somebody gets rights for a team, shows among its people, and loses them', async () => {
  const set = await run(
    'team',
    'people',
    'Müller GmbH',
    '--set',
    'Anna@example.org',
    '--right',
    'view',
    '--right',
    'move',
  );
  expect([set.code, set.stdout]).toEqual([0, 'login             rights\nanna@example.org  view move\n']);
  expect((await run('team', 'people', 'Müller GmbH', '--json')).lines()).toEqual([
    expect.objectContaining({ type: 'person', login: 'anna@example.org', rights: ['view', 'move'] }),
  ]);
  const gone = await run('team', 'people', 'Müller GmbH', '--remove', 'anna@example.org', '--json');
  expect([gone.code, gone.lines()]).toEqual([0, []]);
});

test.each([
  [2, 'team-unknown', ['team', 'people', 'Nobody Ltd']],
  [2, 'usage', ['team', 'people', 'T', '--set', 'a@example.org']],
  [2, 'request-invalid', ['team', 'people', 'T', '--set', 'a@example.org', '--right', 'everything']],
  [2, 'usage', ['team', 'people', 'T', '--right', 'view']],
  [2, 'usage', ['team', 'people']],
  [2, 'operator-unknown', ['operator', 'remove', 'nobody']],
  [2, 'operator-unknown', ['operator', 'password', 'nobody', '--password-file', passwordFile]],
  [2, 'operator-unknown', ['operator', 'totp-reset', 'nobody']],
  [2, 'usage', ['operator', 'add', 'nobody']],
  [2, 'request-invalid', ['operator', 'add', 'not a login', '--password-file', passwordFile]],
])('ends with %i and %s: %j', async (code, word, args) => {
  const ran = await run(...args, '--json');
  expect([ran.code, ran.last()]).toEqual([code, expect.objectContaining({ type: 'error', code: word })]);
});

test('an operator is made with a second factor, listed, and may log in; twice is refused', async () => {
  const made = await run(
    'operator',
    'add',
    'Eva@example.org',
    '--name',
    'Eva',
    '--password-file',
    passwordFile,
    '--json',
  );
  expect([made.code, made.last()]).toEqual([
    0,
    {
      type: 'operator',
      login: 'eva@example.org',
      totp: { secret: expect.any(String), uri: expect.stringMatching(/^otpauth:/) },
    },
  ]);
  const shown = await run('operator', 'list');
  expect(shown.stdout).toMatch(/^login +name +second factor\neva@example\.org +Eva +\w+\n$/);
  expect((await run('operator', 'list', '--json')).lines()).toMatchObject([
    { type: 'operator', login: 'eva@example.org', displayName: 'Eva' },
  ]);
  const again = await run('operator', 'add', 'eva@example.org', '--password-file', passwordFile, '--json');
  expect([again.code, again.last().code]).toEqual([2, 'operator-exists']);
});

test('a password that is too short is refused, and says how long it has to be', async () => {
  const short = join(dir, 'short');
  writeFileSync(short, 'short\n', { mode: 0o600 });
  const refused = await run('operator', 'add', 'otto', '--password-file', short);
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringContaining('password: has to have at least 12 characters'),
  ]);
});

test('an operator gets another password and another factor, and is removed', async () => {
  const without = await run('operator', 'add', 'otto', '--password-file', passwordFile, '--no-totp');
  expect(without.stdout).toBe('otto is an operator.\nThe second factor is set up at the first login.\n');
  writeFileSync(passwordFile, `${password}-2\n`);
  const changed = await run('operator', 'password', 'otto', '--password-file', passwordFile, '--json');
  expect([changed.code, changed.last()]).toEqual([0, { type: 'password', login: 'otto' }]);
  await expect(control.logIn('otto', `${password}-2`)).resolves.toContain('=');
  const reset = await run('operator', 'totp-reset', 'otto', '--json');
  expect([reset.code, reset.last()]).toEqual([0, { type: 'totp-reset', login: 'otto' }]);
  const removed = await run('operator', 'remove', 'otto', '--json');
  expect([removed.code, removed.last()]).toEqual([0, { type: 'removed', login: 'otto' }]);
  await expect(control.logIn('otto', `${password}-2`)).rejects.toThrow();
});

test('on a terminal the password is asked for twice, unseen', async () => {
  const asked = await onTerminal(['operator', 'add', 'ida', '--no-totp'], { columns: 80, env: access });
  await asked.printed('Password for ida');
  expect(asked.echoes()).toBe(false);
  asked.type(`${password}\r`);
  await asked.printed('Once more');
  asked.type(`${password}\r`);
  const { code, output } = await asked.done;
  expect([code, output.includes('ida is an operator.'), output.includes(password)]).toEqual([0, true, false]);
});

test('two passwords that differ are refused', async () => {
  const asked = await onTerminal(['operator', 'add', 'udo'], { columns: 80, env: access });
  await asked.printed('Password for udo');
  expect(asked.echoes()).toBe(false);
  asked.type(`${password}\r`);
  await asked.printed('Once more');
  asked.type('another-one-entirely\r');
  const { code, output } = await asked.done;
  expect([code, output]).toEqual([2, expect.stringContaining('the two passwords differ')]);
});
