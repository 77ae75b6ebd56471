/**
 * New servers that keep no keywords, or not all: every message goes across with its other flags, and the summary says
 * for how many a keyword stayed behind.
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { judge } from '../judge/invariants.ts';
import { startCourier } from '../lab/courier.ts';
import { startCyrus } from '../lab/cyrus.ts';
import { type Dovecot, startDovecot } from '../lab/dovecot.ts';
import { accountOf, actAs, mailferry, pairOptions, passwordsOf } from './mailferry.ts';

const user = { name: 'anna', password: 'lab-geheim' };
const dir = mkdtempSync(join(tmpdir(), 'mf-keywords-'));
const env = passwordsOf(user);
const keywords = Array.from({ length: 30 }, (_, i) => `kw${i}`);
let old: Dovecot;

beforeAll(async () => {
  old = await startDovecot({ users: [user], tls: false });
  const imap = await actAs(old, user);
  for (const keyword of keywords)
    await imap.append('INBOX', Buffer.from(`Subject: ${keyword}\r\n\r\nwith a keyword\r\n`), {
      flags: ['\\Seen', keyword],
    });
  await imap.append('INBOX', Buffer.from('Subject: none\r\n\r\nwithout\r\n'));
  await imap.logout();
});
afterAll(async () => {
  await old?.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** PERMANENTFLAGS (\Deleted \Seen): by RFC 4314 all other flags need the right `w`. */
function dovecotWithoutRight() {
  writeFileSync(join(dir, 'acls'), 'INBOX owner lrstipekxa\n');
  // Dovecot reads it as the owner of the mail.
  chmodSync(dir, 0o755);
  const plugin = `protocol imap {\n  mail_plugins = acl\n}\nplugin {\n  acl = vfile:${join(dir, 'acls')}\n}\n`;
  return startDovecot({ users: [user], tls: false, extra: `mail_plugins = acl\n${plugin}` });
}

test.each([
  ['Courier without keywords', () => startCourier({ users: [user], env: { IMAP_KEYWORDS: '0' } })],
  ['Dovecot without the right to set them', dovecotWithoutRight],
])('%s', { timeout: 120_000 }, async (name, start) => {
  const fresh = await start();
  try {
    const args = pairOptions(old, fresh, user, join(dir, name));
    const oldBefore = await accountOf(old, user);
    const first = await mailferry(['copy', ...args, '--json'], env);
    expect([first.code, first.stderr]).toEqual([0, '']);
    const total = keywords.length + 1;
    expect(first.last()).toMatchObject({
      messages: { total, copied: total, present: 0, refused: 0, vanished: 0 },
      keywordsDropped: keywords.length,
    });
    const violations = judge({
      oldBefore,
      oldAfter: await accountOf(old, user),
      newAfter: await accountOf(fresh, user),
      ignoredFlags: ['\\Deleted', ...keywords],
    });
    expect(violations).toEqual([]);
    // They are not tried again and again.
    const again = await mailferry(['copy', ...args, '--json'], env);
    expect(again.last()).toMatchObject({
      messages: { total, copied: 0, present: total },
      flagsChanged: 0,
      keywordsDropped: 0,
    });
    const text = await mailferry(['copy', ...args, '--state', join(dir, `${name}, lost`)], env);
    expect(text.stdout).toContain(`${total} there already`);
  } finally {
    await fresh.stop();
  }
});

test('what people read says so as well', { timeout: 120_000 }, async () => {
  const fresh = await dovecotWithoutRight();
  try {
    const args = pairOptions(old, fresh, user, join(dir, 'text'));
    const ran = await mailferry(['copy', ...args], env);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain(`Also: ${keywords.length} without keywords that new cannot keep.`);
  } finally {
    await fresh.stop();
  }
});

test('one keyword longer than a server takes stays behind, the message does not', {
  timeout: 120_000,
}, async () => {
  const box = 'Lang';
  const long = `kw${'x'.repeat(80)}`;
  // Dovecot's default is 50 characters (mail_max_keyword_length).
  const [from, fresh] = await Promise.all([
    startDovecot({ users: [user], tls: false, extra: 'mail_max_keyword_length = 100\n' }),
    startDovecot({ users: [user], tls: false }),
  ]);
  try {
    const imap = await actAs(from, user);
    await imap.command([`CREATE ${box}`]);
    for (const flags of [['\\Flagged', long], ['\\Seen', 'short'], []])
      await imap.append(box, Buffer.from(`Subject: ${flags.length}\r\n\r\ntext\r\n`), { flags });
    await imap.logout();
    const args = pairOptions(from, fresh, user, join(dir, 'long'));
    const first = await mailferry(['copy', ...args, '--json'], env);
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(first.last()).toMatchObject({ messages: { total: 3, copied: 3 }, keywordsDropped: 1 });
    const there = (await accountOf(fresh, user)).get(box)?.messages ?? [];
    expect(there.map((m) => [...m.flags].sort())).toEqual([['\\flagged'], ['\\seen', 'short'], []]);
    const again = await mailferry(['copy', ...args, '--json'], env);
    expect(again.last()).toMatchObject({ messages: { copied: 0, present: 3 }, flagsChanged: 0 });
  } finally {
    await Promise.all([from.stop(), fresh.stop()]);
  }
});

test('Cyrus, which dies in a MULTIAPPEND that passes its 100 keywords a mailbox, gets every message', {
  timeout: 240_000,
}, async () => {
  const [from, fresh] = await Promise.all([
    startDovecot({ users: [user], tls: false }),
    startCyrus({ users: [user] }),
  ]);
  try {
    const imap = await actAs(from, user);
    const many = Array.from({ length: 130 }, (_, i) => `kw${i}`);
    for (const keyword of many)
      await imap.append('INBOX', Buffer.from(`Subject: ${keyword}\r\n\r\ntext\r\n`), {
        flags: ['\\Seen', keyword],
      });
    await imap.logout();
    const args = pairOptions(from, fresh, user, join(dir, 'cyrus'));
    const first = await mailferry(['copy', ...args, '--settle-grace', '1', '--json'], env);
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(first.last()).toMatchObject({
      messages: { total: 130, copied: 130, refused: 0 },
      keywordsDropped: 30,
    });
    const there = (await accountOf(fresh, user)).get('INBOX')?.messages ?? [];
    expect(there.every((m) => m.flags.includes('\\seen'))).toBe(true);
    expect(there.filter((m) => m.flags.some((f) => f.startsWith('kw')))).toHaveLength(100);
    const again = await mailferry(['copy', ...args, '--json'], env);
    expect(again.last()).toMatchObject({ messages: { copied: 0, present: 130 }, flagsChanged: 0 });
  } finally {
    await Promise.all([from.stop(), fresh.stop()]);
  }
});
