/** `mailferry verify --deep` between two real Dovecots: what a server changes on saving, and what somebody changed since. */
import { chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { labCertificates } from '../lab/certificates.ts';
import { type Dovecot, startDovecot } from '../lab/dovecot.ts';
import { mailferry, pairOptions, passwordsOf } from './mailferry.ts';

const user = { name: 'anna@example.org', password: 'geheim-anna' };
const dir = mkdtempSync(join(tmpdir(), 'mf-verify-'));
let old: Dovecot;
let fresh: Dovecot;

beforeAll(async () => {
  old = await startDovecot({ users: [user] });
  fresh = await startDovecot({ users: [user] });
});
afterAll(async () => {
  await old?.stop();
  await fresh?.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** Puts a message into the INBOX as its file would lie there. */
function deliver(server: Dovecot, name: string, content: string): void {
  const { uid, gid } = server.mailOwner(user.name);
  for (const part of ['cur', 'new', 'tmp']) {
    const folder = join(server.mailDir(user.name), part);
    mkdirSync(folder, { recursive: true });
    if (process.getuid?.() === 0) chownSync(folder, uid, gid);
  }
  const file = join(server.mailDir(user.name), 'cur', `${name}:2,S`);
  writeFileSync(file, Buffer.from(content, 'latin1'));
  if (process.getuid?.() === 0) chownSync(file, uid, gid);
}

/** Changes the stored bytes of the one message that holds `from`, as nobody can over IMAP. */
function tamper(server: Dovecot, from: string, to: string): void {
  for (const part of ['cur', 'new']) {
    const folder = join(server.mailDir(user.name), part);
    for (const name of readdirSync(folder)) {
      const content = readFileSync(join(folder, name), 'latin1');
      if (content.includes(from))
        writeFileSync(join(folder, name), Buffer.from(content.replace(from, to), 'latin1'));
    }
  }
}

const run = (command: string, ...more: string[]) =>
  mailferry(
    [
      command,
      ...pairOptions(old, fresh, user, join(dir, 'state')),
      '--ca-file',
      labCertificates().ca,
      '--json',
      ...more,
    ],
    {
      ...passwordsOf(user),
      XDG_STATE_HOME: dir,
    },
  );

test('names what changed since the copy, on which side, and never what the server changed on saving', async () => {
  const odd = [
    'Subject: Vertrag\n\nDer Preis ist 1000 Euro.\n',
    'Subject: Bericht\n\nStand vom Montag.\n',
    'Subject: bare\n\na\rb\r\rc\n',
    'Subject: no end\n\nthe last line has no end',
    'Subject: M\xfcller\n\n8 bits \xfc\n',
    'Subject: nul\n\na\0b\n',
    'Subject: many ends\n\ntext\n\n\n\n',
  ];
  for (const [i, content] of odd.entries()) deliver(old, `170000000${i}.m${i}.old`, content);
  const copied = await run('copy');
  expect(copied.last()).toMatchObject({ messages: { total: odd.length, copied: odd.length } });
  const before = await run('verify', '--deep');
  expect(before.last()).toMatchObject({ missing: 0, changed: 0 });
  expect(before.code).toBe(0);

  tamper(fresh, '1000 Euro', '9000 Euro');
  tamper(old, 'Montag', 'Freita');
  const after = await run('verify', '--deep');
  expect(after.code).toBe(1);
  expect(after.last()).toMatchObject({ missing: 0, changed: 2 });
  const found = after
    .lines()
    .filter((line) => line.type === 'difference' && String(line.class) !== 'altered-by-server');
  expect(found.map((d) => [d.class, d.oldUid])).toEqual([
    ['changed-on-new', 1],
    ['changed-on-old', 2],
  ]);
});
