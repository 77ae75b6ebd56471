/**
 * The second half of the demo: `mailferry serve` keeps all accounts in step. Accounts are imported and started by an
 * operator's verbs; then mail arrives on old, and the judge's own client measures when it can be seen on new.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { RawImap } from '../judge/imap-raw.ts';
import { labCertificates } from './certificates.ts';
import { type JsonLine, runProgram } from './demo-program.ts';
import type { DemoScreen } from './demo-screen.ts';
import type { Dovecot, LabUser } from './dovecot.ts';
import { accountsWithoutPasswordsCsv, makeInstallation } from './installation.ts';
import { deliverByLmtp } from './lmtp.ts';

export interface DemoDaemonOptions {
  readonly screen: DemoScreen;
  /** Its directory. */
  readonly dir: string;
  readonly program: readonly string[];
  readonly old: Dovecot;
  readonly fresh: Dovecot;
  readonly users: readonly LabUser[];
  /** On both servers: the daemon logs in as this one on behalf of everybody. */
  readonly masterUser: LabUser;
  /** Of a server that takes the mails to owners. */
  readonly mailPort: number;
  readonly signal: AbortSignal | undefined;
}

export interface DemoDaemon {
  readonly configFile: string;
  /** Of the API and the pages. */
  readonly origin: string;
  /** Runs a verb of the program, and gives its last line of JSON. Throws where it fails. */
  verb(...args: string[]): Promise<JsonLine>;
  /** Hands in a list of accounts, which holds no password; gives how many are new. */
  addAccounts(users: readonly LabUser[]): Promise<number>;
  /** Passwords of accounts that the daemon's database holds, sealed or not. */
  storedPasswords(): number;
  /** A request with the operator's token. */
  api(method: string, path: string, body: unknown): Promise<void>;
  /** Imports and starts the accounts, and delivers mail to old; gives whether all of it arrived on new. */
  showInStep(): Promise<boolean>;
  stop(): Promise<void>;
}

/** The customer whose addresses they all are. */
export const demoTeam = 'Example Ltd';
/** Letters to each account. */
const lettersEach = 3;
/** Of letters close together Dovecot tells the second at once. */
const betweenLettersMs = 1_000;
/** Far above what it takes, so that a slow machine is no failure. */
const startDeadlineMs = 20_000;
const inStepDeadlineMs = 120_000;
const arrivalDeadlineMs = 30_000;

/** Starts it; it serves when this resolves. */
export async function startDemoDaemon(options: DemoDaemonOptions): Promise<DemoDaemon> {
  const { screen, dir, program, old, fresh, masterUser } = options;
  const caFile = labCertificates().ca;
  const more = moreSettings(options.mailPort);
  const installation = await makeInstallation({ dir, old, fresh, caFile, masterUser, more });
  const { configFile, databaseFile, origin, tokenFile } = installation;
  screen.say('\nKeeping them in step, all in one process:');
  screen.say('  $ mailferry serve');
  const [command = '', ...first] = program;
  const child = spawn(command, [...first, 'serve', '--config', configFile], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  try {
    await ready(child);
  } catch (error) {
    await stop();
    throw error;
  }
  const verb = async (...args: string[]): Promise<JsonLine> => {
    let last: JsonLine = {};
    const full = [...program, ...args, '--config', configFile, '--json'];
    const { code, errors } = await runProgram(full, {}, (line) => (last = line), options.signal);
    if (code !== 0) throw new Error(`mailferry ${args.join(' ')} ended with code ${code}: ${errors}`);
    return last;
  };
  const addAccounts = async (users: readonly LabUser[]): Promise<number> => {
    const list = join(dir, 'accounts.csv');
    writeFileSync(list, accountsWithoutPasswordsCsv(users, demoTeam), { mode: 0o600 });
    const { added } = await verb('accounts', 'import', list);
    rmSync(list);
    return Number(added);
  };
  const api = async (method: string, path: string, body: unknown): Promise<void> => {
    const response = await fetch(`${origin}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${readFileSync(tokenFile, 'utf8').trim()}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${path} is answered ${await response.text()}`);
  };
  const storedPasswords = (): number => {
    const database = new DatabaseSync(databaseFile, { readOnly: true });
    const row = database.prepare("select count(*) as stored from credential where owner <> 'server'").get();
    database.close();
    return Number(row?.['stored']);
  };
  const daemon = { configFile, origin, verb, addAccounts, storedPasswords, api, stop };
  return { ...daemon, showInStep: () => showInStep(options, daemon) };
}

/** Mails to owners go to the demo's own server; owners are shown names as a provider has them. */
function moreSettings(mailPort: number): string {
  const mail = `[mail]\nhost = "127.0.0.1"\nport = ${mailPort}\ntls = "none"\nfrom = "Example Mail <help@example.org>"\n`;
  const programs = '[mail_programs]\nname = "Example Mail"\n';
  const imap = '[mail_programs.imap]\nhost = "imap.example.org"\n';
  return `${mail}${programs}${imap}[mail_programs.submission]\nhost = "smtp.example.org"\n`;
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let printed = '';
    const failed = () => reject(new Error(`the daemon does not start: ${printed}`));
    const late = setTimeout(failed, startDeadlineMs);
    const look = (chunk: Buffer) => {
      printed = (printed + chunk.toString()).slice(-4_000);
      if (!printed.includes('"ready"')) return;
      clearTimeout(late);
      resolve();
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.once('exit', failed);
  });
}

