/**
 * What the ledger of a large account costs on disk, and a pass over that account in which nothing happens.
 *
 *   node test/bench/daemon-ledger.ts [--messages 1000000] [--postgresql] [--batch 500]
 *
 * A ledger with random digests, sizes and dates is written as the engine writes it, so many messages at once: each batch
 * writes the chunk that is not full yet anew, and 500 is the most that a batch of small mail has. The size is that of the
 * SQLite file; with --postgresql, on a server of the lab, that of the ledger's table with what is stored beside it and
 * both indexes, vacuumed as autovacuum would have done meanwhile, and once more at the end. The pass is that of a process of its own against test/bench/idle-server.ts, from its start
 * to the end of the pass; its peak memory is GNU time's.
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Kysely, sql } from 'kysely';
import { systemClock } from '../../src/base/clock.ts';
import { Secret } from '../../src/base/secret.ts';
import { openImapStore } from '../../src/remote/imap/index.ts';
import { DatabaseJournal } from '../../src/state/database/journal.ts';
import { openDatabase } from '../../src/state/database/open-database.ts';
import type { Tables } from '../../src/state/database/tables.ts';
import { defaultEngineOptions, Mirror } from '../../src/sync/index.ts';
import type { MailboxRow, SideMark } from '../../src/sync/journal.ts';
import { Ledger } from '../../src/sync/ledger.ts';
import { mailboxRow } from '../contracts/journal-rows.ts';
import { seededRandom } from '../lab/messages.ts';
import { freePorts } from '../lab/ports.ts';
import { startPostgres } from '../lab/postgres.ts';
import { makeDaemonPlace } from '../scenarios/daemon-env.ts';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '1000000' },
    postgresql: { type: 'boolean', default: false },
    batch: { type: 'string', default: '500' },
    pass: { type: 'string' },
    ports: { type: 'string' },
    'password-file': { type: 'string' },
  },
});
const accountId = '01890000-0000-7000-8000-000000000001';
const mailboxes = 8;
const each = Math.floor(Number(values.messages) / mailboxes);
const batch = Number(values.batch);
/** So many does a worker copy in a minute, after which autovacuum comes; here they are written in seconds. */
const vacuumEach = 200_000;

if (values.pass !== undefined) await pass(values.pass, (values.ports ?? '').split(',').map(Number));
else await measure();

async function measure(): Promise<void> {
  const [a = 0] = await freePorts(1);
  const server = values.postgresql ? await startPostgres() : null;
  const postgres = server === null ? null : { url: await server.newDatabase(), password: server.password };
  const place = await makeDaemonPlace({
    old: { imapPort: a },
    fresh: { imapPort: a + 1 },
    ...(postgres === null ? {} : { postgres }),
  });
  const url = postgres?.url ?? join(place.dir, 'mailferry.sqlite');
  const servers = [a, a + 1].map((port) =>
    spawn(
      process.execPath,
      [join(import.meta.dirname, 'idle-server.ts'), `${port}`, `${mailboxes}`, values.messages],
      { stdio: 'ignore' },
    ),
  );
  try {
    const journal = new DatabaseJournal(place.database, accountId, null);
    const { db } = place.database;
    const sizeOf = () => (postgres === null ? fileSize(db, url) : tableSize(db));
    const before = await sizeOf();
    let written = 0;
    for (let box = 0; box < mailboxes; box++) {
      await fill(journal, box, a, async (messages) => {
        written += messages;
        if (postgres !== null && written % vacuumEach < messages) await vacuum(db);
      });
    }
    const bytes = (await sizeOf()) - before;
    await place.closeDatabase();
    const report = join(place.dir, 'time');
    const argv = [process.execPath, import.meta.filename, '--pass', url, '--ports', `${a},${a + 1}`];
    if (postgres !== null) argv.push('--password-file', join(place.dir, 'database-password'));
    const since = performance.now();
    const run = spawnSync('/usr/bin/time', ['-f', '%M', '-o', report, ...argv], { encoding: 'utf8' });
    const seconds = (performance.now() - since) / 1000;
    if (run.status !== 0) throw new Error(run.stderr);
    const result = {
      messages: each * mailboxes,
      database: postgres === null ? 'SQLite' : 'PostgreSQL',
      batch,
      ledgerBytesPerMessage: Number((bytes / (each * mailboxes)).toFixed(1)),
      unchangedPass: {
        seconds: Number(seconds.toFixed(2)),
        peakMb: Math.round(Number(readFileSync(report, 'utf8')) / 1024),
        told: JSON.parse(run.stdout) as unknown,
      },
    };
    process.stdout.write(`${JSON.stringify(result)}\n`);
  } finally {
    for (const one of servers) one.kill('SIGKILL');
    await place.remove();
    await server?.stop();
  }
}

type Db = Kysely<Tables>;

async function fileSize(db: Db, file: string): Promise<number> {
  await sql`pragma wal_checkpoint(truncate)`.execute(db);
  return statSync(file).size;
}

async function vacuum(db: Db): Promise<void> {
  await sql`vacuum journal_chunk`.execute(db);
}

async function tableSize(db: Db): Promise<number> {
  await vacuum(db);
  const { rows } = await sql<{
    size: number;
  }>`select pg_total_relation_size('journal_chunk') as size`.execute(db);
  return Number(rows[0]?.size);
}

async function fill(
  journal: DatabaseJournal,
  box: number,
  oldPort: number,
  wrote: (messages: number) => Promise<void>,
): Promise<void> {
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
    if (uid % batch !== 0) continue;
    await journal.record({ step: 'fill', chunks: ledger.takeWrites() });
    await wrote(batch);
  }
  await journal.record({ step: 'fill', chunks: ledger.takeWrites() });
}

async function pass(url: string, [oldPort = 0, newPort = 0]: readonly number[]): Promise<void> {
  const passwordFile = values['password-file'];
  const password = passwordFile === undefined ? undefined : new Secret(readFileSync(passwordFile, 'utf8'));
  const database = await openDatabase({ url, password, clock: systemClock });
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
