/**
 * `npm run demo` on a real terminal, as somebody types it: prints where the portal is and three logins, which all work;
 * mail arrives; Ctrl-C ends it, and nothing is left.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import * as OTPAuth from 'otpauth';
import { afterEach, expect, test } from 'vitest';
import { launchBrowser } from './browser.ts';

const checkout = fileURLToPath(new URL('../..', import.meta.url));
const readyMs = 150_000;

let terminal: ChildProcess | null = null;
afterEach(() => {
  if (terminal !== null && terminal.exitCode === null) terminal.stdin?.write('\u0003');
});

test('the demo stays on a terminal, its three logins work, mail flows, and Ctrl-C leaves nothing', {
  timeout: 300_000,
}, async () => {
  // `script` gives it a terminal of its own. The shell between is nobody that a person would notice.
  const child = spawn('script', ['-qefc', 'exec npm run --silent demo -- --scale 0.05', '/dev/null'], {
    cwd: checkout,
    env: { ...process.env, SHELL: '/bin/sh', TERM: 'xterm', NO_COLOR: '1' },
  });
  terminal = child;
  let shown = '';
  child.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
  });
  // Not at its exit: what it printed last may still be on its way then.
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const showed = (pattern: RegExp, withinMs = 10_000) =>
    expect.poll(() => shown, { timeout: withinMs, interval: 100 }).toMatch(pattern);
  await showed(/Ctrl-C stops everything\./, readyMs);

  const origin = /The portal: (http:\S+)/.exec(shown)?.[1] ?? '';
  const passwordOf = (login: string) => new RegExp(`${login} +password (\\S+)`).exec(shown)?.[1] ?? '';
  const logIn = async (login: string, code?: string) => {
    const response = await fetch(`${origin}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ login, password: passwordOf(login), ...(code === undefined ? {} : { code }) }),
    });
    const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? '';
    const session = (await response.json()) as { person?: { roles: Roles }; code?: string };
    const get = async (path: string) =>
      (await (await fetch(`${origin}/api/v1${path}`, { headers: { cookie } })).json()) as never;
    return { session, get };
  };

  // A person: a letter that came while we looked is carried over.
  const anna = await logIn('anna.schmidt@example.org');
  const id = anna.session.person?.roles.account?.id ?? '';
  interface Carried {
    readonly lastCarried: readonly { readonly subject: string | null }[];
  }
  await expect
    .poll(async () => JSON.stringify(await anna.get(`/accounts/${id}/crossing`)), { timeout: 30_000 })
    .toContain('Letter ');
  const { lastCarried }: Carried = await anna.get(`/accounts/${id}/crossing`);
  expect(lastCarried.some(({ subject }) => subject?.startsWith('Letter '))).toBe(true);

  const john = await logIn('john.miller@example.org');
  const teams = john.session.person?.roles.teams ?? [];
  expect(teams).toMatchObject([{ name: 'Example Ltd' }]);
  expect(await john.get(`/teams/${teams[0]?.id}/summary`)).toMatchObject({ accounts: 5 });
  // The demo copies first and the daemon takes that over: what lies on old is shown, not what was sent.
  interface Listed {
    readonly accounts: readonly {
      readonly phase: string;
      readonly messagesDone: number;
      readonly bytes: number;
    }[];
  }
  const { accounts }: Listed = await john.get(`/teams/${teams[0]?.id}/accounts`);
  const begun = accounts.filter(({ phase, messagesDone }) => phase !== 'old' && messagesDone > 0);
  expect(begun.length).toBeGreaterThan(0);
  for (const { bytes, messagesDone } of begun) expect(bytes).toBeGreaterThan(messagesDone * 100);

  expect((await logIn('operator@example.org')).session).toMatchObject({ code: 'code-required' });
  // Enter shows a code; the authenticator that was given the secret has the same.
  const before = shown.length;
  child.stdin.write('\r');
  await expect.poll(() => shown.slice(before), { timeout: 10_000 }).toMatch(/\d{6} \(another in \d+ s/);
  const code = /(\d{6}) \(another/.exec(shown.slice(before))?.[1] ?? '';
  const secret = /For an authenticator: +([A-Z2-7]+)/.exec(shown)?.[1] ?? '';
  expect(new OTPAuth.TOTP({ secret }).validate({ token: code, window: 1 })).not.toBeNull();
  const operator = await logIn('operator@example.org', code);
  expect(operator.session).toMatchObject({ person: { roles: { operator: true } } });
  expect(await operator.get('/sync/status')).toMatchObject({ accounts: 5, phases: { 'in-step': 4, old: 1 } });

  // Who has not begun begins, in a browser.
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ baseURL: origin, locale: 'en-GB' });
    await page.goto('/');
    await page.getByLabel('E-mail address').fill('lena.vogt@example.org');
    await page.getByLabel('Password', { exact: true }).fill(passwordOf('lena.vogt@example.org'));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Copy first and use both').click();
    await page.getByRole('button', { name: 'Start copying' }).click();
    await page.getByText('Both servers are in step.').first().waitFor({ timeout: 60_000 });
    const lena = await logIn('lena.vogt@example.org');
    const path = `/accounts/${lena.session.person?.roles.account?.id}`;
    // The mail about it went to the demo's own server, and is carried over as any other.
    await expect
      .poll(async () => JSON.stringify(await lena.get(`${path}/crossing`)), { timeout: 60_000 })
      .toContain('Both servers are in step');
    expect(await lena.get(`${path}/mail-programs`)).toMatchObject({
      settings: { imap: { host: 'imap.example.org' } },
    });
    // Nobody gave a password away for all this.
    const database = new DatabaseSync(join(directoryOf(shown), 'daemon', 'mailferry.sqlite'), {
      readOnly: true,
    });
    const owners = database.prepare('select owner from credential').all();
    database.close();
    expect(owners).toEqual([]);
  } finally {
    await browser.close();
  }

  const directory = directoryOf(shown);
  expect(existsSync(directory)).toBe(true);
  const started = descendantsOf(child.pid ?? 0);
  expect(started.length).toBeGreaterThan(8);
  child.stdin.write('\u0003');
  await expect.poll(() => child.exitCode, { timeout: 30_000 }).not.toBeNull();
  // The whole screen tells what was not as it should be.
  expect(await ended, shown).toBe(0);
  expect(shown.slice(-400)).toContain('Stopping ...');
  expect(existsSync(directory)).toBe(false);
  await expect.poll(() => started.filter(stillRuns), { timeout: 5_000 }).toEqual([]);
  await expect(fetch(origin)).rejects.toThrow();
});

const directoryOf = (shown: string) => /\S*mf-demo-\w+/.exec(shown)?.[0] ?? '';

interface Roles {
  readonly account: { readonly id: string } | null;
  readonly teams: readonly { readonly id: string; readonly name: string }[];
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Since the machine's start: a number may come again. */
  readonly startedAt: string;
}

function descendantsOf(root: number): Process[] {
  const all = readdirSync('/proc').flatMap((name) => processOf(Number(name)) ?? []);
  const found: Process[] = [];
  for (let parents = [root]; parents.length > 0; ) {
    const next = all.filter(({ parent }) => parents.includes(parent));
    found.push(...next);
    parents = next.map(({ pid }) => pid);
  }
  return found;
}

function stillRuns({ pid, startedAt }: Process): boolean {
  return processOf(pid)?.startedAt === startedAt;
}

/** Null where there is none; proc_pid_stat(5) after the name in brackets. */
function processOf(pid: number): Process | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return { pid, parent: Number(fields[1]), startedAt: fields[19] ?? '' };
  } catch {
    return null;
  }
}
