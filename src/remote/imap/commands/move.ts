/** UID MOVE (RFC 6851), or COPY, \Deleted and UID EXPUNGE where it is missing. COPYUID tells the new UIDs (RFC 4315 §3). */
import type { ChangeOutcome } from '../../../sync/mail-store.ts';
import type { ImapResponse, ResponseCode, UidRange } from '../../../wire/imap/response.ts';
import { mailboxArgument } from '../command-text.ts';
import { changeOutcome, type CommandContext } from './context.ts';
import { expunge } from './expunge.ts';
import { formatSpans, spansOf } from './uid-spans.ts';

type MoveOutcome = ChangeOutcome & {
  readonly uids?: readonly (readonly [from: number, to: number])[] | null;
};

export async function move(
  context: CommandContext,
  uids: readonly number[],
  to: string,
): Promise<MoveOutcome> {
  const { abilities } = context;
  if (!abilities.move && !abilities.uidPlus) {
    const text = 'the server has neither MOVE nor UIDPLUS';
    return { kind: 'refused', reason: { class: 'other', code: null, text } };
  }
  const pairs: (readonly [number, number])[] = [];
  let told = false;
  const note = (code: ResponseCode | null): void => {
    if (code === null || !('toUids' in code)) return;
    told = true;
    pairs.push(...zipRanges(code.fromUids, code.toUids));
  };
  // All in one command line: callers move one page of messages at a time (RFC 6851 allows no partial success to hide).
  const set = formatSpans(spansOf(uids), Number.POSITIVE_INFINITY)[0] ?? '';
  const verb = abilities.move ? 'UID MOVE' : 'UID COPY';
  const answer = await context.pipe.run(verb, [` ${set} `, ...mailboxArgument(to, abilities.literal)], {
    untagged: (response: ImapResponse) => {
      if (response.kind === 'condition') note(response.code);
      return response.kind === 'condition' || response.kind === 'expunge' || response.kind === 'vanished';
    },
  });
  note(answer.code);
  const outcome = changeOutcome(answer);
  if (outcome.kind === 'refused') return outcome;
  if (!abilities.move) {
    const removed = await expunge(context, uids);
    if (removed.kind === 'refused') return removed;
  }
  return { kind: 'done', uids: told ? pairs : null };
}

function zipRanges(from: readonly UidRange[], to: readonly UidRange[]): (readonly [number, number])[] {
  const flat = (ranges: readonly UidRange[]) => {
    const out: number[] = [];
    for (const [first, last] of ranges)
      for (let uid = first; uid <= last && out.length < 100_000; uid++) out.push(uid);
    return out;
  };
  const left = flat(from);
  const right = flat(to);
  return left.length === right.length ? left.map((uid, i) => [uid, right[i] ?? 0] as const) : [];
}
