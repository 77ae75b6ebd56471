/** Mail programs that others wrote, used as people's: Python's imaplib, curl, imapflow and mbsync. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImapFlow } from 'imapflow';
import type { LabImap } from '../interop/mailferry.ts';
import type { LabUser } from '../lab/dovecot.ts';

/** A method of Python's IMAP4 with its arguments, such as `['uid', 'STORE', '3', '+FLAGS', '(\\Seen)']`. */
export type ImaplibStep = readonly [method: string, ...args: string[]];

const imaplibScript = `
import imaplib, json, sys
given = json.load(sys.stdin)
client = imaplib.IMAP4("127.0.0.1", given["port"])
client.login(given["user"], given["password"])
for method, *args in given["steps"]:
    if method == "append":
        args[3] = args[3].encode("latin-1")
    kind, data = getattr(client, method)(*args)
    # Dovecot says so of the very mailbox that it is making, seldom, while another session lists.
    if kind != "OK" and not (method == "create" and b"ALREADYEXISTS" in data[0]):
        sys.exit(f"{method} {args[:3]}: {kind} {data}")
client.logout()
`;

/** One session of imaplib; throws at the first step that is not answered OK. */
export async function withImaplib(
  server: LabImap,
  user: LabUser,
  steps: readonly ImaplibStep[],
): Promise<void> {
  const given = { port: server.imapPort, user: user.name, password: user.password, steps };
  await run('python3', ['-c', imaplibScript], JSON.stringify(given));
}

/** curl gives each command in the opened mailbox, in one session. */
export async function curlCommands(
  server: LabImap,
  user: LabUser,
  mailbox: string,
  commands: readonly string[],
): Promise<void> {
  const url = `imap://127.0.0.1:${server.imapPort}/${encodeURIComponent(mailbox)}`;
  const login = ['--user', `${user.name}:${user.password}`];
  const each = commands.flatMap((command, index) => [
    ...(index === 0 ? [] : ['--next']),
    '--silent',
    '--show-error',
    ...login,
    '--request',
    command,
    url,
  ]);
  await run('curl', each);
}

/** curl stores a message; it asks for the flag \Seen. */
export async function curlUpload(
  server: LabImap,
  user: LabUser,
  mailbox: string,
  body: Uint8Array,
): Promise<void> {
  const url = `imap://127.0.0.1:${server.imapPort}/${encodeURIComponent(mailbox)}`;
  const login = `${user.name}:${user.password}`;
  const dir = mkdtempSync(join(tmpdir(), 'mf-curl-'));
  try {
    // From a pipe it would not know the size, which APPEND needs first.
    const file = join(dir, 'letter');
    writeFileSync(file, body);
    await run('curl', ['--silent', '--show-error', '--user', login, '--upload-file', file, url]);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** A session of imapflow. */
export async function withImapflow(
  server: LabImap,
  user: LabUser,
  work: (client: ImapFlow) => Promise<unknown>,
): Promise<void> {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: server.imapPort,
    secure: false,
    doSTARTTLS: false,
    auth: { user: user.name, pass: user.password },
    logger: false,
  });
  // It tells of a server that goes away after the work as well.
  client.on('error', () => {});
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.logout();
  }
}

/** Whether Debian's isync is installed: not every machine has it. */
export function mbsyncIsInstalled(): boolean {
  return spawnSync('mbsync', ['--version']).status === 0;
}

/** mbsync keeps a Maildir in step with INBOX, both ways: before `work` on the Maildir and after it. */
export async function withMbsync(
  server: LabImap,
  user: LabUser,
  work: (maildir: string) => void,
): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'mf-mbsync-'));
  try {
    const maildir = join(dir, 'mail');
    mkdirSync(maildir);
    const file = join(dir, 'mbsyncrc');
    writeFileSync(
      file,
      `IMAPStore far\nHost 127.0.0.1\nPort ${server.imapPort}\nUser ${user.name}\nPass ${user.password}\n` +
        `SSLType None\nAuthMechs LOGIN\n\nMaildirStore near\nInbox ${maildir}/INBOX\nPath ${maildir}/\n\n` +
        'Channel all\nFar :far:\nNear :near:\nPatterns INBOX\nCreate Near\nExpunge None\nSyncState *\n',
    );
    await runMbsync(file);
    work(join(maildir, 'INBOX'));
    await runMbsync(file);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/**
 * A message that somebody expunges while mbsync fetches it comes as `BODY[] NIL`, which it takes for a fault and ends. Run
 * again, as people's timers do, it goes on where it was.
 */
async function runMbsync(file: string, triesLeft = 3): Promise<void> {
  try {
    await run('mbsync', ['-c', file, 'all']);
  } catch (error) {
    if (triesLeft <= 1 || !String(error).includes('unable to parse BODY[]')) throw error;
    await runMbsync(file, triesLeft - 1);
  }
}

function run(command: string, args: readonly string[], input: string | Uint8Array = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { timeout: 30_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${command}: ${stderr}${stdout}${error.message}`));
    });
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}
