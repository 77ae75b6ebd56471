/** From an error, or from what a pass found, to what stands at the account as wanting attention. Pure. */
import { MailferryError } from '../base/errors.ts';
import { troubleClassOf, troubleTable } from '../domain/trouble.ts';
import type { Attention } from '../state/database/account-notes.ts';
import type { CopyResult } from '../sync/index.ts';

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
  return full === undefined ? null : new MailferryError('over-quota', full.reason, { side: 'new' });
}
