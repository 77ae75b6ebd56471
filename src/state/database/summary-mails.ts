/** Who asked for a mail about their team, and what it told them last. */
import type { Kysely } from 'kysely';
import type { ErrorCode } from '../../base/errors.ts';
import { appendAudit } from './audit.ts';
import { databaseNow } from './dialect.ts';
import { addEntries, type OutboxEntry } from './outbox.ts';
import type { Tables } from './tables.ts';

export interface Subscriber {
  readonly teamId: string;
  readonly login: string;
  readonly sinceMs: number;
  /** As `addSummary` was given it; null before the first. */
  readonly lastTold: string | null;
}

/** Whether this person asked for it. */
export async function wantsSummary(db: Kysely<Tables>, teamId: string, login: string): Promise<boolean> {
  const row = await db
    .selectFrom('summary_mail')
    .select('login')
    .where('team_id', '=', teamId)
    .where('login', '=', login)
    .executeTakeFirst();
  return row !== undefined;
}

/** Asking twice is asking once. */
export async function setWantsSummary(
  db: Kysely<Tables>,
  { teamId, login, wants }: { readonly teamId: string; readonly login: string; readonly wants: boolean },
  actor: string,
): Promise<void> {
  await db.transaction().execute(async (inside) => {
    if ((await wantsSummary(inside, teamId, login)) === wants) return;
    if (wants) {
      const row = { team_id: teamId, login, since_ms: databaseNow(inside), last_told: null };
      await inside.insertInto('summary_mail').values(row).execute();
    } else {
      await inside
        .deleteFrom('summary_mail')
        .where('team_id', '=', teamId)
        .where('login', '=', login)
        .execute();
    }
    await appendAudit(inside, {
      actor,
      action: 'team.summary-mail',
      subject: teamId,
      detail: { login, wants },
    });
  });
}

/** Those who may still see the team. */
export async function subscribers(db: Kysely<Tables>): Promise<Subscriber[]> {
  const rows = await db
    .selectFrom('summary_mail as s')
    .innerJoin('team_person as p', (join) =>
      join.onRef('p.team_id', '=', 's.team_id').onRef('p.login', '=', 's.login'),
    )
    .selectAll('s')
    .orderBy('s.team_id')
    .orderBy('s.login')
    .execute();
  return rows.map((row) => ({
    teamId: row.team_id,
    login: row.login,
    sinceMs: row.since_ms,
    lastTold: row.last_told,
  }));
}

/**
 * Waves of the team that were started whole after `sinceMs`, and of whose accounts none is on its way any more: each is
 * in step or farther, paused, or wants a person (`asking`).
 */
export async function endedWaves(
  db: Kysely<Tables>,
  { teamId, sinceMs }: Pick<Subscriber, 'teamId' | 'sinceMs'>,
  asking: readonly ErrorCode[],
): Promise<{ readonly id: string; readonly name: string }[]> {
  return db
    .selectFrom('wave')
    .select(['wave.id', 'wave.name'])
    .where('wave.team_id', '=', teamId)
    .where('wave.state', '=', 'done')
    .where('wave.last_start_ms', '>=', sinceMs)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('wave_account as w')
            .innerJoin('account', 'account.id', 'w.account_id')
            .select('account.id')
            .whereRef('w.wave_id', '=', 'wave.id')
            .where('account.phase', 'in', ['old', 'copying'])
            .where('account.paused', 'is', null)
            .where((eb) =>
              eb.or([
                eb('account.attention_code', 'is', null),
                eb('account.attention_code', 'not in', asking),
              ]),
            ),
        ),
      ),
    )
    .orderBy('wave.id')
    .limit(100)
    .execute();
}

/** Which of these were written already. */
export async function writtenCauses(
  db: Kysely<Tables>,
  causes: readonly string[],
): Promise<ReadonlySet<string>> {
  if (causes.length === 0) return new Set();
  const rows = await db.selectFrom('outbox').select('cause').where('cause', 'in', causes).execute();
  return new Set(rows.map(({ cause }) => cause));
}

/**
 * Writes the mail and what it tells, in one transaction; nothing where somebody else told this one anything since it was
 * read: several controls may look at once, and nobody gets the same news twice. `nowMs` orders ids.
 */
export async function addSummary(
  db: Kysely<Tables>,
  { teamId, login, lastTold }: Pick<Subscriber, 'teamId' | 'login' | 'lastTold'>,
  entry: OutboxEntry,
  told: string,
  nowMs: number,
): Promise<void> {
  await db.transaction().execute(async (inside) => {
    const own = await inside
      .updateTable('summary_mail')
      .set({ last_told: told })
      .where('team_id', '=', teamId)
      .where('login', '=', login)
      .where('last_told', lastTold === null ? 'is' : '=', lastTold)
      .executeTakeFirst();
    if (own.numUpdatedRows > 0n) await addEntries(inside, [entry], nowMs);
  });
}
