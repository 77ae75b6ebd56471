/** From an error, or from what a pass found, to what stands at the account as wanting attention. Pure. */
import { MailferryError } from '../base/errors.ts';
import { displayName } from '../domain/mailbox-mapping.ts';
import { troubleClassOf, troubleTable } from '../domain/trouble.ts';
import type { Attention } from '../state/database/account-notes.ts';
import type { CopyResult, VerifyResult } from '../sync/index.ts';

export function errorOf(error: unknown): MailferryError {
  if (error instanceof MailferryError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new MailferryError('internal', text, { cause: error });
}

export function attentionOf(error: MailferryError, nowMs: number): Attention {
  const { code, message, side } = error;
  const action = troubleTable[troubleClassOf(code)].action.en;
  return {
    code,
    reason: side === undefined ? message : `${side} server: ${message}`,
    action,
    sinceMs: nowMs,
  };
}

/** What a pass that came to its end nevertheless has to tell; the most important thing first. */
export function troubleIn(result: CopyResult): MailferryError | null {
  if (result.deletionsStopped !== null) {
    return new MailferryError('deletions-stopped', result.deletionsStopped, { side: 'old' });
  }
  const full = result.refused.find((row) => row.code === 'over-quota');
  if (full !== undefined) return new MailferryError('over-quota', full.reason, { side: 'new' });
  const removed = [...removedOnNew(result)].map(displayName);
  if (removed.length === 0) return null;
  const text = `removed on the new side, so what is in them on the old side is not copied: ${removed.join(', ')}`;
  return new MailferryError('mailbox-removed-on-new', text);
}

/** Old names of mailboxes that a person took away on new. */
export function removedOnNew({ problems }: Pick<CopyResult, 'problems'>): ReadonlySet<string> {
  const removed = problems.filter(({ code }) => code === 'mailbox-removed-on-new');
  return new Set(removed.map(({ mailbox }) => mailbox));
}

/** Messages that the check misses on new, apart from those of mailboxes that a person removed there: these are told. */
export function missingOf(
  { mailboxes }: Pick<VerifyResult, 'mailboxes'>,
  removed: ReadonlySet<string>,
): number {
  return mailboxes
    .filter(({ oldName }) => !removed.has(oldName))
    .flatMap(({ differences }) => differences)
    .filter((one) => one.class === 'missing-on-new').length;
}
