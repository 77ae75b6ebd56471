/** Sends what is due: mails through a server that is handed in, webhooks by HTTP, signed. */
import { createHmac } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { type ErrorCode, errorTable } from '../../base/errors.ts';
import type { Secret } from '../../base/secret.ts';
import { accountPlace, accountView } from '../../state/database/account-list.ts';
import type { EnvelopeKey } from '../../state/database/envelope.ts';
import type { Database } from '../../state/database/open-database.ts';
import {
  claimNext,
  gatherEvents,
  type OutboxRow,
  settleFailed,
  settleSent,
} from '../../state/database/outbox.ts';
import { lastLocaleOf } from '../../state/database/sessions.ts';
import { subscribers } from '../../state/database/summary-mails.ts';
import { lacksPassword } from '../../state/database/missing-passwords.ts';
import { teamById } from '../../state/database/teams.ts';
import { webhookTarget } from '../../state/database/webhooks.ts';
import type { ControlLog } from '../control-context.ts';
import { callFaultOf } from './call-fault.ts';
import { entriesOf } from './entries-of.ts';
import type { RenderedMail } from './mail-page.ts';
import { type MailFacts, renderMail } from './render-mail.ts';
import { renderSummary } from './render-summary.ts';
import { teamFacts } from './team-facts.ts';

export interface OutgoingMail extends RenderedMail {
  readonly to: string;
  /** The same for each try: whoever gets two knows them for one. */
  readonly messageId: string;
}

/** Rejects where the server did not take it; `permanent` on the error where it never will. */
export type SendMail = (mail: OutgoingMail) => Promise<void>;

export interface SendOptions {
  readonly database: Database;
  readonly key: EnvelopeKey;
  readonly clock: Clock;
  readonly log: ControlLog;
  /** Null: mails are off. */
  readonly sendMail: SendMail | null;
  /** Of owners who never logged in. */
  readonly locale: 'de' | 'en';
  readonly publicUrl: string | null;
}

const minute = 60_000;
/** After each failed try; some two days in all. */
const backoffMs = [1, 5, 15, 60, 180, 360, 720, 1_440].map((n) => n * minute);
/** Of a program that is called. */
const callTimeoutMs = 10_000;

/**
 * One look: gathers what happened, and sends what is due of this kind, one after another. Mails and webhooks are errands
 * of their own: a program that never answers holds up nobody's mail. `over`: what is left is for the next start.
 */
export async function sendDue(
  options: SendOptions,
  kind: OutboxRow['kind'],
  over?: AbortSignal,
): Promise<void> {
  const { database, clock, sendMail } = options;
  const { db } = database;
  const mails = sendMail !== null;
  /** Programs that gave no answer: in this look they hold up the others no more. */
  const silent: string[] = [];
  for (;;) {
    if (over?.aborted === true) return;
    // Again each time: a look may last long.
    while ((await gatherEvents(db, (inside, events) => entriesOf(inside, events, mails), clock.now())) > 0);
    if (kind === 'mail' && !mails) return;
    const row = await claimNext(db, kind, silent);
    if (row === null) return;
    const answered = await sendOne(options, row);
    if (!answered && kind === 'webhook') silent.push(row.target);
  }
}

/** Says whether there was an answer, whatever it was. */
async function sendOne(options: SendOptions, row: OutboxRow): Promise<boolean> {
  const { database, log } = options;
  let answer: number | null;
  try {
    answer =
      row.kind !== 'mail'
        ? await callOne(options, row)
        : await (row.body.what === 'summary' ? summarise(options, row) : mailOne(options, row));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const permanent = (error as { readonly permanent?: unknown }).permanent === true;
    const againMs = permanent ? null : (backoffMs[row.attempts - 1] ?? null);
    log.warn({ outbox: row.id, kind: row.kind, attempts: row.attempts, reason, againMs }, 'not sent');
    const status = error instanceof Refused ? error.status : null;
    const kept = row.kind === 'webhook' && status === null ? callFaultOf(error) : reason;
    await settleFailed(database.db, row.id, { error: kept, answer: status }, againMs);
    return status !== null;
  }
  await settleSent(database.db, row.id, answer);
  return true;
}

/** The program that was called answered, but not that it took it. */
class Refused extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`it answered ${status}`);
    this.status = status;
  }
}

async function mailOne(options: SendOptions, { id, target, body }: OutboxRow): Promise<null> {
  const { database, sendMail, publicUrl } = options;
  // Given meanwhile: nobody is asked for it any more.
  if (body.what === 'password' && !(await lacksPassword(database.db, target))) return null;
  const view = await accountView(database.db, target);
  const facts: MailFacts = {
    what: body.what as MailFacts['what'],
    locale: (await lastLocaleOf(database.db, view.id)) ?? options.locale,
    address: view.address,
    messages: view.progress?.messagesDone ?? 0,
    refused: view.progress?.messagesRefused ?? 0,
    code: typeof body.code === 'string' && body.code in errorTable ? (body.code as ErrorCode) : null,
    isSecond: body.mail === 2,
    url: publicUrl,
  };
  await sendMail?.({ ...renderMail(facts), to: view.address, messageId: messageIdOf(id, publicUrl) });
  return null;
}

/** To somebody who looks after a team: what holds now, whenever it was written. */
async function summarise(options: SendOptions, { id, target: teamId, body }: OutboxRow): Promise<null> {
  const { database, sendMail, publicUrl } = options;
  const { db } = database;
  const { login, wave } = body;
  // Turned off meanwhile, or no longer theirs to see: nobody waits for it.
  if (typeof login !== 'string') return null;
  if (!(await subscribers(db)).some((one) => one.teamId === teamId && one.login === login)) return null;
  const account = await accountPlace(db, login);
  const locale = account === null ? null : await lastLocaleOf(db, account.id);
  const facts = {
    ...(await teamFacts(db, teamId)),
    locale: locale ?? options.locale,
    team: (await teamById(db, teamId)).name,
    teamId,
    wave: typeof wave === 'string' ? wave : null,
    url: publicUrl,
  };
  await sendMail?.({ ...renderSummary(facts), to: login, messageId: messageIdOf(id, publicUrl) });
  return null;
}

function messageIdOf(id: string, publicUrl: string | null): string {
  return `<${id}@${publicUrl === null ? 'mailferry.invalid' : new URL(publicUrl).hostname}>`;
}

/** Gives the HTTP status; null where nobody was called. */
async function callOne(
  { database, key, clock }: SendOptions,
  { target, body }: OutboxRow,
): Promise<number | null> {
  const hook = await webhookTarget(database.db, key, target);
  // Removed meanwhile: nobody waits for it.
  if (hook === null) return null;
  const text = JSON.stringify(body);
  const response = await fetch(hook.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'mailferry-signature': signature(hook.secret, text, Math.floor(clock.now() / 1000)),
    },
    body: text,
    // It was entered for this place, and for no other.
    redirect: 'error',
    signal: AbortSignal.timeout(callTimeoutMs),
  });
  // What it says is nobody's business: only that it took it.
  await response.body?.cancel();
  if (!response.ok) throw new Refused(response.status);
  return response.status;
}

/** `t=SECONDS,v1=HEX`: HMAC-SHA256 of `SECONDS.BODY`; a receiver refuses old times. */
export function signature(secret: Secret, body: string, seconds: number): string {
  const mac = createHmac('sha256', secret.reveal()).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${mac}`;
}
