// compatible: adds tables, indexes, and columns that may be empty.
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { isPostgres } from '../dialect.ts';

/** Who the accounts belong to, how they are reached, what they log in with, and who may use the API. */
export const teams: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    const postgres = isPostgres(db);
    // Lists are read on by name and searched by how a name begins: byte order, as SQLite has it anyway.
    const text = postgres ? sql<never>`text collate "C"` : sql<never>`text`;
    await db.schema
      .createTable('team')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('name', text, (column) => column.notNull().unique())
      .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('domain')
      .addColumn('name', text, (column) => column.primaryKey())
      .addColumn('team_id', 'text')
      .addColumn('phase', 'text', (column) => column.notNull())
      .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('domain_team').on('domain').columns(['team_id', 'name']).execute();
    await db.schema
      .createTable('address')
      .addColumn('address', text, (column) => column.primaryKey())
      .addColumn('account_id', 'text', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('address_account').on('address').columns(['account_id']).execute();
    await widenAccount(db, postgres);
    await db.schema
      .createTable('server')
      .addColumn('side', 'text', (column) => column.primaryKey())
      .addColumn('host', 'text', (column) => column.notNull())
      .addColumn('port', 'integer', (column) => column.notNull())
      .addColumn('limits', 'text', (column) => column.notNull())
      .addColumn('capabilities', 'text')
      .addColumn('seen_at_ms', 'bigint')
      .execute();
    await db.schema
      .createTable('credential')
      .addColumn('owner', 'text', (column) => column.notNull())
      .addColumn('side', 'text', (column) => column.notNull())
      .addColumn('login', 'text', (column) => column.notNull())
      .addColumn('sealed', 'text', (column) => column.notNull())
      .addColumn('changed_at_ms', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('credential_key', ['owner', 'side'])
      .execute();
    await db.schema
      .createTable('api_token')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .addColumn('scopes', 'text', (column) => column.notNull())
      .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('last_used_ms', 'bigint')
      .addColumn('expires_at_ms', 'bigint')
      .addColumn('revoked_at_ms', 'bigint')
      .execute();
  },
};

async function widenAccount(db: Kysely<never>, postgres: boolean): Promise<void> {
  if (postgres) await sql`alter table account alter column address type text collate "C"`.execute(db);
  await db.schema.alterTable('account').addColumn('team_id', 'text').execute();
  await db.schema
    .alterTable('account')
    .addColumn('domain', postgres ? sql<never>`text collate "C"` : 'text')
    .execute();
  await db.schema.alterTable('account').addColumn('quota_bytes', 'bigint').execute();
  // Out of the JSON beside it, by the database itself: the two cannot disagree.
  await (postgres
    ? sql`alter table account add column attention_code text
          generated always as (attention::jsonb ->> 'code') stored`
    : sql`alter table account add column attention_code text
          generated always as (json_extract(attention, '$.code')) virtual`
  ).execute(db);
  const domain = postgres ? sql`split_part(address, '@', 2)` : sql`substr(address, instr(address, '@') + 1)`;
  await sql`update account set domain = ${domain} where address like '%@%'`.execute(db);
  await sql`insert into domain (name, phase, created_at_ms)
    select domain, 'relayed', min(created_at_ms) from account where domain is not null group by domain`.execute(
    db,
  );
  await sql`insert into address (address, account_id) select address, id from account`.execute(db);
  // One for each filter of a list, in the list's order.
  for (const column of ['team_id', 'domain', 'phase']) {
    await db.schema.createIndex(`account_by_${column}`).on('account').columns([column, 'address']).execute();
  }
  await sql`create index account_by_attention on account (attention_code, address)
    where attention_code is not null`.execute(db);
  await sql`create index account_paused on account (address) where paused is not null`.execute(db);
}
