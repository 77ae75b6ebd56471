/**
 * What the ledger of a large account costs on disk, and a pass over that account in which nothing happens.
 *
 *   node test/bench/daemon-ledger.ts [--messages 1000000]
 *
 * A ledger with random digests, sizes and dates is written as the engine writes it. The pass is that of a process of
 * its own against test/bench/idle-server.ts, from its start to the end of the pass; its peak memory is GNU time's.
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sql } from 'kysely';
import { systemClock } from '../../src/base/clock.ts';
import { Secret } from '../../src/base/secret.ts';
import { openImapStore } from '../../src/remote/imap/index.ts';
import { DatabaseJournal } from '../../src/state/database/journal.ts';
import { openDatabase } from '../../src/state/database/open-database.ts';
import { defaultEngineOptions, Mirror } from '../../src/sync/index.ts';
import type { MailboxRow, SideMark } from '../../src/sync/journal.ts';
import { Ledger } from '../../src/sync/ledger.ts';
import { mailboxRow } from '../contracts/journal-rows.ts';
import { seededRandom } from '../lab/messages.ts';
import { freePorts } from '../lab/ports.ts';
import { makeDaemonPlace } from '../scenarios/daemon-env.ts';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '1000000' },
    pass: { type: 'string' },
    ports: { type: 'string' },
  },
});
const accountId = '01890000-0000-7000-8000-000000000001';
const mailboxes = 8;
const each = Math.floor(Number(values.messages) / mailboxes);

if (values.pass !== undefined) await pass(values.pass, (values.ports ?? '').split(',').map(Number));
else await measure();

async function measure(): Promise<void> {
  const [a = 0] = await freePorts(1);
  const place = await makeDaemonPlace({ old: { imapPort: a }, fresh: { imapPort: a + 1 } });
  const file = join(place.dir, 'mailferry.sqlite');
  const servers = [a, a + 1].map((port) =>
    spawn(
      process.execPath,
      [join(import.meta.dirname, 'idle-server.ts'), `${port}`, `${mailboxes}`, values.messages],
      { stdio: 'ignore' },
    ),
  );
  try {
    const journal = new DatabaseJournal(place.database, accountId, null);
    const sizeOf = async () => {
      await sql`pragma wal_checkpoint(truncate)`.execute(place.database.db);
      return statSync(file).size;
    };
    const before = await sizeOf();
    for (let box = 0; box < mailboxes; box++) await fill(journal, box, a);
    const bytes = (await sizeOf()) - before;
    await place.closeDatabase();
    const report = join(place.dir, 'time');
    const argv = [process.execPath, import.meta.filename, '--pass', file, '--ports', `${a},${a + 1}`];
    const since = performance.now();
    const run = spawnSync('/usr/bin/time', ['-f', '%M', '-o', report, ...argv], { encoding: 'utf8' });
    const seconds = (performance.now() - since) / 1000;
    if (run.status !== 0) throw new Error(run.stderr);
    const result = {
      messages: each * mailboxes,
      ledgerBytesPerMessage: Number((bytes / (each * mailboxes)).toFixed(1)),
      unchangedPass: {
        seconds: Number(seconds.toFixed(2)),
        peakMb: Math.round(Number(readFileSync(report, 'utf8')) / 1024),
        told: JSON.parse(run.stdout) as unknown,
      },
    };
    process.stdout.write(`${JSON.stringify(result)}\n`);
  } finally {
    for (const server of servers) server.kill('SIGKILL');
    await place.remove();
  }
}

async function fill(journal: DatabaseJournal, box: number, oldPort: number): Promise<void> {
  const random = seededRandom(box + 1);
  const mark = (port: number): SideMark => ({
    uidValidity: 1000 + box * 2 + (port % 2),
    uidNext: each + 1,
    messages: each,
    highestModSeq: 1n,
  });
  const name = box === 0 ? 'INBOX' : `Box${box}`;
  const [oldMark, newMark] = [mark(oldPort), mark(oldPort + 1)];
  const row: MailboxRow = mailboxRow(box + 1, {
    oldName: name,
    newName: name,
    oldUidValidity: oldMark.uidValidity,
    newUidValidity: newMark.uidValidity,
    newMailboxId: null,
    oldMark,
    newMark,
    adoptedBelow: each + 1,
    subscribed: true,
  });
  await journal.record({ step: 'fill', mailboxes: [row] });
  const ledger = new Ledger(row.id, row.generation, []);
  for (let uid = 1; uid <= each; uid++) {
    ledger.put({
      oldUid: uid,
      newUid: uid,
      sizeBytes: random.size(4000, 1.5),
      digest: randomBytes(16),
      flags: random.below(10) === 0 ? '' : '\\Seen',
      notes: 0,
      dateStamp: 1_400_000_000 + random.below(300_000_000),
    });
    if (uid % 10_240 === 0) await journal.record({ step: 'fill', chunks: ledger.takeWrites() });
  }
  await journal.record({ step: 'fill', chunks: ledger.takeWrites() });
}

async function pass(file: string, [oldPort = 0, newPort = 0]: readonly number[]): Promise<void> {
  const database = await openDatabase({ url: file, clock: systemClock });
  const store = (side: 'old' | 'new', port: number) =>
    openImapStore({
      side,
      host: '127.0.0.1',
      port,
      security: 'starttls',
      allowPlaintext: true,
      trust: { caPem: null, fingerprintsSha256: [] },
      credentials: { kind: 'password', user: 'anna', authUser: null, password: new Secret('x') },
      authMechanism: null,
      clock: systemClock,
      connectTimeoutMs: 10_000,
      idleTimeoutMs: 60_000,
    });
  const signal = new AbortController().signal;
  const mirror = await Mirror.open(
    {
      old: store('old', oldPort),
      fresh: store('new', newPort),
      journal: new DatabaseJournal(database, accountId, null),
      clock: systemClock,
      random: Math.random,
      describeHeader: async () => ({ subject: null, from: null, date: null }),
      signal,
      onEvent: () => {},
    },
    defaultEngineOptions,
  );
  const { messages, problems } = await mirror.bringUpToDate();
  await mirror.close();
  await database.close();
  process.stdout.write(JSON.stringify({ messages, problems: problems.length }));
}
