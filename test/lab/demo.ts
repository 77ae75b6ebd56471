/**
 * Shows a whole migration on one machine: two real mail hosts in a directory of their own, each a Dovecot with a Postfix in
 * front, the old one filled with the mail of a few people; the daemon, which makes their accounts on the new one; then
 * `mailferry copy` and `mailferry verify` for each of them, as an operator would type it, then the daemon keeps them all in
 * step and tells both Postfixes where mail goes, and at last its portal, for whoever wants to look. Each time the judge's
 * own client reads both sides and compares them, so that the demo does not take our word.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { labCertificates } from './certificates.ts';
import { type DemoDaemon, startDemoDaemon } from './demo-daemon.ts';
import { comeEqual, compare } from './demo-judge.ts';
import { type DemoMail, frontOf, startDemoMail } from './demo-mail.ts';
import { type DemoPostfixes, startDemoPostfixes } from './demo-postfix.ts';
import { codeLine, keepMailComing, openDemoPortal } from './demo-portal.ts';
import { type Ended, type JsonLine, runProgram } from './demo-program.ts';
import { type AccountResult, type DemoScreen, demoScreen } from './demo-screen.ts';
import { type Dovecot, type LabUser, startDovecot } from './dovecot.ts';
import { newLabDirectory, removeLabDirectory } from './lab-directory.ts';
import { type FilledMailbox, fillWorkload, workloadSpecialUse, workloadUsers } from './workload.ts';

export interface DemoOptions {
  readonly screen: DemoScreen;
  readonly scale: number;
  /** Program and first arguments; default the checkout's own. */
  readonly mailferry?: readonly string[];
  /** Called when all is shown and servers and daemon still run; they stop when it resolves. */
  readonly linger?: (running: Running) => Promise<void>;
  readonly signal?: AbortSignal;
}

/** What still runs at the end. */
interface Running {
  readonly old: Dovecot;
  readonly fresh: Dovecot;
  readonly daemon: DemoDaemon;
  readonly mail: DemoMail;
  /** Of the operator's authenticator. */
  readonly secret: string;
}

const bin = resolve(import.meta.dirname, '../../bin/mailferry');

/** Gives whether every account was copied and verified. */
export async function runDemo(options: DemoOptions): Promise<boolean> {
  const { screen } = options;
  const dir = newLabDirectory('demo');
  const users = workloadUsers('demo');
  const [newcomer = { name: '', password: '' }] = workloadUsers('newcomer');
  const people = [...users, newcomer];
  const masterUser = { name: 'mailferry', password: randomBytes(12).toString('base64url') };
  const servers: Dovecot[] = [];
  let postfixes: DemoPostfixes | null = null;
  let mail: DemoMail | null = null;
  let daemon: DemoDaemon | null = null;
  try {
    screen.say('Starting two mail servers ...');
    // Old as many hosters have it: everything below INBOX, with dots. New as it is set up today.
    const old = await startDovecot({
      dir: join(dir, 'old'),
      users: people,
      specialUse: workloadSpecialUse,
      namespacePrefix: 'INBOX.',
      separator: '.',
      lmtp: true,
      hashed: true,
      masterUser,
    });
    servers.push(old);
    const fresh = await startDovecot({
      dir: join(dir, 'new'),
      // Nobody: whom it knows it reads from Mailferry's edge.
      users: [],
      specialUse: workloadSpecialUse,
      fsync: true,
      lmtp: true,
      masterUser,
    });
    servers.push(fresh);
    screen.data({ type: 'servers', oldPort: old.imapPort, newPort: fresh.imapPort, directory: dir });
    screen.say(`  old: 127.0.0.1 port ${old.imapPort}, new: 127.0.0.1 port ${fresh.imapPort}`);
    postfixes = await startDemoPostfixes({ dir, old, fresh, users: people });
    screen.say(`  ${frontOf(postfixes)}`);

    const filled = fillWorkload(old, { name: 'demo', scale: options.scale });
    const messages = filled.reduce((sum, one) => sum + one.messages, 0);
    const megabytes = filled.reduce((sum, one) => sum + one.bytes, 0) / 1e6;
    screen.say(
      `Filled the old one: ${users.length} accounts, ${messages} messages, ${megabytes.toFixed(0)} MB.`,
    );

    const { signal } = options;
    const program = programOf(options);
    mail = await startDemoMail(old, postfixes, join(dir, 'edge-new'));
    const sides = { old, fresh, users, masterUser, mail };
    daemon = await startDemoDaemon({ screen, dir: join(dir, 'daemon'), program, ...sides, signal });
    const made = await daemon.showAccounts();

    screen.say('\nCopying, with each person’s own password on both:');
    const states = join(dir, 'state');
    mkdirSync(states);
    const results: AccountResult[] = [];
    for (const user of users) {
      options.signal?.throwIfAborted();
      const mailferry = mailferryFor(options, old, fresh, user, states);
      const mine = filled.filter((one) => one.user === user.name);
      const result = await moveAccount(screen, mailferry, old, fresh, user, mine);
      results.push(result);
      screen.finished(result);
    }
    screen.table(results);
    const copied =
      made &&
      results.every(({ verified }) => verified) &&
      (await showSecondRun(options, old, fresh, users, states));
    const inStep =
      (await daemon.showInStep()) &&
      ((await postfixes?.showRoutes(screen, daemon)) ?? true) &&
      (await daemon.showNewMail());
    // What it found there it took for its own, and sent nothing again: each message is there once, the new ones too.
    const exact = await comeEqual(old, fresh, users);
    if (inStep && !exact) screen.say('  But both sides are not equal: that must not be.');
    const good = copied && inStep && exact;
    fillWorkload(old, { name: 'newcomer', scale: options.scale });
    const { secret } = await openDemoPortal({ screen, dir, daemon, users, newcomer });
    screen.data({ type: 'summary', ok: good, accounts: results.length });
    if (options.linger !== undefined) {
      const enough = keepMailComing(mail, people);
      await options.linger({ old, fresh, daemon, mail, secret });
      await enough();
    }
    return good;
  } finally {
    await stopAll([
      () => daemon?.stop(),
      () => mail?.stop(),
      () => postfixes?.stop(),
      ...servers.map((server) => () => server.stop()),
      () => removeLabDirectory(dir),
    ]);
  }
}

