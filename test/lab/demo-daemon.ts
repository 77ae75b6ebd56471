/**
 * The daemon of the demo, `mailferry serve`: it makes the accounts on new, whose Dovecot has none of its own, and keeps them in
 * step later on. Accounts are imported, made and started by an operator's verbs; then mail comes in at old, and the judge's
 * own client measures when it can be seen on new.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { labCertificates } from './certificates.ts';
import { watchForLetters } from './demo-judge.ts';
import { feedDovecot, feedingArguments } from './fed-dovecot.ts';
import { type JsonLine, runProgram } from './demo-program.ts';
import type { DemoScreen } from './demo-screen.ts';
import type { Dovecot, LabUser } from './dovecot.ts';
import { accountsWithoutPasswordsCsv, makeInstallation } from './installation.ts';

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
  /** Where mail to these people goes in, as from the rest of the world; the mails to owners, too. */
  readonly mail: MailPlace;
  readonly signal: AbortSignal | undefined;
}

export interface MailPlace {
  /** How it is called on the screen. */
  readonly way: string;
  readonly address: string;
  readonly port: number;
  /** The edges of the two mail hosts, as tables of the configuration; only that of new where no Postfix is there. */
  readonly edges: string;
  /** The directory of the edge of new. */
  readonly edgeOfNew: string;
  /** Resolves when old has taken it. */
  deliver(to: string, message: string): Promise<void>;
}

export interface DemoDaemon {
  readonly configFile: string;
  /** Of the API and the pages. */
  readonly origin: string;
  /** Runs a verb of the program, and gives its last line of JSON. Throws where it fails. */
  verb(...args: string[]): Promise<JsonLine>;
  /** The same, and gives all lines. The arguments are whole: the configuration is not named. */
  lines(...args: string[]): Promise<readonly JsonLine[]>;
  /** Hands in a list of accounts, which holds no password; gives how many are new. */
  addAccounts(users: readonly LabUser[]): Promise<number>;
  /** Passwords of accounts that the daemon's database holds, sealed or not. */
  storedPasswords(): number;
  /** A request with the operator's token; gives the answer, null where it is empty. */
  api(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Imports the accounts and has them made on new; gives whether all were. */
  showAccounts(): Promise<boolean>;
  /** Starts the accounts; gives whether all came into step. */
  showInStep(): Promise<boolean>;
  /** Delivers mail to old; gives whether all of it arrived on new. */
  showNewMail(): Promise<boolean>;
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
  const more = moreSettings(options.mail, old);
  const installation = await makeInstallation({ dir, old, fresh, caFile, masterUser, more });
  const { configFile, databaseFile, origin, tokenFile } = installation;
  screen.say('\nThe new one has no accounts yet; Mailferry makes them, with the passwords of the old one:');
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
  const lines = async (...args: string[]): Promise<readonly JsonLine[]> => {
    const all: JsonLine[] = [];
    const full = [...program, ...args, '--json'];
    const { code, errors } = await runProgram(full, {}, (line) => all.push(line), options.signal);
    if (code !== 0) throw new Error(`mailferry ${args.join(' ')} ended with code ${code}: ${errors}`);
    return all;
  };
  const verb = async (...args: string[]): Promise<JsonLine> =>
    (await lines(...args, '--config', configFile)).at(-1) ?? {};
  const addAccounts = async (users: readonly LabUser[]): Promise<number> => {
    const list = join(dir, 'accounts.csv');
    writeFileSync(list, accountsWithoutPasswordsCsv(users, demoTeam), { mode: 0o600 });
    const { added } = await verb('accounts', 'import', list);
    rmSync(list);
    return Number(added);
  };
  const api = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${origin}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${readFileSync(tokenFile, 'utf8').trim()}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} is answered ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
  const storedPasswords = (): number => {
    const database = new DatabaseSync(databaseFile, { readOnly: true });
    const row = database.prepare("select count(*) as stored from credential where owner <> 'server'").get();
    database.close();
    return Number(row?.['stored']);
  };
  const daemon = { configFile, origin, verb, lines, addAccounts, storedPasswords, api, stop };
  return {
    ...daemon,
    showAccounts: () => showAccounts(options, daemon),
    showInStep: () => showInStep(options, daemon),
    showNewMail: () => showNewMail(options),
  };
}

