/**
 * Edges on the mail hosts: who may pull rows, how far each is, and how it is. One enrols with a code that is good once;
 * from then on it has a token of its own. The table holds the SHA-256 of both. One within the daemon has neither.
 */
import type { Kysely, Selectable } from 'kysely';
import { MailferryError } from '../../base/errors.ts';
import type { HostReport } from '../../domain/host-report.ts';
import { appendAudit } from './audit.ts';
import { databaseNow } from './dialect.ts';
import { appendEvent } from './events.ts';
import { newId } from './new-id.ts';
import type { Side } from './servers.ts';
import type { EdgeTable, Tables } from './tables.ts';

export interface Edge {
  readonly id: string;
  readonly side: Side;
  readonly name: string;
  /** Null before it has enrolled. */
  readonly enrolledAtMs: number | null;
  /** Until its code runs out; null once it is used. */
  readonly codeUntilMs: number | null;
  /** All changes up to here are in force on its host. */
  readonly epoch: number;
  readonly seenAtMs: number | null;
  readonly version: string | null;
  /** What it says is wrong; empty where nothing is. */
  readonly health: readonly EdgeFinding[];
  /** What the doctor of its host found; null before it has looked. */
  readonly report: HostReport | null;
  /** When that was heard, by the database's clock. */
  readonly reportedAtMs: number | null;
}

export interface EdgeFinding {
  /** Of what part: `replica`, `transport`, `dovecot`, ... */
  readonly part: string;
  readonly text: string;
}

/** Gives the id. Throws `edge-exists`. */
export async function addEdge(
  db: Kysely<Tables>,
  edge: { readonly side: Side; readonly name: string; readonly codeHash: string; readonly codeForMs: number },
  actor: string,
  nowMs: number,
): Promise<string> {
  const { side, name, codeHash, codeForMs } = edge;
  return db.transaction().execute(async (inside) => {
    const id = newId(nowMs);
    const added = await inside
      .insertInto('edge')
      .values((eb) => ({
        id,
        side,
        name,
        code_hash: codeHash,
        code_until_ms: eb(databaseNow(inside), '+', codeForMs),
        token_hash: null,
        enrolled_at_ms: null,
        epoch: 0,
        seen_at_ms: null,
        version: null,
        health: '[]',
        created_at_ms: databaseNow(inside),
      }))
      .onConflict((conflict) => conflict.column('name').doNothing())
      .returning('id')
      .executeTakeFirst();
    if (added === undefined) throw new MailferryError('edge-exists', `there is an edge ${name} already`);
    await told(inside, actor, 'edge.add', id, { side, name });
    return id;
  });
}

/** Uses up the code. Throws `edge-code-refused`: unknown, used, run out. */
export async function enrolEdge(
  db: Kysely<Tables>,
  { codeHash, version }: { readonly codeHash: string; readonly version: string },
  tokenHashOf: (id: string) => string,
): Promise<Edge> {
  return db.transaction().execute(async (inside) => {
    const found = await inside
      .selectFrom('edge')
      .select('id')
      .where('code_hash', '=', codeHash)
      .where((eb) => eb('code_until_ms', '>', databaseNow(inside)))
      .executeTakeFirst();
    const row =
      found === undefined
        ? undefined
        : await inside
            .updateTable('edge')
            .set({
              code_hash: null,
              code_until_ms: null,
              token_hash: tokenHashOf(found.id),
              enrolled_at_ms: databaseNow(inside),
              seen_at_ms: databaseNow(inside),
              version,
            })
            .where('id', '=', found.id)
            // Of two that come with one code at once the second finds none.
            .where('code_hash', '=', codeHash)
            .returningAll()
            .executeTakeFirst();
    if (row === undefined) throw new MailferryError('edge-code-refused', 'this code is not in force');
    await told(inside, `edge:${row.name}`, 'edge.enrol', row.id, { side: row.side, version });
    return edgeOfRow(row);
  });
}

/**
 * An edge within the daemon itself, which has neither code nor token: that of this name from the start before, or a new one.
 * Gives the id. Throws `edge-exists` where another edge has the name.
 */
export async function registerInside(
  db: Kysely<Tables>,
  { side, name, version }: { readonly side: Side; readonly name: string; readonly version: string },
  actor: string,
  nowMs: number,
): Promise<string> {
  return db.transaction().execute(async (inside) => {
    const id = newId(nowMs);
    const added = await inside
      .insertInto('edge')
      .values({
        id,
        side,
        name,
        code_hash: null,
        code_until_ms: null,
        token_hash: null,
        enrolled_at_ms: databaseNow(inside),
        epoch: 0,
        seen_at_ms: databaseNow(inside),
        version,
        health: '[]',
        created_at_ms: databaseNow(inside),
      })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .returning('id')
      .executeTakeFirst();
    if (added !== undefined) {
      await told(inside, actor, 'edge.add', id, { side, name });
      return id;
    }
    const there = await inside
      .selectFrom('edge')
      .select('id')
      .where('name', '=', name)
      .where('side', '=', side)
      .where('enrolled_at_ms', 'is not', null)
      .where('token_hash', 'is', null)
      .executeTakeFirst();
    if (there === undefined)
      throw new MailferryError('edge-exists', `there is an edge ${name} already, and it is another one`);
    return there.id;
  });
}

