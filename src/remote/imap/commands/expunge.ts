/** Removes exactly the named messages: \Deleted, then UID EXPUNGE (RFC 4315 §2.1). Never a plain EXPUNGE. */
import type { ChangeOutcome } from '../../../sync/mail-store.ts';
import { changeOutcome, type CommandContext, maxCommandBytes } from './context.ts';
import { storeFlags } from './store-flags.ts';
import { formatSpans, spansOf } from './uid-spans.ts';

export async function expunge(context: CommandContext, uids: readonly number[]): Promise<ChangeOutcome> {
  if (!context.abilities.uidPlus) {
    const text = 'the server has no UIDPLUS, so single messages cannot be removed safely';
    return { kind: 'refused', reason: { class: 'other', code: null, text } };
  }
  const marked = await storeFlags(context, uids, '+', ['\\Deleted']);
  if (marked.kind === 'refused') return marked;
  for (const set of formatSpans(spansOf(uids), maxCommandBytes)) {
    const answer = await context.pipe.run('UID EXPUNGE', [` ${set}`], {
      untagged: (r) => r.kind === 'expunge' || r.kind === 'vanished',
    });
    const outcome = changeOutcome(answer);
    if (outcome.kind === 'refused') return outcome;
  }
  return { kind: 'done' };
}
