/** What a person at a terminal sees: the prompt for a password, and the progress of a copy. Needs `script` (bsdutils). */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { RawImap } from '../judge/imap-raw.ts';
import { type Dovecot, startDovecot } from '../lab/dovecot.ts';
import { mailferry, plainUrl } from './mailferry.ts';
import { endTerminals, onTerminal, type TerminalRun } from './terminal.ts';

const oldUser = { name: 'anna@example.org', password: 'alt-Schlüssel-7f3a' };
const newUser = { name: 'anna@example.org', password: 'neu-Schlüssel-91bc' };
const dir = mkdtempSync(join(tmpdir(), 'mf-terminal-'));
const messages = 120;
const mailbox = 'Projekte 2024 mit einem Namen, der nicht in eine Zeile von 80 Zeichen passt';
let old: Dovecot;
let fresh: Dovecot;
let number = 0;

beforeAll(async () => {
  [old, fresh] = await Promise.all([
    startDovecot({ users: [oldUser], tls: false }),
    startDovecot({ users: [newUser], tls: false }),
  ]);
  // The judge's client takes one character a byte.
  const password = Buffer.from(oldUser.password).toString('latin1');
  const imap = await RawImap.login({ port: old.imapPort, user: oldUser.name, password });
  await imap.create(mailbox);
  for (let i = 0; i < messages; i++)
    await imap.append(mailbox, Buffer.from(`Subject: ${i}\r\n\r\n${'x'.repeat(5000)}\r\n`));
  await imap.logout();
});
afterEach(endTerminals);
afterAll(async () => {
  await Promise.all([old?.stop(), fresh?.stop()]);
  rmSync(dir, { recursive: true, force: true });
});

const pair = () => ['--from', plainUrl(old, oldUser), '--to', plainUrl(fresh, newUser)];
const copy = (...more: string[]) => ['copy', ...pair(), '--state', join(dir, `state-${number++}`), ...more];
const passwords = { MAILFERRY_FROM_PASSWORD: oldUser.password, MAILFERRY_TO_PASSWORD: newUser.password };
const ls = () => ['ls', plainUrl(old, oldUser)];
const columns = 80;

/** The end, with what must hold for each: nothing typed is shown, and the terminal is left as it was. */
async function ended(run: TerminalRun) {
  const { code, output } = await run.done;
  for (const secret of [oldUser.password, newUser.password, 'Schl']) expect(output).not.toContain(secret);
  expect(output).toContain('settings echo\r\n');
  return { code, output };
}

