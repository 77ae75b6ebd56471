/** Copies between servers of three makers, each way, judged by a client of the judge's own; old sees only reading. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { judge } from '../judge/invariants.ts';
import { startChaosProxy } from '../lab/chaos-proxy.ts';
import { startCourier } from '../lab/courier.ts';
import { startCyrus } from '../lab/cyrus.ts';
import { startDovecot } from '../lab/dovecot.ts';
import { modifiedUtf7, wireForm, workloadMessages } from '../lab/workload.ts';
import { accountOf, actAs, mailferry, pairOptions, passwordsOf } from './mailferry.ts';

const user = { name: 'anna', password: 'lab-geheim' };
const dir = mkdtempSync(join(tmpdir(), 'mf-servers-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface Lab {
  readonly imapPort: number;
  stop(): Promise<void>;
}
interface Maker {
  readonly start: () => Promise<Lab>;
  readonly prefix: string;
  readonly delimiter: string;
}

const makers = {
  Dovecot: { start: () => startDovecot({ users: [user], tls: false }), prefix: '', delimiter: '/' },
  'Dovecot with INBOX. names': {
    start: () => startDovecot({ users: [user], tls: false, namespacePrefix: 'INBOX.', separator: '.' }),
    prefix: 'INBOX.',
    delimiter: '.',
  },
  Cyrus: { start: () => startCyrus({ users: [user] }), prefix: '', delimiter: '/' },
  'Cyrus with INBOX. names': {
    start: () => startCyrus({ users: [user], altNamespace: false }),
    prefix: 'INBOX.',
    delimiter: '.',
  },
  Courier: { start: () => startCourier({ users: [user] }), prefix: 'INBOX.', delimiter: '.' },
} satisfies Record<string, Maker>;
type MakerName = keyof typeof makers;

const nameOn = (maker: Maker, levels: readonly string[]) =>
  levels[0] === 'INBOX' ? 'INBOX' : maker.prefix + levels.map(modifiedUtf7).join(maker.delimiter);

/** About fifty messages in six mailboxes, with flags, keywords, odd bodies; names that every server can hold. */
async function fill(server: Lab, maker: Maker): Promise<void> {
  const imap = await actAs(server, user);
  const made = new Set(['INBOX']);
  for (const message of workloadMessages({ name: 'demo', scale: 0.02, seed: 3, corpora: false })) {
    if (message.user !== 'anna.schmidt@example.org' || message.body.length > 300_000) continue;
    const name = nameOn(maker, message.mailbox);
    for (let depth = 1; depth <= message.mailbox.length; depth++) {
      const parent = nameOn(maker, message.mailbox.slice(0, depth));
      if (!made.has(parent)) await imap.create(parent);
      made.add(parent);
    }
    const flags = [...message.systemFlags, ...message.keywords];
    const date = new Date(message.date * 1000);
    await imap.append(name, wireForm(message.body), { flags, date: dateTime(date) });
  }
  await imap.logout();
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
function dateTime(date: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
  return `${String(date.getUTCDate()).padStart(2, ' ')}-${months[date.getUTCMonth()]}-${date.getUTCFullYear()} ${time} +0000`;
}

const ways: [MakerName, MakerName][] = [
  ['Dovecot', 'Dovecot with INBOX. names'],
  ['Dovecot with INBOX. names', 'Dovecot'],
  ['Cyrus', 'Dovecot'],
  ['Cyrus with INBOX. names', 'Dovecot'],
  ['Courier', 'Dovecot'],
  ['Dovecot', 'Cyrus'],
  ['Dovecot', 'Courier'],
  ['Courier', 'Cyrus with INBOX. names'],
];

describe.each(ways)('from %s to %s', (from, to) => {
  test('every message goes across, and again costs nothing', { timeout: 120_000 }, async () => {
    const oldMaker: Maker = makers[from];
    const newMaker: Maker = makers[to];
    const [old, fresh] = await Promise.all([oldMaker.start(), newMaker.start()]);
    const proxy = await startChaosProxy({ target: { host: '127.0.0.1', port: old.imapPort }, rules: [] });
    try {
      await fill(old, oldMaker);
      const oldBefore = await accountOf(old, user);
      const newBefore = await accountOf(fresh, user);
      const args = pairOptions({ imapPort: proxy.port }, fresh, user, join(dir, `${from}-${to}`));
      const env = passwordsOf(user);
      const first = await mailferry(['copy', ...args, '--json'], env);
      expect(first.stderr).toBe('');
      expect(first.code).toBe(0);
      const mapped = new Map(
        [...oldBefore.keys()].map((name) => {
          const path = name === 'INBOX' ? name : name.slice(oldMaker.prefix.length);
          const levels = path.split(oldMaker.delimiter);
          return [name, name === 'INBOX' ? name : newMaker.prefix + levels.join(newMaker.delimiter)];
        }),
      );
      const newAfter = await accountOf(fresh, user);
      const violations = judge({
        oldBefore,
        oldAfter: await accountOf(old, user),
        newBefore,
        newAfter,
        mapping: (name) => mapped.get(name) ?? null,
        ignoredFlags: ['\\Deleted'],
        commandsToOld: proxy.connections.flatMap((c) => c.commands),
      });
      expect(violations).toEqual([]);
      const total = [...oldBefore.values()].reduce((sum, box) => sum + box.messages.length, 0);
      expect(total).toBeGreaterThan(20);
      const again = await mailferry(['copy', ...args, '--json'], env);
      expect(again.last().messages).toEqual({ total, copied: 0, present: total, refused: 0, vanished: 0 });
      const verified = await mailferry(['verify', ...args, '--json', '--deep'], env);
      expect(verified.code).toBe(0);
    } finally {
      await proxy.stop();
      await Promise.all([old.stop(), fresh.stop()]);
    }
  });
});
