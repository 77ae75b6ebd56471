/** Which events are told to whom. Reads what it needs; decides nothing about sending. */
import type { Kysely } from 'kysely';
import { type ErrorCode, errorTable } from '../../base/errors.ts';
import { troubleClassOf, troubleTable } from '../../domain/trouble.ts';
import type { LiveEventRow } from '../../state/database/events.ts';
import type { OutboxEntry } from '../../state/database/outbox.ts';
import type { Tables } from '../../state/database/tables.ts';
import { webhooks } from '../../state/database/webhooks.ts';
import { timeText } from '../presenters/time.ts';

/**
 * Mails go to owners of accounts that somebody chose a way for, in the portal: who copies a hundred thousand accounts by
 * the command line does not write to their owners. `mails` false: none at all.
 */
export async function entriesOf(
  db: Kysely<Tables>,
  events: readonly LiveEventRow[],
  mails: boolean,
): Promise<OutboxEntry[]> {
  const told = events.filter(({ kind }) => kind === 'account.phase' || kind === 'account.notes');
  if (told.length === 0) return [];
  const hooks = (await webhooks(db)).filter(({ on }) => on);
  const accounts = await accountsOf(db, [...new Set(told.map(({ subject }) => subject))]);
  return told.flatMap((event) => {
    const account = accounts.get(event.subject);
    if (account === undefined) return [];
    const mail = mails && account.chosen ? mailFor(event) : null;
    const calls =
      event.kind === 'account.phase' ? hooks.map(({ id }) => callFor(event, id, account.address)) : [];
    return mail === null ? calls : [mail, ...calls];
  });
}

function mailFor({ kind, subject, detail, atMs }: LiveEventRow): OutboxEntry | null {
  const entry = (what: string, once: string) =>
    ({ cause: `mail:${subject}:${once}`, kind: 'mail', target: subject, body: { what } }) as const;
  if (kind === 'account.phase') {
    // Once for each account: beginning again after a changed UIDVALIDITY is nothing for its owner.
    if (detail.event === 'start') return entry('started', 'started');
    return detail.to === 'in-step' && detail.event === 'agree' ? entry('in-step', 'in-step') : null;
  }
  const code = (detail.attention as { readonly code?: unknown } | null | undefined)?.code;
  if (typeof code !== 'string' || !(code in errorTable)) return null;
  if (!troubleTable[troubleClassOf(code as ErrorCode)].asks) return null;
  // Trouble that comes and goes writes one mail a day.
  const once = `trouble:${code}:${timeText(atMs).slice(0, 10)}`;
  return { ...entry('trouble', once), body: { what: 'trouble', code } };
}

function callFor({ id, atMs, subject, detail }: LiveEventRow, hook: string, address: string): OutboxEntry {
  const { event, from, to } = detail;
  const body = {
    id,
    type: 'account.phase',
    at: timeText(atMs),
    account: { id: subject, address },
    event,
    from,
    to,
  };
  return { cause: `webhook:${hook}:${id}`, kind: 'webhook', target: hook, body };
}

async function accountsOf(db: Kysely<Tables>, ids: readonly string[]) {
  const rows = await db
    .selectFrom('account')
    .select(['id', 'address', 'choice'])
    .where('id', 'in', ids)
    .execute();
  return new Map(rows.map(({ id, address, choice }) => [id, { address, chosen: choice !== null }]));
}
