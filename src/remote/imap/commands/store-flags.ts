/** UID STORE, silent (RFC 9051 §6.4.6). Only on the new side. */
import type { ChangeOutcome, Flags } from '../../../sync/mail-store.ts';
import { changeOutcome, type CommandContext, maxCommandBytes } from './context.ts';
import { formatSpans, spansOf } from './uid-spans.ts';

export async function storeFlags(
  context: CommandContext,
  uids: readonly number[],
  op: '+' | '-',
  flags: Flags,
): Promise<ChangeOutcome> {
  for (const set of formatSpans(spansOf(uids), maxCommandBytes)) {
    const line = ` ${set} ${op}FLAGS.SILENT (${flags.join(' ')})`;
    // With CONDSTORE the server still tells the new MODSEQ of each message.
    const answer = await context.pipe.run('UID STORE', [line], { untagged: (r) => r.kind === 'fetch' });
    const outcome = changeOutcome(answer);
    if (outcome.kind === 'refused') return outcome;
  }
  return { kind: 'done' };
}
