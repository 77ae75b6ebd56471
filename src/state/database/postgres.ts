/** The daemon's database on PostgreSQL: a pool of connections whose numbers are numbers. */
import { type Dialect, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Secret } from '../../base/secret.ts';
import { cutSilentConnections } from './silent-connection.ts';

const connectTimeoutMs = 10_000;
const poolSize = 10;
/** A process that is stopped in the middle of a transaction holds its locks no longer than this. */
const idleInTransactionMs = 10_000;
/** PostgreSQL's type of BIGINT, which pg gives as text for fear of numbers above 2^53. */
const int8 = 20;

/** Connects nothing yet. `url` holds no password, or `password` replaces it. */
export function openPool(url: string, password: Secret | undefined, size = poolSize): pg.Pool {
  const config = postgresConfig(url, password);
  const pool = new pg.Pool({ ...config, max: size });
  // A connection that ends while idle is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined);
  // The same while it is in use: what is waiting for it is told by its own query.
  pool.on('connect', (client) => client.on('error', () => undefined));
  cutSilentConnections(pool, config);
  return pool;
}

/** As for one connection. */
export function postgresConfig(url: string, password: Secret | undefined): pg.ClientConfig {
  return {
    connectionString: password === undefined ? url : withPassword(url, password),
    connectionTimeoutMillis: connectTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    application_name: 'mailferry',
    types: { getTypeParser: parserOf },
  };
}

export function postgresDialect(pool: pg.Pool): Dialect {
  return new PostgresDialect({ pool });
}

/** pg lets an address without a password win over a password beside it, so it has to stand inside. */
function withPassword(url: string, password: Secret): string {
  const whole = new URL(url);
  whole.password = '';
  whole.searchParams.set('password', password.reveal());
  return whole.href;
}

const parserOf: typeof pg.types.getTypeParser = (type: number, format?: 'text' | 'binary') =>
  type === int8
    ? safeInteger
    : (pg.types.getTypeParser as (oid: number, format?: string) => never)(type, format);

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} does not fit a number`);
  return value;
}
