/** A message above what new takes, told beforehand (APPENDLIMIT) or only by a refusal: listed, and the others arrive. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCyrus } from '../lab/cyrus.ts';
import { type Dovecot, startDovecot } from '../lab/dovecot.ts';
import { accountOf, actAs, mailferry, pairOptions, passwordsOf } from './mailferry.ts';

const user = { name: 'anna', password: 'lab-geheim' };
const dir = mkdtempSync(join(tmpdir(), 'mf-size-'));
let old: Dovecot;

/** Above 256 kB a message is streamed, below it goes together with others. */
const sizes = { small: 100, tooLarge: 60_000, alsoSmall: 200, tooLargeAndStreamed: 700_000, last: 300 };
const limitBytes = 50_000;

beforeAll(async () => {
  old = await startDovecot({ users: [user], tls: false });
  const imap = await actAs(old, user);
  const line = `${'x'.repeat(70)}\r\n`;
  for (const [name, bytes] of Object.entries(sizes))
    await imap.append(
      'INBOX',
      Buffer.from(`Subject: ${name}\r\n\r\n${line.repeat(Math.ceil(bytes / line.length))}`),
    );
  await imap.logout();
});
afterAll(async () => {
  await old?.stop();
  rmSync(dir, { recursive: true, force: true });
});

test.each([
  ['Dovecot', () => startDovecot({ users: [user], tls: false, maxMailSize: limitBytes }), null],
  // RFC 7889: the limit stands in the capabilities, so that nothing is sent in vain.
  ['Cyrus', () => startCyrus({ users: [user], maxMessageSize: limitBytes }), limitBytes],
])('%s', { timeout: 120_000 }, async (name, start, announced) => {
  const fresh = await start();
  try {
    const pair = pairOptions(old, fresh, user, join(dir, name));
    const env = passwordsOf(user);
    const listing = await mailferry(['ls', pair[3] ?? '', '--json'], { MAILFERRY_PASSWORD: user.password });
    expect(listing.last().abilities).toMatchObject({ appendLimitBytes: announced });
    const first = await mailferry(['copy', ...pair, '--json'], env);
    const refused = ['tooLarge', 'tooLargeAndStreamed'].map((subject) => ({
      mailbox: 'INBOX',
      code: 'message-too-large',
      subject,
    }));
    expect([first.code, first.stderr]).toEqual([1, '']);
    expect(first.last()).toMatchObject({ messages: { total: 5, copied: 3, refused: 2 }, refused });
    expect(first.lines().filter((line) => line.type === 'waiting')).toEqual([]);
    const again = await mailferry(['copy', ...pair, '--json'], env);
    expect(again.code).toBe(1);
    expect(again.last()).toMatchObject({ messages: { copied: 0, present: 3, refused: 2 }, refused });
    const account = await accountOf(fresh, user);
    expect(account.get('INBOX')?.messages).toHaveLength(3);
  } finally {
    await fresh.stop();
  }
});
