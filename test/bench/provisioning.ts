/**
 * Accounts on new and addresses on old of a large provider: how long adopting all of them takes, what a look costs that finds
 * nothing or one new address, what the errands of every second cost while all are made or wait, and for how long at most
 * nobody else was served meanwhile: the processor time of the longest turn of the event loop.
 *
 *   node test/bench/provisioning.ts [--accounts 100000]
 *
 * SQLite in a directory of its own; old's list and hashes are a passwd-file; what makes accounts answers at once.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../../src/base/clock.ts';
import { Secret } from '../../src/base/secret.ts';
import { askForPasswords } from '../../src/portal/outbox/ask-for-passwords.ts';
import {
  Discovery,
  passwdFileAddresses,
  PasswdFileHashes,
  type Provisioner,
  Provisioning,
} from '../../src/provisioning/index.ts';
import { EnvelopeKey } from '../../src/state/database/envelope.ts';
import { openDatabase } from '../../src/state/database/open-database.ts';
import { provisionCounts, provisionPage } from '../../src/state/database/provision-lists.ts';

const { values } = parseArgs({ options: { accounts: { type: 'string', default: '100000' } } });
const count = Number(values.accounts);
const dir = mkdtempSync(join(tmpdir(), 'mf-bench-provisioning-'));
const file = join(dir, 'users-of-old');
const lines = (n: number) =>
  Array.from(
    { length: n },
    (_, i) => `u${i}@d${i % 500}.example:{SHA512-CRYPT}$6$salt${i}$${'h'.repeat(86)}::::::\n`,
  );
writeFileSync(file, lines(count).join(''));

const database = await openDatabase({ url: join(dir, 'database'), clock: systemClock });
const { db } = database;
const key = new EnvelopeKey(new Uint8Array(32).fill(7));
const quiet = { info: () => {}, warn: () => {}, error: () => {} };
const never = new AbortController().signal;
const discovery = new Discovery({
  database,
  key,
  clock: systemClock,
  log: quiet,
  source: passwdFileAddresses(file, null),
});
const adapter: Provisioner = {
  name: 'bench',
  schemes: ['SHA512-CRYPT'],
  ensure: async ({ hash }) => ({ changes: ['create'], hash }),
  test: async () => ({ text: 'bench' }),
};
const provisioning = new Provisioning({
  database,
  key,
  clock: systemClock,
  random: () => 0.5,
  log: quiet,
  adapter,
  againMs: 3_600_000,
  ladder: {
    database,
    key,
    rungs: ['copied', 'captured'],
    reader: new PasswdFileHashes(file),
    fit: { standardScheme: null, schemes: adapter.schemes, hash: async () => new Secret('') },
  },
});

/** Of this thread, in milliseconds: what other programs do meanwhile is not in it. */
function busyMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

async function measured(what: string, work: () => Promise<unknown>): Promise<void> {
  const turns: number[] = [];
  let over = false;
  let last = busyMs();
  const turn = () => {
    const now = busyMs();
    turns.push(now - last);
    last = now;
    if (!over) setImmediate(turn);
  };
  setImmediate(turn);
  const [startedAt, before] = [performance.now(), busyMs()];
  await work();
  const [ms, busy] = [performance.now() - startedAt, busyMs() - before];
  over = true;
  await new Promise((resolve) => setTimeout(resolve, 20));
  turns.sort((a, b) => a - b);
  const [longest = 0, second = 0] = turns.slice(-2).toReversed();
  process.stdout.write(
    `${what.padEnd(60)}${ms.toFixed(0).padStart(7)} ms, busy ${busy.toFixed(0).padStart(6)} ms; ` +
      `turns: longest ${longest.toFixed(0)} ms, next ${second.toFixed(0)} ms\n`,
  );
}

const look = () => discovery.look({ dryRun: false, actor: 'bench' });
const errands = async () => {
  await provisioning.noticeStarted();
  await provisioning.due(never);
};
try {
  await measured(`first look: ${count} addresses adopted`, look);
  await measured('a look after it, which compares all', look);
  await measured('a look that finds the list as it was', look);
  writeFileSync(file, lines(count + 1).join(''));
  await measured('a look that finds one new address', look);
  await measured('the errands while nothing is started', errands);
  await db.updateTable('account').set({ phase: 'copying' }).execute();
  await measured('all are started at once, and noticed', () => provisioning.noticeStarted());
  await measured('50 accounts are made (the file of hashes is read)', () => provisioning.due(never));
  await measured('50 more', () => provisioning.due(never));
  await measured('the errands while all wait: 50 made', errands);
  // As if all were made, and their owners had no password: the most that there is to look through.
  await db
    .updateTable('provision')
    .set({ state: 'made', password: 'none', due_ms: Date.now() + 3_600_000, made_at_ms: Date.now() })
    .execute();
  await measured('the errands while all are made', errands);
  const asking = { database, clock: systemClock, log: quiet, most: 2, againMs: 604_800_000 };
  await measured('owners to ask: none of all is across', () => askForPasswords(asking));
  await db.updateTable('account').set({ phase: 'in-step' }).execute();
  await measured('owners to ask: 30 mails', () => askForPasswords(asking));
  await measured('an operator looks: counts, and a page of a list', async () => {
    await provisionCounts(db);
    await provisionPage(db, 'without-password', { after: '', limit: 51 });
    await provisionPage(db, 'trouble', { after: '', limit: 51 });
  });
} finally {
  await database.close();
  rmSync(dir, { recursive: true, force: true });
}