/** One after the other, all of them: what cannot be stopped keeps nothing else running. Throws the first fault at the end. */
async function stopAll(stops: readonly (() => Promise<void> | void | undefined)[]): Promise<void> {
  const faults: unknown[] = [];
  for (const stop of stops) {
    try {
      await stop();
    } catch (error) {
      faults.push(error);
    }
  }
  if (faults.length > 0) throw new StopFault(faults, `cannot stop: ${faults.map(String).join('; ')}`);
}

class StopFault extends AggregateError {}

const programOf = (options: DemoOptions) => options.mailferry ?? [process.execPath, bin];

/** Runs one command of mailferry for the account; `onLine` gets each JSON line. */
type Mailferry = (command: 'copy' | 'verify', onLine: (line: JsonLine) => void) => Promise<Ended>;

function mailferryFor(
  options: DemoOptions,
  old: Dovecot,
  fresh: Dovecot,
  user: LabUser,
  states: string,
): Mailferry {
  const program = programOf(options);
  const url = (port: number) => `imap://${encodeURIComponent(user.name)}@127.0.0.1:${port}`;
  const passwords = { MAILFERRY_FROM_PASSWORD: user.password, MAILFERRY_TO_PASSWORD: user.password };
  return async (command, onLine) => {
    const args = [command, '--from', url(old.imapPort), '--to', url(fresh.imapPort)];
    // The servers offer STARTTLS, so the copy goes encrypted; it trusts the lab's own issuer.
    args.push('--ca-file', labCertificates().ca, '--state', join(states, `${user.name}.sqlite`), '--json');
    if (command === 'verify') args.push('--deep');
    return runProgram([...program, ...args], passwords, onLine, options.signal);
  };
}

async function moveAccount(
  screen: DemoScreen,
  mailferry: Mailferry,
  old: Dovecot,
  fresh: Dovecot,
  user: LabUser,
  filled: readonly FilledMailbox[],
): Promise<AccountResult> {
  const total = filled.reduce((sum, { messages }) => sum + messages, 0);
  const startedAt = performance.now();
  const elapsed = () => (performance.now() - startedAt) / 1_000;
  let summary: JsonLine = {};
  screen.progress(user.name, 0, total, 0, 0);
  const copy = await mailferry('copy', (line) => {
    if (line['type'] === 'summary') summary = line;
    if (line['type'] !== 'progress') return;
    screen.progress(user.name, messageCount(line, 'copied'), total, numberOf(line['bytes']), elapsed());
  });
  const seconds = elapsed();
  const verify = copy.code === 0 ? await mailferry('verify', () => undefined) : null;
  const { mailboxes, lost, surplus } = await compare(old, fresh, user);
  return {
    account: user.name,
    mailboxes,
    messages: messageCount(summary, 'copied'),
    bytes: numberOf(summary['bytes']),
    seconds,
    verified: verify?.code === 0 && lost === 0 && surplus === 0,
    problem: problemOf(copy, verify, lost, surplus),
  };
}

