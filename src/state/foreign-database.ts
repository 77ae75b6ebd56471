/**
 * Questions to somebody else's database, in the operator's own SQL: a PostgreSQL, or an SQLite file that is only read. Each
 * question has a connection of its own; these are rare, and the other side's connections are its own.
 */
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import type { Secret } from '../base/secret.ts';
import { inSlices } from '../base/slices.ts';
import { postgresConfig } from './database/postgres.ts';

export interface ForeignDatabase {
  /** `postgres://user@host/name`, `sqlite:/path` or a path. */
  readonly url: string;
  readonly password: Secret | undefined;
  readonly deadlineMs: number;
}

export type ForeignRow = Readonly<Record<string, unknown>>;

/** More rows than any provider has accounts. */
const rowsAtMost = 10_000_000;
const lockedMs = 500;

/** `values` are for $1, $2 ...; SQLite reads them as ?1, ?2 as well. Rejects where it cannot be asked. */
export async function askForeign(
  { url, password, deadlineMs }: ForeignDatabase,
  query: string,
  values: readonly string[] = [],
): Promise<readonly ForeignRow[]> {
  return /^postgres(ql)?:/.test(url)
    ? await askPostgres(url, password, deadlineMs, query, values)
    : await askSqlite(url.replace(/^sqlite:(\/\/(?=\/))?/, ''), query, values);
}

async function askPostgres(
  url: string,
  password: Secret | undefined,
  deadlineMs: number,
  query: string,
  values: readonly string[],
): Promise<readonly ForeignRow[]> {
  const client = new pg.Client({
    ...postgresConfig(url, password),
    statement_timeout: deadlineMs,
    query_timeout: deadlineMs + 1_000,
  });
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query('set default_transaction_read_only = on');
    const { rows } = await client.query<Record<string, unknown>>(query, [...values]);
    return rows;
  } finally {
    await client.end().catch(() => {});
  }
}

async function askSqlite(
  file: string,
  query: string,
  values: readonly string[],
): Promise<readonly ForeignRow[]> {
  const database = new DatabaseSync(file, { readOnly: true, timeout: lockedMs });
  try {
    const statement = database.prepare(query);
    const named = Object.fromEntries(values.map((value, i) => [`$${i + 1}`, value]));
    const rows: ForeignRow[] = [];
    await inSlices(values.length === 0 ? statement.iterate() : statement.iterate(named), (row) => {
      rows.push(row);
      if (rows.length > rowsAtMost) throw new Error('it has too many rows');
    });
    return rows;
  } finally {
    database.close();
  }
}