/** Throws `edge-unknown` where it was removed. */
export async function checkKnown(db: Kysely<Tables>, id: string): Promise<void> {
  const found = await db.selectFrom('edge').select('id').where('id', '=', id).executeTakeFirst();
  if (found === undefined) throw new MailferryError('edge-unknown', 'this edge was removed');
}

/** The hash of its token beside it; null where there is no such edge or it has not enrolled. */
export async function enrolledEdge(
  db: Kysely<Tables>,
  id: string,
): Promise<(Edge & { readonly tokenHash: string }) | null> {
  const row = await db.selectFrom('edge').selectAll().where('id', '=', id).executeTakeFirst();
  return row?.token_hash == null ? null : { ...edgeOfRow(row), tokenHash: row.token_hash };
}

/** What an edge says of itself. An epoch below the one before counts: its replica was lost. */
export async function noteEdge(
  db: Kysely<Tables>,
  id: string,
  said: { readonly epoch: number; readonly version: string; readonly health: readonly EdgeFinding[] },
): Promise<void> {
  await db.transaction().execute(async (inside) => {
    const before = await inside.selectFrom('edge').selectAll().where('id', '=', id).executeTakeFirst();
    if (before === undefined) throw new MailferryError('edge-unknown', 'this edge was removed');
    const health = JSON.stringify(said.health);
    await inside
      .updateTable('edge')
      .set({ epoch: said.epoch, version: said.version, health, seen_at_ms: databaseNow(inside) })
      .where('id', '=', id)
      .execute();
    // Views want to know; that it is still there does not change anything.
    if (before.epoch === said.epoch && before.health === health) return;
    const detail = { epoch: said.epoch, findings: said.health.length };
    await appendEvent(inside, { kind: 'edge.state', subject: id, detail });
  });
}

/** What the doctor of its host found. Throws `edge-unknown`. */
export async function noteReport(db: Kysely<Tables>, id: string, report: HostReport): Promise<void> {
  await db.transaction().execute(async (inside) => {
    const before = await inside.selectFrom('edge').select('report').where('id', '=', id).executeTakeFirst();
    if (before === undefined) throw new MailferryError('edge-unknown', 'this edge was removed');
    await inside
      .updateTable('edge')
      .set({ report: JSON.stringify(report), reported_at_ms: databaseNow(inside) })
      .where('id', '=', id)
      .execute();
    // That it was looked at anew changes nothing for who looks on.
    if (before.report !== null && isSame(JSON.parse(before.report) as HostReport, report)) return;
    const detail = { doctor: true, findings: report.findings.length };
    await appendEvent(inside, { kind: 'edge.state', subject: id, detail });
  });
}

function isSame(before: HostReport, now: HostReport): boolean {
  return JSON.stringify({ ...before, lookedAtMs: 0 }) === JSON.stringify({ ...now, lookedAtMs: 0 });
}

/** In the order of their names. */
export async function allEdges(db: Kysely<Tables>): Promise<Edge[]> {
  return (await db.selectFrom('edge').selectAll().orderBy('name').execute()).map(edgeOfRow);
}

/** Its token is good for nothing any more. Throws `edge-unknown`. */
export async function removeEdge(db: Kysely<Tables>, id: string, actor: string): Promise<void> {
  await db.transaction().execute(async (inside) => {
    const gone = await inside.deleteFrom('edge').where('id', '=', id).returningAll().executeTakeFirst();
    if (gone === undefined) throw new MailferryError('edge-unknown', `there is no edge ${id}`);
    await told(inside, actor, 'edge.remove', id, { side: gone.side, name: gone.name });
  });
}

async function told(
  inside: Kysely<Tables>,
  actor: string,
  action: string,
  subject: string,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  await appendAudit(inside, { actor, action, subject, detail });
  await appendEvent(inside, { kind: action, subject, detail });
}

function edgeOfRow(row: Selectable<EdgeTable>): Edge {
  return {
    id: row.id,
    side: row.side as Side,
    name: row.name,
    enrolledAtMs: row.enrolled_at_ms,
    codeUntilMs: row.code_until_ms,
    epoch: row.epoch,
    seenAtMs: row.seen_at_ms,
    version: row.version,
    health: JSON.parse(row.health) as EdgeFinding[],
    report: row.report === null ? null : (JSON.parse(row.report) as HostReport),
    reportedAtMs: row.reported_at_ms,
  };
}

/** Names of the edges of new that have enrolled. */
export async function edgesOfNew(db: Kysely<Tables>): Promise<string[]> {
  const rows = await db
    .selectFrom('edge')
    .select('name')
    .where('side', '=', 'new')
    .where('enrolled_at_ms', 'is not', null)
    .orderBy('name')
    .execute();
  return rows.map(({ name }) => name);
}