/** Mails to owners stay in the demo; owners are shown names as a provider has them. */
function moreSettings({ address, port, edges }: MailPlace, old: Dovecot): string {
  const making = `[old.passwords]\nkind = "passwd-file"\nfile = "${old.dir}/users"\n[new.provisioning]\nadapter = "sql"\n`;
  const mail = `[mail]\nhost = "${address}"\nport = ${port}\ntls = "none"\nfrom = "Example Mail <help@example.org>"\n`;
  const programs = '[mail_programs]\nname = "Example Mail"\n';
  const imap = '[mail_programs.imap]\nhost = "imap.example.org"\n';
  return `${edges}${making}${mail}${programs}${imap}[mail_programs.submission]\nhost = "smtp.example.org"\n`;
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

/** What an operator types until new knows everybody. */
async function showAccounts(
  { screen, users, fresh, mail }: DemoDaemonOptions,
  { lines, addAccounts, configFile }: Pick<DemoDaemon, 'lines' | 'addAccounts' | 'configFile'>,
): Promise<boolean> {
  const added = await addAccounts(users);
  screen.say(`  $ mailferry accounts import accounts.csv\n  Added ${added}; the list has no passwords.`);
  const said = await lines('provision', '--all', '--config', configFile);
  const made = said.filter(({ outcome, password }) => outcome === 'made' && password === 'copied').length;
  screen.say(`  $ mailferry provision --all\n  Made ${made}, each with the hash of its password on old.`);
  const [first = { name: '', password: '' }] = users;
  await feedDovecot({ fresh, edgeDirectory: mail.edgeOfNew, mailferry: lines }, first.name);
  const where = feedingArguments(fresh).map((one) => (one.includes(' ') ? '"..."' : one));
  screen.say(`  $ mailferry config dovecot ${where.join(' ')} --apply\n  New’s Dovecot knows them.`);
  screen.data({ type: 'made', accounts: made });
  return made === users.length;
}

async function showInStep(
  options: DemoDaemonOptions,
  { verb, storedPasswords }: Pick<DemoDaemon, 'verb' | 'storedPasswords'>,
): Promise<boolean> {
  const { screen, users } = options;
  screen.say('\nKeeping them in step:');
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
    `  It logs in as the master user of each server; passwords of accounts in its database: ${stored}. The hashes\n` +
      '  for new are kept there encrypted.',
  );
  screen.data({ type: 'passwords', stored });
  return true;
}

async function showNewMail(options: DemoDaemonOptions): Promise<boolean> {
  const { screen, users, mail } = options;
  screen.say(`\nNew mail comes in at the old side (${mail.way}), and is on the new one after:`);
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

/** Milliseconds from old's word that it has taken a message to its being on new; ends at the first that does not come. */
async function deliver({ mail, fresh, signal }: DemoDaemonOptions, user: LabUser): Promise<number[]> {
  const watch = await watchForLetters(fresh, user);
  const delays: number[] = [];
  try {
    for (let letter = 1; letter <= lettersEach; letter++) {
      const id = `news-${letter}-${Date.now()}@example.org`;
      await mail.deliver(user.name, letterTo(user.name, letter, id));
      const since = performance.now();
      if (!(await watch.comes(id, arrivalDeadlineMs, signal))) return delays;
      delays.push(Math.round(performance.now() - since));
      await pause(betweenLettersMs);
    }
    return delays;
  } finally {
    await watch.close();
  }
}

function letterTo(name: string, number: number, id: string): string {
  const head = `From: sender@example.org\r\nTo: ${name}\r\nSubject: News ${number}\r\nMessage-ID: <${id}>\r\n`;
  return `${head}Date: ${new Date().toUTCString().replace('GMT', '+0000')}\r\n\r\nThis arrived in step.\r\n`;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