describe('the prompt', () => {
  test('asks for each side, shows nothing of what is typed, and the copy runs', async () => {
    const run = await onTerminal(copy(), { columns });
    await run.printed('Password for anna@example.org (--from): ');
    expect(run.echoes()).toBe(false);
    run.type(`${oldUser.password}\r`);
    await run.printed('Password for anna@example.org (--to): ');
    expect(run.echoes()).toBe(false);
    run.type(newUser.password);
    run.type('\r');
    const { code, output } = await ended(run);
    expect(code, output).toBe(0);
    expect(output).toContain(`${messages} copied`);
  });

  test('takes both passwords when they are typed or pasted in one go', async () => {
    const run = await onTerminal(['verify', ...pair()], { columns });
    await run.printed('(--from): ');
    expect(run.echoes()).toBe(false);
    run.type(`${oldUser.password}\r${newUser.password}\r`);
    const { code, output } = await ended(run);
    expect(code, output).toBe(0);
  });

  test('understands backspace, and Ctrl-D at the end', async () => {
    const run = await onTerminal(ls(), { columns });
    await run.printed('Password for anna@example.org (the address): ');
    expect(run.echoes()).toBe(false);
    run.type(`${oldUser.password.slice(0, 6)}öö\u007f\u007f${oldUser.password.slice(6)}\u0004`);
    expect((await ended(run)).code).toBe(0);
  });

  test.each([
    ['Ctrl-D', '\u0004'],
    ['Enter', '\r'],
  ])('tries no empty password, after %s alone', async (_, key) => {
    const run = await onTerminal(ls(), { columns });
    await run.printed('(the address): ');
    expect(run.echoes()).toBe(false);
    run.type(key);
    const { code, output } = await ended(run);
    expect(code).toBe(2);
    expect(output).toContain('no password was typed for the address (anna@example.org)');
  });

  test('ends with 130 at Ctrl-C', async () => {
    const run = await onTerminal(copy(), { columns });
    await run.printed('(--from): ');
    expect(run.echoes()).toBe(false);
    run.type(`${oldUser.password}\u0003`);
    const { code, output } = await ended(run);
    expect(code).toBe(130);
    expect(output).toContain('mailferry: interrupted');
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('ends with 130 at %s, and at once', async (signal) => {
    const run = await onTerminal(copy('--json'), { columns });
    await run.printed('(--from): ');
    expect(run.echoes()).toBe(false);
    const startedAt = performance.now();
    run.kill(signal);
    const { code, output } = await ended(run);
    expect(code).toBe(130);
    expect(output).toContain('"code":"interrupted"');
    expect(output).not.toContain('messages under way');
    // Batches under way get five seconds; here is none.
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });
});

describe('the progress of a copy', () => {
  /** So that it lasts for a while: the messages of the first second go at once. */
  const slow = ['--max-rate', '40/s', '--mailbox', mailbox];
  /** SGR (ECMA-48): nothing that Mailferry says is told by a colour. */
  const colour = /\u001b\[[0-9;]*m/;
  /** Every state of the line, as it was drawn. */
  const drawn = (output: string) => output.split('\r').filter((text) => text.endsWith('\u001b[J'));

  /** A new account on new each time, by another name of the mailbox there. */
  const start = (width: number, env: Readonly<Record<string, string>> = {}) =>
    onTerminal(copy(...slow, '--map', `${mailbox}=Ziel ${number}`), {
      columns: width,
      env: { ...passwords, TERM: 'xterm-256color', ...env },
    });

  test('80 columns: mailbox, messages, bytes, rate and time left; nothing of it stays', async () => {
    const run = await start(80);
    const { code, output } = await ended(run);
    expect(code, output).toBe(0);
    const states = drawn(output);
    expect(states.length).toBeGreaterThan(3);
    expect(states.join('\n')).toMatch(
      / \d+ % {2}\d+\/120 messages {2}\d+ kB {2}\d+\/s {2}\d+\.\d s left Projekte 2024/,
    );
    const lines = run.screen.lines();
    expect(lines.join('\n')).not.toMatch(/[█░]| left/);
    // What the shell said first, then the summary with nothing in between.
    expect(lines.slice(0, 2)).toEqual([
      expect.stringMatching(/^pid \d+$/),
      expect.stringMatching(/^Mailbox {10,}On/),
    ]);
    expect(output).not.toMatch(colour);
  });

  test('40 columns: each state fits into one line, and NO_COLOR is kept', async () => {
    const run = await start(40, { NO_COLOR: '1' });
    const { code, output } = await ended(run);
    expect(code, output).toBe(0);
    expect(drawn(output).join('\n')).toMatch(/\d+\/120 \d+ kB \d+\/s \d+\.\d s Pro[^\n]*…/);
    const left = run.screen.lines();
    expect(left[1]).toMatch(/^Mailbox/);
    expect(left.join('\n')).not.toMatch(/[█░]|\/s Pro/);
    expect(output).not.toMatch(colour);
  });

  test.each([
    [80, 40],
    [40, 100],
  ])('a window of %i columns that gets %i is drawn anew, with nothing left over', async (before, after) => {
    const run = await start(before);
    await run.printed(/\/120 .*kB/);
    await run.resize(after);
    const states = drawn(run.output()).length;
    const { code, output } = await ended(run);
    expect(code, output).toBe(0);
    const lengths = drawn(output).map((text) => text.length - '\u001b[J'.length);
    expect(lengths.length).toBeGreaterThan(states);
    if (after < before) expect(Math.max(...lengths.slice(states))).toBeLessThan(after);
    else expect(Math.max(...lengths.slice(states))).toBeGreaterThan(before);
    const left = run.screen.lines();
    expect(left[1]).toMatch(/^Mailbox/);
    expect(left.join('\n')).not.toMatch(/[█░]|kB \d+\/s/);
  });

  test('Ctrl-C says what it waits for, and no half line stays above', async () => {
    const run = await start(80);
    await run.printed(/\/120 .*kB/);
    run.type('\u0003');
    const { code } = await ended(run);
    expect(code).toBe(130);
    expect(run.screen.lines().slice(1)).toEqual([
      'mailferry: stopping after the messages under way; press Ctrl-C again to stop at',
      'once',
      'mailferry: interrupted; what was copied so far is kept',
      '  Run the same command again: it goes on where it stopped.',
      'settings echo',
    ]);
  });

  test('a terminal that cannot redraw gets plain lines', async () => {
    const args = copy('--mailbox', mailbox, '--map', `${mailbox}=Ziel ${number}`);
    const run = await onTerminal(args, { columns: 80, env: { ...passwords, TERM: 'dumb' } });
    const { code, output } = await ended(run);
    expect(code).toBe(0);
    expect(output).not.toContain('\u001b');
    expect(output).toContain('120 of 120 messages to copy');
  });

  test('with --json there is none', async () => {
    const args = copy('--mailbox', mailbox, '--map', `${mailbox}=Ziel ${number}`, '--json');
    const run = await onTerminal(args, { columns: 80, env: { ...passwords, TERM: 'xterm' } });
    const { code, output } = await ended(run);
    expect(code).toBe(0);
    expect(output).not.toContain('\u001b');
    expect(output).toContain('"type":"progress"');
  });
});

test('verify says what it compares, and nothing of it stays', async () => {
  const run = await onTerminal(['verify', ...pair()], { columns: 40, env: { ...passwords, TERM: 'xterm' } });
  const { code, output } = await ended(run);
  expect(code, output).toBe(0);
  expect(output).toContain('\rcomparing Projekte 2024 mit einem Name…\u001b[J');
  expect(run.screen.lines()[1]).toMatch(/^Mailbox/);
});

test('without a terminal nobody is asked, and it is said what to set', async () => {
  const ran = await mailferry(copy());
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain('MAILFERRY_FROM_PASSWORD');
});

// Last: Dovecot makes an address wait after each failure.
test.each([
  ['old side (--from)', 'falsch', newUser.password],
  ['new side (--to)', oldUser.password, 'falsch'],
])('a wrong password for the %s is told with its side', async (side, first, second) => {
  const run = await onTerminal(copy(), { columns });
  await run.printed('(--from): ');
  expect(run.echoes()).toBe(false);
  run.type(`${first}\r`);
  await run.printed('(--to): ');
  expect(run.echoes()).toBe(false);
  run.type(`${second}\r`);
  const { code, output } = await ended(run);
  expect(code).toBe(3);
  expect(output).toContain(`mailferry: ${side}: `);
  expect(output).toContain('wrong password or unknown user');
  expect(output).not.toContain('falsch');
});