async function showInStep(
  options: DemoDaemonOptions,
  { verb, addAccounts, storedPasswords }: Pick<DemoDaemon, 'verb' | 'addAccounts' | 'storedPasswords'>,
): Promise<boolean> {
  const { screen, users } = options;
  const added = await addAccounts(users);
  screen.say(`  $ mailferry accounts import accounts.csv\n  Added ${added}; the list has no passwords.`);
  await verb('sync', 'start', '--all');
  screen.say('  $ mailferry sync start --all');
  const startedAt = performance.now();
  const seconds = () => Number(((performance.now() - startedAt) / 1_000).toFixed(1));
  while (!follows(await verb('sync', 'status'), users.length)) {
    if (seconds() * 1_000 > inStepDeadlineMs) {
      screen.say('  They did not come into step.');
      return false;
    }
    await pause(200);
  }
  screen.say(
    `  ${users.length} accounts in step after ${seconds()} s; what was there already was not sent again.`,
  );
  screen.data({ type: 'in-step', accounts: users.length, seconds: seconds() });
  const stored = storedPasswords();
  screen.say(
    `  It logged in as the master user of each server; passwords of accounts in its database: ${stored}.`,
  );
  screen.data({ type: 'passwords', stored });

  screen.say('\nNew mail is delivered to the old side (LMTP), and on the new one after:');
  const arrived = await Promise.all(users.map((user) => deliver(options, user)));
  for (const [index, { name }] of users.entries()) {
    const mine = arrived[index] ?? [];
    screen.say(
      `  ${name.padEnd(26)}${mine.map((ms) => `${(ms / 1_000).toFixed(2)} s`.padStart(8)).join('')}`,
    );
    screen.data({ type: 'delivered', account: name, delaysMs: mine });
    if (mine.length < lettersEach) {
      screen.say(`  ${name}: a message did not arrive within ${arrivalDeadlineMs / 1_000} s.`);
      return false;
    }
  }
  const delays = arrived.flat();
  delays.sort((a, b) => a - b);
  const median = delays[delays.length >> 1] ?? 0;
  screen.say(
    `  Half of them within ${(median / 1_000).toFixed(2)} s; Dovecot itself waits 0.5 s before it tells.`,
  );
  return true;
}

function follows({ phases, activities }: JsonLine, count: number): boolean {
  const numberOf = (words: unknown, word: string) => (words as Record<string, unknown> | undefined)?.[word];
  return numberOf(phases, 'in-step') === count && numberOf(activities, 'following') === count;
}

/** Milliseconds from old's word that it has a message to its being on new; ends at the first that does not come. */
async function deliver({ old, fresh, signal }: DemoDaemonOptions, user: LabUser): Promise<number[]> {
  const imap = await RawImap.login({ port: fresh.imapPort, user: user.name, password: user.password });
  const delays: number[] = [];
  try {
    const before = await messagesIn(imap);
    for (let letter = 1; letter <= lettersEach; letter++) {
      await deliverByLmtp(old, user.name, letterTo(user.name, letter));
      const since = performance.now();
      while ((await messagesIn(imap)) < before + letter) {
        signal?.throwIfAborted();
        if (performance.now() - since > arrivalDeadlineMs) return delays;
        await pause(10);
      }
      delays.push(Math.round(performance.now() - since));
      await pause(betweenLettersMs);
    }
    return delays;
  } finally {
    await imap.logout();
  }
}

async function messagesIn(imap: RawImap): Promise<number> {
  const { untagged } = await imap.ok('STATUS INBOX (MESSAGES)');
  const words = untagged.flat(2).map(String);
  return Number(words[words.indexOf('MESSAGES') + 1]);
}

function letterTo(name: string, number: number): string {
  const head = `From: sender@example.org\r\nTo: ${name}\r\nSubject: News ${number}\r\n`;
  return `${head}Date: ${new Date().toUTCString().replace('GMT', '+0000')}\r\n\r\nThis arrived in step.\r\n`;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