function problemOf(copy: Ended, verify: Ended | null, lost: number, surplus: number): string {
  if (copy.code !== 0) return `copy ended with code ${copy.code}: ${copy.errors.trim()}`;
  if (verify !== null && verify.code !== 0)
    return `verify ended with code ${verify.code}: ${verify.errors.trim()}`;
  if (surplus > 0) return `${surplus} messages are on the new side more often than on the old one`;
  return lost === 0 ? '' : `${lost} messages are missing on the new side`;
}

/** The same commands once more: what is there is not copied again. Gives whether that was so. */
async function showSecondRun(
  options: DemoOptions,
  old: Dovecot,
  fresh: Dovecot,
  users: readonly LabUser[],
  states: string,
): Promise<boolean> {
  const startedAt = performance.now();
  let copied = 0;
  for (const user of users) {
    await mailferryFor(
      options,
      old,
      fresh,
      user,
      states,
    )('copy', (line) => {
      if (line['type'] === 'summary') copied += messageCount(line, 'copied');
    });
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  options.screen.data({ type: 'second-run', copied, seconds: Number(seconds.toFixed(3)) });
  options.screen.say(`The same again for all accounts: ${copied} messages copied, ${seconds.toFixed(1)} s.`);
  return copied === 0;
}

function messageCount(line: JsonLine, what: string): number {
  const messages = line['messages'];
  return typeof messages === 'object' && messages !== null ? numberOf((messages as JsonLine)[what]) : 0;
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

/** Leaves all of it to the curious, until somebody ends the demo. */
async function untilStopped(
  screen: DemoScreen,
  { old, fresh, daemon, mail, secret }: Running,
  signal: AbortSignal,
): Promise<void> {
  screen.say(
    '\nAll of it still runs, and a letter arrives on the old side every few seconds. What you change there',
  );
  screen.say('with a mail program shows on the new side, and in the portal.');
  screen.say(`  old  127.0.0.1 port ${old.imapPort}\n  new  127.0.0.1 port ${fresh.imapPort}`);
  if (mail.isPostfix) screen.say(`  mail to them goes in at ${mail.address} port ${mail.port}`);
  screen.say(`  bin/mailferry sync status --watch --config \\\n    ${daemon.configFile}`);
  const terminal = process.stdin.isTTY;
  screen.say(`${terminal ? 'Enter shows the operator’s next code; ' : ''}Ctrl-C stops everything.`);
  screen.data({ type: 'ready' });
  const tellCode = (): void => screen.say(`  ${codeLine(secret, Date.now())}`);
  if (terminal) process.stdin.on('data', tellCode);
  await new Promise<void>((done) => {
    if (terminal) process.stdin.once('end', done);
    signal.addEventListener('abort', () => done(), { once: true });
    if (signal.aborted) done();
  });
  process.stdin.pause();
  screen.say('Stopping ...');
}

const usage = `npm run demo -- [--once | --stay] [--json] [--scale N]

  --once     end by itself, also on a terminal
  --stay     stay until Ctrl-C or SIGTERM, also without a terminal
  --json     one JSON object a line, for scripts
  --scale N  N times as many messages; 0.1 is a quick look (default: 1)
`;

function readArguments() {
  try {
    return parseArgs({
      options: {
        once: { type: 'boolean', default: false },
        stay: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        scale: { type: 'string', default: '1' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`);
    return process.exit(2);
  }
}

async function main(): Promise<void> {
  const values = readArguments();
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const scale = Number(values.scale);
  if (!(scale > 0 && scale <= 10)) throw new RangeError('--scale takes a number between 0 and 10');
  const terminal = process.stdout.isTTY && process.stdin.isTTY;
  const screen = demoScreen(
    values.json ? 'json' : process.stdout.isTTY ? 'terminal' : 'plain',
    process.stdout,
    !process.env['NO_COLOR'],
  );
  const stop = new AbortController();
  // A terminal that is closed says SIGHUP.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => stop.abort(new Error(signal)));
  const stays = values.stay || (terminal && !values.once && !values.json);
  try {
    const good = await runDemo({
      screen,
      scale,
      signal: stop.signal,
      ...(stays ? { linger: (running: Running) => untilStopped(screen, running, stop.signal) } : {}),
    });
    process.exitCode = good ? 0 : 1;
  } catch (error) {
    // Whatever fails because somebody wished to end it is no fault; what cannot be stopped then is.
    if (!stop.signal.aborted || error instanceof StopFault) throw error;
    screen.say('Stopped.');
    process.exitCode = 130;
  }
}

if (import.meta.main) await main();
