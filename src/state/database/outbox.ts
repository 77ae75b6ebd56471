/**
 * What is to be sent to people and to other programs: written in the transaction that reads the event it is about, and
 * sent by whoever claims it. Several processes share it; the same cause makes one row only, for good.
 *
 *   event table, read from the counter `outbox` -> rows `waiting` -> claimed -> `sent`, or due again later, or `failed`
 */
import type { Kysely, Selectable } from 'kysely';
import { nextOf } from './counters.ts';
import { databaseNow } from './dialect.ts';
import { eventsSince, type LiveEventRow } from './events.ts';
import { newId } from './new-id.ts';
import type { OutboxTable, Tables } from './tables.ts';

export interface OutboxEntry {
  /** What it is about; a second one with the same is left out. */
  readonly cause: string;
  readonly kind: 'mail' | 'webhook';
  /** An account's id, or a webhook's. */
  readonly target: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface OutboxRow extends OutboxEntry {
  readonly id: string;
  /** This one included. */
  readonly attempts: number;
}

/** Of one transaction. */
const eventsAtOnce = 500;
/** A claim that was not settled by then is anybody's: longer than any deadline of a sending, and one is claimed at a time. */
const claimMs = 5 * 60_000;

/**
 * Reads on in the event table and writes what `entriesOf` makes of it. Gives the number of events; 0 where there is
 * nothing new. `nowMs` only orders ids.
 */
export async function gatherEvents(
  db: Kysely<Tables>,
  entriesOf: (inside: Kysely<Tables>, events: readonly LiveEventRow[]) => Promise<readonly OutboxEntry[]>,
  nowMs: number,
): Promise<number> {
  return db.transaction().execute(async (inside) => {
    // Locks the row: nobody else reads on before this transaction ends.
    const from = await nextOf(inside, 'outbox', 0);
    const events = await eventsSince(inside, from, eventsAtOnce);
    const last = events.at(-1);
    if (last === undefined) return 0;
    await addEntries(inside, await entriesOf(inside, events), nowMs);
    await inside.updateTable('counter').set({ value: last.id }).where('name', '=', 'outbox').execute();
    return events.length;
  });
}

export async function addEntries(
  inside: Kysely<Tables>,
  entries: readonly OutboxEntry[],
  nowMs: number,
): Promise<void> {
  if (entries.length === 0) return;
  await inside
    .insertInto('outbox')
    .values(
      entries.map(({ cause, kind, target, body }) => ({
        id: newId(nowMs),
        cause,
        kind,
        target,
        body: JSON.stringify(body),
        state: 'waiting',
        attempts: 0,
        due_ms: databaseNow(inside),
        last_error: null,
        created_at_ms: databaseNow(inside),
        tried_ms: null,
        answer: null,
      })),
    )
    .onConflict((conflict) => conflict.column('cause').doNothing())
    .execute();
}

/** The one that is due longest; until it is settled, or for five minutes, nobody else gets it. `except`: not for these. */
export async function claimNext(
  db: Kysely<Tables>,
  kind: OutboxEntry['kind'],
  except: readonly string[],
): Promise<OutboxRow | null> {
  for (;;) {
    let question = db
      .selectFrom('outbox')
      .select('id')
      .where('state', '=', 'waiting')
      .where('kind', '=', kind)
      .where('due_ms', '<=', databaseNow(db))
      // Held, until the webhook is on again.
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('webhook')
              .select('webhook.id')
              .whereRef('webhook.id', '=', 'outbox.target')
              .where('webhook.off_since_ms', 'is not', null),
          ),
        ),
      )
      .orderBy('due_ms')
      .limit(1);
    if (except.length > 0) question = question.where('target', 'not in', except);
    const due = await question.executeTakeFirst();
    if (due === undefined) return null;
    const row = await db
      .updateTable('outbox')
      .set((eb) => ({
        due_ms: eb(databaseNow(db), '+', claimMs),
        attempts: eb('attempts', '+', 1),
      }))
      .where('id', '=', due.id)
      // Looked at once more: somebody may have claimed it meanwhile.
      .where('due_ms', '<=', databaseNow(db))
      .where('state', '=', 'waiting')
      .returningAll()
      .executeTakeFirst();
    if (row !== undefined) return rowOf(row);
  }
}

/** What was sent is forgotten; that it was stays. `answer`: the HTTP status of a call. */
export async function settleSent(db: Kysely<Tables>, id: string, answer: number | null): Promise<void> {
  await db
    .updateTable('outbox')
    .set({ state: 'sent', body: '{}', answer, tried_ms: databaseNow(db), last_error: null })
    .where('id', '=', id)
    .execute();
}

/** `againMs` null: never again. `error` without secrets. */
export async function settleFailed(
  db: Kysely<Tables>,
  id: string,
  { error, answer }: { readonly error: string; readonly answer: number | null },
  againMs: number | null,
): Promise<void> {
  await db
    .updateTable('outbox')
    .set((eb) => ({
      state: againMs === null ? 'failed' : 'waiting',
      last_error: error.slice(0, 500),
      answer,
      tried_ms: databaseNow(db),
      due_ms: eb(databaseNow(db), '+', againMs ?? 0),
    }))
    .where('id', '=', id)
    .execute();
}

export interface WebhookCall {
  readonly id: string;
  readonly cause: string;
  readonly state: 'waiting' | 'sent' | 'failed';
  readonly attempts: number;
  readonly createdAtMs: number;
  /** The last try. */
  readonly triedMs: number | null;
  readonly answer: number | null;
  readonly error: string | null;
  /** Of one that waits. */
  readonly nextMs: number | null;
}

/** Newest first. `before`: the last id of the page before. */
export async function callsOf(
  db: Kysely<Tables>,
  webhook: string,
  { before, limit }: { readonly before: string | null; readonly limit: number },
): Promise<WebhookCall[]> {
  let question = db
    .selectFrom('outbox')
    .selectAll()
    .where('target', '=', webhook)
    .where('kind', '=', 'webhook')
    .orderBy('id', 'desc')
    .limit(limit);
  if (before !== null) question = question.where('id', '<', before);
  return (await question.execute()).map((row) => ({
    id: row.id,
    cause: row.cause,
    state: row.state as WebhookCall['state'],
    attempts: row.attempts,
    createdAtMs: row.created_at_ms,
    triedMs: row.tried_ms,
    answer: row.answer,
    error: row.last_error,
    nextMs: row.state === 'waiting' ? row.due_ms : null,
  }));
}

function rowOf(row: Selectable<OutboxTable>): OutboxRow {
  const { id, cause, target, attempts } = row;
  const body = JSON.parse(row.body) as Record<string, unknown>;
  return { id, cause, target, attempts, kind: row.kind as OutboxEntry['kind'], body };
}
