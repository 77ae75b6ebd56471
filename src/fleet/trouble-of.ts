/** From an error, or from what a pass found, to what stands at the account as wanting attention. Pure. */
import { errorTable, MailferryError } from '../base/errors.ts';
import { displayName } from '../domain/mailbox-mapping.ts';
import { operatorAction, troubleClassOf } from '../domain/trouble.ts';
import type { Attention } from '../state/database/account-notes.ts';
import type { MailboxProblem, StandingProblem } from '../state/database/mailbox-problems.ts';
import type { CopyResult, VerifyResult } from '../sync/index.ts';

export function errorOf(error: unknown): MailferryError {
  if (error instanceof MailferryError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new MailferryError('internal', text, { cause: error });
}

export function attentionOf(error: MailferryError, nowMs: number): Attention {
  const { code, message, side } = error;
  const action = operatorAction(code).en;
  return {
    code,
    reason: side === undefined ? message : `${side} server: ${message}`,
    action,
    sinceMs: nowMs,
  };
}

/** Whether other secrets than those of this try might not have met with it. */
export function mayBeForOldSecrets({ code }: MailferryError): boolean {
  return ['wrong-password', 'locked', 'secret'].includes(troubleClassOf(code));
}

/** So many are kept of an account: a server may have any number of mailboxes that do not open. */
const problemsAtMost = 1_000;
/** Of a server's words in the report, characters. */
const reasonAtMost = 500;

/** Each mailbox once, with the first that was found wrong with it. */
export function problemsIn({ problems }: Pick<CopyResult, 'problems'>): MailboxProblem[] {
  const found = new Map<string, MailboxProblem>();
  for (const { mailbox, code, text } of problems) {
    if (found.size === problemsAtMost) break;
    if (!found.has(mailbox)) found.set(mailbox, { mailbox, code, reason: text.slice(0, reasonAtMost) });
  }
  return [...found.values()];
}

/** A mailbox that a server does not open right now may open soon: nobody is called before it lasted so long. */
const patienceMs = 5 * 60_000;
/** So many are named to a person; the report has all. */
const namedAtMost = 5;

/**
 * What a pass that came to its end nevertheless has to tell; the most important thing first. `standing` are the problems
 * of its mailboxes.
 */
export function troubleIn(
  result: CopyResult,
  standing: readonly StandingProblem[],
  nowMs: number,
): MailferryError | null {
  if (result.deletionsStopped !== null) {
    return new MailferryError('deletions-stopped', result.deletionsStopped, { side: 'old' });
  }
  const full = result.refused.find((row) => row.code === 'over-quota');
  if (full !== undefined) return new MailferryError('over-quota', full.reason, { side: 'new' });
  const missing = standing.filter(
    ({ code, sinceMs }) =>
      code !== 'mailbox-removed-on-new' &&
      (errorTable[code].retry !== 'later' || nowMs - sinceMs >= patienceMs),
  );
  if (missing.length > 0) {
    const code = missing.some((one) => one.code === 'mailbox-not-created')
      ? 'mailbox-not-created'
      : 'mailbox-unusable';
    const names = named(missing.map(({ mailbox, reason }) => `${displayName(mailbox)} (${reason})`));
    return new MailferryError(code, `these mailboxes are not carried over: ${names}`);
  }
  const removed = [...removedOnNew(result)].map(displayName);
  if (removed.length === 0) return null;
  const text = `removed on the new side, so what is in them on the old side is not copied: ${named(removed)}`;
  return new MailferryError('mailbox-removed-on-new', text);
}

function named(texts: readonly string[]): string {
  const more = texts.length - namedAtMost;
  return `${texts.slice(0, namedAtMost).join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}

/**
 * Mailboxes that the check of this pass leaves out, because it would end at them: they are told by themselves. INBOX is
 * never among them: without it nothing is in step.
 */
export function leftOutOfCheck({ problems }: Pick<CopyResult, 'problems'>): ReadonlySet<string> {
  const names = problems.map(({ mailbox }) => mailbox);
  return new Set(names.filter((name) => name !== 'INBOX'));
}

/** Whether another pass may well bring what this one did not. */
export function mayPassByItself({ problems }: Pick<CopyResult, 'problems'>): boolean {
  return problems.some(({ code }) => errorTable[code].retry === 'later');
}

/** Whether something is left that a later pass may bring though old tells nothing new: a full account, a shut mailbox. */
export function waitsForAnotherPass({
  problems,
  refused,
}: Pick<CopyResult, 'problems' | 'refused'>): boolean {
  return (
    problems.some(({ code }) => code !== 'mailbox-removed-on-new') ||
    refused.some(({ code }) => code === 'over-quota')
  );
}

/**
 * Milliseconds to that pass, after `passes` for it in vain: a minute, doubled, up to the clock's own pace. Where a whole
 * server is full, all its accounts look again.
 */
export function anotherPassMs(passes: number, pollMs: number): number {
  return Math.min(pollMs, 60_000 * 2 ** Math.min(passes, 20));
}

/** What keeps an account from being in step though nothing else is missing: an INBOX that is not carried over. */
export function inboxTrouble({ problems }: Pick<CopyResult, 'problems'>): MailferryError | null {
  const inbox = problems.find(({ mailbox }) => mailbox === 'INBOX');
  return inbox === undefined ? null : new MailferryError(inbox.code, `INBOX: ${inbox.text}`);
}

function removedOnNew({ problems }: Pick<CopyResult, 'problems'>): ReadonlySet<string> {
  const removed = problems.filter(({ code }) => code === 'mailbox-removed-on-new');
  return new Set(removed.map(({ mailbox }) => mailbox));
}

/**
 * Messages that the check after a pass misses on new. Not those in mailboxes that a person removed there, which are told
 * by themselves, nor those that came after the pass: where mail comes all the time, no check would ever agree.
 */
export function missingOf(
  found: Pick<VerifyResult, 'mailboxes'>,
  pass: Pick<CopyResult, 'mailboxes' | 'problems'>,
): number {
  const removed = removedOnNew(pass);
  const seenBelow = new Map(pass.mailboxes.map(({ row }) => [row.oldName, row.oldMark?.uidNext]));
  return found.mailboxes
    .filter(({ oldName }) => !removed.has(oldName))
    .flatMap(({ oldName, differences }) => {
      const end = seenBelow.get(oldName) ?? Number.POSITIVE_INFINITY;
      return differences.filter((one) => one.class === 'missing-on-new' && (one.oldUid ?? 0) < end);
    }).length;
}
