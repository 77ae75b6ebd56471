/** Programs that are told when an account changes its phase. Their secrets are sealed. */
import type { Kysely } from 'kysely';
import { MailferryError } from '../../base/errors.ts';
import type { Secret } from '../../base/secret.ts';
import { appendAudit, type AuditEntry } from './audit.ts';
import { databaseNow } from './dialect.ts';
import type { EnvelopeKey } from './envelope.ts';
import { appendEvent } from './events.ts';
import { newId } from './new-id.ts';
import type { Tables } from './tables.ts';

export interface Webhook {
  readonly id: string;
  readonly url: string;
  readonly createdBy: string;
  readonly createdAtMs: number;
  /** Off: nothing is sent to it. */
  readonly on: boolean;
}

/** Each event is sent to all. */
const maxWebhooks = 20;

export async function webhooks(db: Kysely<Tables>): Promise<Webhook[]> {
  const rows = await db.selectFrom('webhook').selectAll().orderBy('id').execute();
  return rows.map((row) => ({
    id: row.id,
    url: row.url,
    createdBy: row.created_by,
    createdAtMs: row.created_at_ms,
    on: row.off_since_ms === null,
  }));
}

/** Gives the id. Throws `request-invalid` where there are too many. `nowMs` only orders ids. */
export async function addWebhook(
  db: Kysely<Tables>,
  key: EnvelopeKey,
  { url, secret }: { readonly url: string; readonly secret: Secret },
  actor: string,
  nowMs: number,
): Promise<string> {
  const id = newId(nowMs);
  await db.transaction().execute(async (inside) => {
    if ((await webhooks(inside)).length >= maxWebhooks) {
      throw new MailferryError('request-invalid', `there are ${maxWebhooks} webhooks already`);
    }
    const sealed = key.seal(secret, id, 'webhook.secret');
    await inside
      .insertInto('webhook')
      .values({ id, url, sealed, created_by: actor, created_at_ms: databaseNow(inside), off_since_ms: null })
      .execute();
    await appendAudit(inside, { actor, action: 'webhook.add', subject: id, detail: { url } });
    await appendEvent(inside, { kind: 'webhook.add', subject: id, detail: {} });
  });
  return id;
}

/** Throws `webhook-unknown`. */
export async function removeWebhook(db: Kysely<Tables>, id: string, actor: string): Promise<void> {
  await db.transaction().execute(async (inside) => {
    const removed = await inside
      .deleteFrom('webhook')
      .where('id', '=', id)
      .returning('url')
      .executeTakeFirst();
    if (removed === undefined) throw new MailferryError('webhook-unknown', `there is no webhook ${id}`);
    await appendAudit(inside, { actor, action: 'webhook.remove', subject: id, detail: { url: removed.url } });
    await appendEvent(inside, { kind: 'webhook.remove', subject: id, detail: {} });
  });
}

/**
 * Off: what happens meanwhile is not told later; calls that wait go on waiting until it is on again. Throws
 * `webhook-unknown`.
 */
export async function switchWebhook(
  db: Kysely<Tables>,
  id: string,
  on: boolean,
  actor: string,
): Promise<void> {
  await changeWebhook(db, id, { actor, action: 'webhook.switch', detail: { on } }, async (inside) => {
    await inside
      .updateTable('webhook')
      .set({ off_since_ms: on ? null : databaseNow(inside) })
      .where('id', '=', id)
      .execute();
  });
}

/** From now on calls are signed with this one, those that wait too. Throws `webhook-unknown`. */
export async function replaceWebhookSecret(
  db: Kysely<Tables>,
  key: EnvelopeKey,
  id: string,
  secret: Secret,
  actor: string,
): Promise<void> {
  await changeWebhook(db, id, { actor, action: 'webhook.secret', detail: {} }, async (inside) => {
    const sealed = key.seal(secret, id, 'webhook.secret');
    await inside.updateTable('webhook').set({ sealed }).where('id', '=', id).execute();
  });
}

async function changeWebhook(
  db: Kysely<Tables>,
  id: string,
  { actor, action, detail }: Pick<AuditEntry, 'actor' | 'action' | 'detail'>,
  change: (inside: Kysely<Tables>) => Promise<void>,
): Promise<void> {
  await db.transaction().execute(async (inside) => {
    const found = await inside.selectFrom('webhook').select('url').where('id', '=', id).executeTakeFirst();
    if (found === undefined) throw new MailferryError('webhook-unknown', `there is no webhook ${id}`);
    await change(inside);
    await appendAudit(inside, { actor, action, subject: id, detail: { url: found.url, ...detail } });
    await appendEvent(inside, { kind: action, subject: id, detail });
  });
}

/** Null where it was removed. Throws `secret-unreadable`. */
export async function webhookTarget(
  db: Kysely<Tables>,
  key: EnvelopeKey,
  id: string,
): Promise<{ readonly url: string; readonly on: boolean; readonly secret: Secret } | null> {
  const row = await db
    .selectFrom('webhook')
    .select(['url', 'sealed', 'off_since_ms'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    url: row.url,
    on: row.off_since_ms === null,
    secret: key.open(row.sealed, id, 'webhook.secret'),
  };
}
