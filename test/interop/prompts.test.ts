/** Every question that a verb asks on a terminal, ended by a signal: at once, and with the terminal as it was. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/state/database/open-database.ts';
import { type ControlEnv, startControlFor } from '../contracts/control-env.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { freePort } from '../lab/ports.ts';
import { endTerminals, onTerminal } from './terminal.ts';

const dir = mkdtempSync(join(tmpdir(), 'mf-prompts-'));
let database: Database;
let control: ControlEnv;
let access: Record<string, string>;
let nowhere: string;

beforeAll(async () => {
  database = await openDatabase({ url: join(dir, 'database'), clock: new FakeClock() });
  control = await startControlFor(database);
  access = { MAILFERRY_API: control.url, MAILFERRY_TOKEN_FILE: control.tokenFile };
  nowhere = `imap://anna@127.0.0.1:${await freePort()}`;
});
afterAll(async () => {
  await control.close();
  await database.close();
  rmSync(dir, { recursive: true });
});
afterEach(endTerminals);

interface Asked {
  readonly args: readonly string[];
  /** Question by question, with what is answered to all but the last. */
  readonly questions: readonly (readonly [question: string, answer: string, hidden: boolean])[];
}

const secret = 'geheim-4711';
const verbs: readonly (readonly [string, () => Asked])[] = [
  [
    'copy, first password',
    () => ({
      args: ['copy', '--from', nowhere, '--to', nowhere],
      questions: [['(--from): ', '', true]],
    }),
  ],
  [
    'copy, second password',
    () => ({
      args: ['copy', '--from', nowhere, '--to', nowhere],
      questions: [
        ['(--from): ', secret, true],
        ['(--to): ', '', true],
      ],
    }),
  ],
  [
    'verify',
    () => ({ args: ['verify', '--from', nowhere, '--to', nowhere], questions: [['(--from): ', '', true]] }),
  ],
  ['ls', () => ({ args: ['ls', nowhere], questions: [['(the address): ', '', true]] })],
  [
    'operator add',
    () => ({
      args: ['operator', 'add', 'you@example.org'],
      questions: [['at least 12 characters): ', '', true]],
    }),
  ],
  [
    'operator add, once more',
    () => ({
      args: ['operator', 'add', 'you@example.org'],
      questions: [
        ['at least 12 characters): ', secret, true],
        ['Once more: ', '', true],
      ],
    }),
  ],
  [
    'server set-master-user',
    () => ({ args: ['server', 'set-master-user', 'old', 'm'], questions: [['Password of m: ', '', true]] }),
  ],
  [
    'init, a host',
    () => ({ args: ['init', '--directory', join(dir, 'mf')], questions: [['Host of the old', '', false]] }),
  ],
  [
    'init, a password',
    () => ({
      args: ['init', '--directory', join(dir, 'mf')],
      questions: [
        ['Host of the old', 'old.example.org', false],
        ['Master user of old', 'm', false],
        ['Password of m', '', true],
      ],
    }),
  ],
];

test.each(
  verbs.flatMap(([name, asked]) =>
    (['SIGTERM', 'SIGINT'] as const).map((signal) => [name, signal, asked] as const),
  ),
)('%s: %s ends it with 130 within a second', async (_, signal, asked) => {
  const { args, questions } = asked();
  const run = await onTerminal(args, { columns: 80, env: access });
  for (const [i, [question, answer, hidden]] of questions.entries()) {
    await run.printed(question);
    await expect.poll(run.echoes).toBe(!hidden);
    if (i < questions.length - 1) run.type(`${answer}\r`);
  }
  const startedAt = performance.now();
  run.kill(signal);
  const { code, output } = await run.done;
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  expect(code).toBe(130);
  // The terminal shows again what is typed, and what follows begins at a line of its own.
  expect(output).toMatch(/\nsettings echo\r\n$/);
  expect(output).toContain('mailferry: interrupted');
  expect(output).not.toContain(secret);
  expect(existsSync(join(dir, 'mf'))).toBe(false);
});
