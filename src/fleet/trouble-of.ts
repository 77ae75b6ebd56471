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
