import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Secret } from '../../src/base/secret.ts';
import { appendAudit, auditOf } from '../../src/state/database/audit.ts';
import { databaseNow } from '../../src/state/database/dialect.ts';
import { migrations } from '../../src/state/database/migrate.ts';
import { openDatabase } from '../../src/state/database/open-database.ts';
import { openState } from '../../src/state/index.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { startPostgres } from '../lab/postgres.ts';
import { freePort } from '../lab/ports.ts';
import { appendEvent } from '../../src/state/database/events.ts';
import { describeOnBoth } from './database-env.ts';

const clock = new FakeClock();
const entry = { actor: 'operator:anna', action: 'test', subject: 'a1', detail: { text: 'ü', n: 1 } };
const newFile = () => join(mkdtempSync(join(tmpdir(), 'mailferry-database-')), 'database');

describeOnBoth('a database', (env) => {
  test('keeps what was written when it is opened again', async () => {
    await appendAudit(env.database.db, entry);
    const { db } = await env.reopen();
    expect(await auditOf(db, 'a1', 10)).toEqual([
      { ...entry, address: null, name: null, id: 1, atMs: expect.any(Number) },
    ]);
  });

  test('tells its own time in milliseconds', async () => {
    const { db } = env.database;
    const { rows } = await sql<{ now: number }>`select ${databaseNow(db)} as now`.execute(db);
    expect(rows[0]?.now).toBeGreaterThan(1_700_000_000_000);
    expect(Number.isSafeInteger(rows[0]?.now)).toBe(true);
  });

  test('gives the audit log newest first, and of one subject only', async () => {
    const { db } = env.database;
    for (const n of [1, 2, 3]) await appendAudit(db, { ...entry, detail: { n } });
    await appendAudit(db, { ...entry, subject: 'other' });
    expect((await auditOf(db, 'a1', 2)).map((row) => row.detail)).toEqual([{ n: 3 }, { n: 2 }]);
  });

  test('lets nobody change or remove what stands in the audit log', async () => {
    const { db } = env.database;
    await appendAudit(db, entry);
    await expect(db.updateTable('audit').set({ actor: 'x' }).execute()).rejects.toThrow('append-only');
    await expect(db.deleteFrom('audit').execute()).rejects.toThrow('append-only');
    expect(await auditOf(db, 'a1', 10)).toHaveLength(1);
  });

  test('keeps all of a transaction or nothing', async () => {
    const { db } = env.database;
    const work = db.transaction().execute(async (inside) => {
      await appendAudit(inside, entry);
      throw new Error('cut');
    });
    await expect(work).rejects.toThrow('cut');
    expect(await auditOf(db, 'a1', 10)).toEqual([]);
  });

  test('answers what is urgent before thousands of other questions', async () => {
    const { db, urgent } = env.database;
    const ask = (asked: typeof db) => asked.selectFrom('lease').select('name').execute();
    await ask(urgent);
    let answered = 0;
    const many = Array.from({ length: 3_000 }, () => ask(db).then(() => answered++));
    await ask(urgent);
    expect(answered).toBeLessThan(1_000);
    await Promise.all(many);
  });

  test('is refused when a newer release broke with this one', async () => {
    const { db } = env.database;
    await sql`insert into kysely_migration (name, timestamp) values ('9999-breaking-x', 'now')`.execute(db);
    await expect(env.reopen()).rejects.toMatchObject({ code: 'database-newer' });
  });

  test('is opened when a newer release only added to it', async () => {
    const { db } = env.database;
    await sql`insert into kysely_migration (name, timestamp) values ('9999-compatible-x', 'now')`.execute(db);
    await expect(env.reopen()).resolves.toBeDefined();
  });
});

describe('a database file', () => {
  test('is refused to a second process, naming who holds it', async () => {
    const url = newFile();
    const first = await openDatabase({ url, clock });
    onTestFinished(() => first.close());
    await expect(openDatabase({ url, clock })).rejects.toMatchObject({
      code: 'database-busy',
      message: expect.stringContaining(`process ${process.pid}`),
    });
  });

  test('may be read by its owner only', async () => {
    const url = newFile();
    const database = await openDatabase({ url, clock });
    onTestFinished(() => database.close());
    expect(statSync(url).mode & 0o777).toBe(0o600);
  });

  test('is not taken for one when it is the state file of a copy', async () => {
    const url = newFile();
    const state = await openState(url, { pair: { from: 'a', to: 'b' }, clock });
    await state.close();
    await expect(openDatabase({ url, clock })).rejects.toMatchObject({ code: 'database-damaged' });
  });
});

describe('a PostgreSQL database', () => {
  test('that nobody serves is unreachable', async () => {
    const url = `postgres://lab:geheim@127.0.0.1:${await freePort()}/lab`;
    const failure = await openDatabase({ url, clock }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'database-unreachable' });
    expect(String(failure)).not.toContain('geheim');
  });

  test('that refuses the password says so, without the password', async () => {
    await using server = await startPostgres();
    const url = await server.newDatabase();
    const failure = await openDatabase({ url, clock, password: new Secret('geheim') }).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: 'database-login-refused' });
    expect(String(failure)).not.toContain('geheim');
    await expect(
      openDatabase({ url: `${url}-absent`, clock, password: new Secret(server.password) }),
    ).rejects.toMatchObject({ code: 'database-unreachable' });
  });

  test('tells other processes of an event at once', async () => {
    await using server = await startPostgres();
    const options = { url: await server.newDatabase(), clock, password: new Secret(server.password) };
    const [here, there] = await Promise.all([openDatabase(options), openDatabase(options)]);
    let heard: (() => void) | null = null;
    const listening = there.listen(() => heard?.());
    try {
      for (let n = 0; n < 5; n++) {
        // The first may come before it listens; then it looks anyway.
        const woken = new Promise<void>((resolve) => {
          heard = resolve;
        });
        const late = new Promise<never>((_, reject) => {
          setTimeout(() => reject(new Error('nobody was told')), n === 0 ? 5_000 : 500);
        });
        late.catch(() => {});
        await here.db
          .transaction()
          .execute((inside) => appendEvent(inside, { kind: 'test', subject: 'x', detail: {} }));
        await Promise.race([woken, late]);
      }
    } finally {
      await listening.close();
      await Promise.all([here.close(), there.close()]);
    }
  });

  test('is migrated once by processes that start together', async () => {
    await using server = await startPostgres();
    const options = { url: await server.newDatabase(), clock, password: new Secret(server.password) };
    const opened = await Promise.all([1, 2, 3].map(() => openDatabase(options)));
    await Promise.all(opened.map((one) => one.close()));
    expect(opened).toHaveLength(3);
  });
});

test('every migration says in its name and first line whether the release before can go on', () => {
  const folder = new URL('../../src/state/database/migrations/', import.meta.url);
  const files = readdirSync(folder).filter((file) => /^\d/.test(file));
  expect(files.map((file) => file.slice(0, -3))).toEqual(Object.keys(migrations));
  for (const file of files) {
    const [, word] = /^\d{4}-(compatible|breaking)-/.exec(file) ?? [];
    expect(readFileSync(new URL(file, folder), 'utf8')).toMatch(new RegExp(`^// ${word}: `));
  }
});
