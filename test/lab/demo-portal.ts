/**
 * The last part of the demo: the portal, for whoever wants to look. Makes the three people's logins as an operator
 * would, adds an account that nobody has begun to copy, and lets mail arrive on old as long as somebody looks.
 */
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as OTPAuth from 'otpauth';
import { type DemoDaemon, demoTeam, type MailPlace } from './demo-daemon.ts';
import type { DemoScreen } from './demo-screen.ts';
import type { LabUser } from './dovecot.ts';

export interface DemoPortalOptions {
  readonly screen: DemoScreen;
  /** For a file with a password, which is removed. */
  readonly dir: string;
  readonly daemon: DemoDaemon;
  /** Whose mail is in step already; the second runs the team. */
  readonly users: readonly LabUser[];
  /** With mail on old, where alone the account is until its copy begins. */
  readonly newcomer: LabUser;
}

export interface DemoPortal {
  /** Of the operator's authenticator, in base32. */
  readonly secret: string;
}

/** As that of a small old server: a copy takes long enough to be watched, and the operator has sliders to turn. */
const messagesPerSecond = 60;
/** Between two letters. */
const everyMs = 4_000;
const operatorLogin = 'operator@example.org';

/** Ends by saying the address and the logins. */
export async function openDemoPortal(options: DemoPortalOptions): Promise<DemoPortal> {
  const { screen, dir, daemon, users, newcomer } = options;
  const [user, admin] = users;
  if (user === undefined || admin === undefined) throw new Error('the demo has at least two accounts');
  await daemon.addAccounts([newcomer]);
  const rights = ['view', 'move', 'plan', 'people'].flatMap((right) => ['--right', right]);
  await daemon.verb('team', 'people', demoTeam, '--set', admin.name, ...rights);
  const password = randomBytes(9).toString('base64url');
  const file = join(dir, 'operator.password');
  writeFileSync(file, password, { mode: 0o600 });
  const added = await daemon.verb('operator', 'add', operatorLogin, '--password-file', file);
  rmSync(file);
  const { secret } = added['totp'] as { readonly secret: string };
  await daemon.api('PATCH', '/servers/new/budget', { messagesPerSecond });

  const people = [
    { role: 'user', login: user.name, password: user.password, note: 'mail in step' },
    { role: 'newcomer', login: newcomer.name, password: newcomer.password, note: 'begin the move yourself' },
    { role: 'team-admin', login: admin.name, password: admin.password, note: `runs the team ${demoTeam}` },
    { role: 'operator', login: operatorLogin, password, note: 'sees all' },
  ];
  screen.data({ type: 'portal', origin: daemon.origin, people, totpSecret: secret });
  const width = Math.max(...people.map(({ login }) => login.length)) + 2;
  screen.say(`\nThe portal: ${daemon.origin}`);
  for (const one of people) {
    screen.say(`  ${one.login.padEnd(width)}password ${one.password.padEnd(14)}${one.note}`);
  }
  screen.say(`  The operator's code now: ${codeLine(secret, Date.now())}`);
  screen.say(`  For an authenticator:    ${secret}`);
  screen.say(
    `  New is asked for ${messagesPerSecond} messages a second, so that a copy can be watched; the operator can change it.`,
  );
  return { secret };
}

/** The code of an authenticator with this secret (RFC 6238), and how long it is good. */
export function codeLine(secret: string, nowMs: number): string {
  const code = new OTPAuth.TOTP({ secret }).generate({ timestamp: nowMs });
  return `${code} (another in ${30 - (Math.floor(nowMs / 1_000) % 30)} s; each is good once)`;
}

/** Letters to one person after the other, until the function that it gives is called; that waits for the last one. */
export function keepMailComing(mail: MailPlace, users: readonly LabUser[]): () => Promise<void> {
  const stopped = new AbortController();
  const run = async (): Promise<void> => {
    for (let number = 1; !stopped.signal.aborted; number++) {
      const { name } = users[number % users.length] ?? { name: '' };
      // A server that somebody stopped to see what happens is no end of the demo.
      await mail.deliver(name, letterTo(name, number)).catch(() => undefined);
      await new Promise<void>((resolve) => {
        const wait = setTimeout(resolve, everyMs);
        stopped.signal.addEventListener('abort', () => {
          clearTimeout(wait);
          resolve();
        });
      });
    }
  };
  const running = run();
  return async () => {
    stopped.abort();
    await running;
  };
}

function letterTo(name: string, number: number): string {
  const date = new Date().toUTCString().replace('GMT', '+0000');
  const head = `From: Bela <bela@example.net>\r\nTo: ${name}\r\nSubject: Letter ${number}\r\nDate: ${date}\r\n`;
  return `${head}Message-ID: <letter-${number}-${Date.now()}@example.net>\r\n\r\nThis came while you were looking.\r\n`;
}
