/** Accounts that are copied, or soon will be, and that nobody has asked to have made on new yet. */
import { type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import { databaseNow } from './dialect.ts';
import { askForNew } from './provisions.ts';
import type { Tables } from './tables.ts';

/** A start that is planned is prepared so long before. */
const beforehandMs = 10 * 60_000;
/**
 * Of those that are copied, looked at in one question: while a hundred thousand wait for their turn, nobody waits for all of
 * them to be looked through.
 */
const lookedAtOnce = 2_000;

/** They become due; others are made when somebody asks for them. */
export async function askForStarted(db: Kysely<Tables>): Promise<void> {
  const soon = sql<number>`${databaseNow(db)} + ${sql.lit(beforehandMs)}`;
  // Not by the index of phases: what is planned is short, and what is on old is long.
  const phase = sql<string>`account.phase || ''`;
  await askForNew(db, await idsOf(without(db).where('scheduled_for', '<', soon).where(phase, '=', 'old')));
  for (let after = ''; ; ) {
    const upTo = await lastCopied(db, after);
    if (upTo === null) return;
    const some = without(db)
      .where('phase', '=', 'copying')
      .where('address', '>', after)
      .where('address', '<=', upTo);
    await askForNew(db, await idsOf(some));
    after = upTo;
  }
}

/** The last address of the next accounts that are copied; null where there are none. By an index alone. */
async function lastCopied(db: Kysely<Tables>, after: string): Promise<string | null> {
  const { last } = await db
    .selectFrom((eb) =>
      eb
        .selectFrom('account')
        .select('address')
        .where('phase', '=', 'copying')
        .where('address', '>', after)
        .orderBy('address')
        .limit(lookedAtOnce)
        .as('next'),
    )
    .select(({ fn }) => fn.max('address').as('last'))
    .executeTakeFirstOrThrow();
  return last;
}

function without(db: Kysely<Tables>) {
  return db
    .selectFrom('account')
    .select('account.id')
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('provision')
            .select('provision.account_id')
            .whereRef('provision.account_id', '=', 'account.id'),
        ),
      ),
    )
    .limit(lookedAtOnce);
}

async function idsOf(question: SelectQueryBuilder<Tables, 'account', { id: string }>): Promise<string[]> {
  return (await question.execute()).map(({ id }) => id);
}
