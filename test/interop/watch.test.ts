/** `mailferry sync status --watch` on terminals of several widths, one that changes, and where there is none. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { width } from '../../src/commands/format.ts';
import { accountView } from '../../src/state/database/account-list.ts';
import { setNotes } from '../../src/state/database/account-notes.ts';
import { type Database, openDatabase } from '../../src/state/database/open-database.ts';
import { saveProgress } from '../../src/state/database/progress.ts';
import { type ControlEnv, startControlFor } from '../contracts/control-env.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { mailferry, startMailferry } from './mailferry.ts';
import { endTerminals, onTerminal } from './terminal.ts';

const dir = mkdtempSync(join(tmpdir(), 'mf-watch-'));
const long = 'the-secretary-of-the-association@a-rather-long-name-of-a-domain.example.org';
let database: Database;
let control: ControlEnv;
let access: Record<string, string>;
let id: string;

const watch = ['sync', 'status', '--watch'];
const done = (messagesDone: number) => {
  const counted = { messagesTotal: 1_000, messagesRefused: 0, mailboxes: 3, bytesCopied: 5_000_000 };
  const state = { activity: 'copying', heardBy: 'all', lagMs: null, lastPassMs: null } as const;
  return saveProgress(database.db, [{ accountId: id, messagesDone, ...counted, ...state }]);
};

beforeAll(async () => {
  database = await openDatabase({ url: join(dir, 'database'), clock: new FakeClock() });
  control = await startControlFor(database);
  access = { MAILFERRY_API: control.url, MAILFERRY_TOKEN_FILE: control.tokenFile };
  const list = join(dir, 'list.csv');
  const people = Array.from({ length: 12 }, (_, i) => `p${i}@example.org,Müller GmbH\n`);
  writeFileSync(list, `address,team\n${long},Müller GmbH\n${people.join('')}`);
  expect((await mailferry(['accounts', 'import', list], access)).code).toBe(0);
  expect((await mailferry(['sync', 'start', '--all'], access)).code).toBe(0);
  id = (await accountView(database.db, long)).id;
  const attention = { code: 'login-refused', reason: 'no', action: 'Look.', sinceMs: 5 } as const;
  await setNotes(database.db, id, { attention }, { actor: 'worker:1' });
  await done(250);
});
afterAll(async () => {
  await control.close();
  await database.close();
  rmSync(dir, { recursive: true });
});
afterEach(endTerminals);

/** What stands on the screen of the run itself: nothing of the shell round it. */
const own = (lines: readonly string[]) => lines.filter((line) => !/^(pid|settings) /.test(line));

test.each([[0], [40], [80], [200]])(
  'a terminal of %i columns has one table, which stays when it ends',
  async (columns) => {
    await done(250);
    const run = await onTerminal(watch, { columns, env: access });
    await run.printed('250 of 1,000');
    await done(750);
    await run.printed('750 of 1,000');
    run.type('\u0003');
    const { code, output } = await run.done;
    expect([code, /interrupted/.exec(output)]).toEqual([130, null]);
    // Whatever follows begins at a line of its own, and the terminal is left as it was.
    expect(output).toMatch(/\nsettings echo\r\n$/);
    const lines = own(run.screen.lines());
    expect(lines[0]).toBe('13 accounts: 13 copying');
    for (const once of [/^13 accounts/, /^messages: /, /^address /])
      expect(lines.filter((line) => once.test(line))).toHaveLength(1);
    expect(lines.join('\n')).not.toContain('250 of');
    for (const line of lines) expect(width(line)).toBeLessThanOrEqual(columns || 80);
    // The one that wants attention is first, and told apart by the beginning of its name.
    expect(lines.find((line) => line.startsWith('the-'))).toMatch(
      columns === 40 ? /^the-se/ : /login-refused$/,
    );
  },
);

test('a terminal that is made narrower and wider again keeps one table', async () => {
  await done(250);
  const run = await onTerminal(watch, { columns: 100, env: access });
  await run.printed('250 of 1,000');
  for (const [columns, messages] of [
    [44, 300],
    [120, 400],
    [60, 500],
  ] as const) {
    await run.resize(columns);
    await done(messages);
    await run.printed(`${messages} of 1,000`);
    await run.drawn();
    // What a redraw prints can come in two pieces.
    const shown = () => {
      const lines = own(run.screen.lines());
      const count = (start: string) => lines.filter((line) => line.startsWith(start)).length;
      return [count('13 accounts'), count('p'), lines.every((line) => width(line) <= columns)];
    };
    await expect.poll(shown).toEqual([1, 8, true]);
  }
  run.type('\u0003');
  expect((await run.done).code).toBe(130);
});

test('a low window has what fits, without a scroll', async () => {
  const run = await onTerminal(watch, { columns: 80, rows: 6, env: access });
  await run.printed('13 accounts');
  await run.printed(/13 accounts[\s\S]*13 accounts/);
  run.type('\u0003');
  await run.done;
  const lines = own(run.screen.lines());
  expect(lines).toHaveLength(5);
  expect(lines[0]).toBe('13 accounts: 13 copying');
});

test('a terminal that cannot redraw, a pipe and --json get what differs, in lines', async () => {
  await done(250);
  const dumb = await onTerminal(watch, { columns: 80, env: { ...access, TERM: 'dumb' } });
  await dumb.printed('250 of 1,000');
  await done(260);
  await dumb.printed('260 of 1,000');
  dumb.type('\u0003');
  const ended = await dumb.done;
  expect([ended.code, ended.output.includes('\u001b')]).toEqual([130, false]);
  expect(ended.output.split('250 of 1,000')).toHaveLength(2);

  const piped = startMailferry(watch, access);
  const json = startMailferry([...watch, '--json'], access);
  await Promise.all([piped.printed('260 of 1,000'), json.printed('"messagesDone":260')]);
  await done(270);
  await Promise.all([piped.printed('270 of 1,000'), json.printed('"messagesDone":270')]);
  for (const run of [piped, json]) run.kill('SIGTERM');
  const [lines, objects] = [await piped.done, await json.done];
  expect([lines.code, lines.stderr, objects.code, objects.stderr]).toEqual([130, '', 130, '']);
  expect(lines.stdout).not.toContain('\u001b');
  // Whole names where a program may read them.
  expect(lines.stdout).toContain(long);
  expect(objects.lines().map(({ type, messagesDone }) => [type, messagesDone])).toEqual([
    ['status', 260],
    ['status', 270],
  ]);
});

test('an API that goes away ends it with 3, below the table', async () => {
  const other = await startControlFor(database);
  const env = { MAILFERRY_API: other.url, MAILFERRY_TOKEN_FILE: other.tokenFile };
  const run = await onTerminal(watch, { columns: 80, env });
  await run.printed('13 accounts');
  await other.close();
  const { code } = await run.done;
  expect(code).toBe(3);
  const lines = own(run.screen.lines());
  expect(lines.filter((line) => line.startsWith('13 accounts'))).toHaveLength(1);
  expect(lines.findIndex((line) => line.startsWith('mailferry: nothing answers'))).toBeGreaterThan(8);
});
