/**
 * APPEND and MULTIAPPEND (RFC 9051 §6.3.12, RFC 3502). One call is one command: all its messages are stored or none.
 *
 * Literals: `{n+}` where the server has LITERAL+ (LITERAL- up to 4096 octets, RFC 7888 §4). A message above 1 MB goes
 * by synchronising literal unless the server names a limit that it keeps: one round trip is nothing there, and a
 * refusal then costs no transfer (F-08).
 */
import type { AppendMessage, AppendOutcome, StoreAbilities } from '../../../sync/mail-store.ts';
import type { ResponseCode } from '../../../wire/imap/response.ts';
import { mailboxArgument } from '../command-text.ts';
import type { CommandPart, LiteralPart, Tagged } from '../command.ts';
import { refusal } from '../refusal.ts';
import type { CommandContext } from './context.ts';
import { select } from './select.ts';

const bigMessageBytes = 1024 * 1024;
const literalMinusBytes = 4096;

export async function append(
  context: CommandContext,
  name: string,
  messages: readonly AppendMessage[],
): Promise<AppendOutcome> {
  const { abilities } = context;
  const limit = abilities.appendLimitBytes;
  const over = limit === null ? undefined : messages.find((m) => m.sizeBytes > limit);
  if (over !== undefined) {
    const text = `the message has ${over.sizeBytes} octets, the server takes ${limit}`;
    return { kind: 'refused', reason: { class: 'too-large', code: null, text } };
  }
  const parts: CommandPart[] = [' ', ...mailboxArgument(name, abilities.literal)];
  for (const message of messages) {
    const flags = message.flags.length > 0 ? ` (${message.flags.join(' ')})` : '';
    const date = message.internalDate === null ? '' : ` "${message.internalDate}"`;
    parts.push(`${flags}${date} `, literalOf(message, abilities));
  }
  const progress = { literalStarted: false };
  try {
    let answer = await context.pipe.run('APPEND', parts, { progress });
    if (isOpenForReading(answer) && !progress.literalStarted) {
      await select(context, name, 'write');
      answer = await context.pipe.run('APPEND', parts, { progress });
    }
    if (answer.status === 'OK') return stored(answer.code, messages.length);
    return { kind: 'refused', reason: refusal(answer.code, answer.text) };
  } catch (cause) {
    // Before the first literal byte nothing can have been stored; but a dead connection is told to the caller anyhow.
    if (!progress.literalStarted) throw cause;
    return { kind: 'unknown', cause };
  }
}

/** Courier 5.0, of the mailbox that is open by EXAMINE: `NO Current box is selected READ-ONLY.` */
function isOpenForReading(answer: Tagged): boolean {
  return answer.status === 'NO' && /box is selected read-only/i.test(answer.text);
}

function literalOf(message: AppendMessage, abilities: StoreAbilities): LiteralPart {
  const { sizeBytes, binary, body } = message;
  const synchronising =
    abilities.literal === 'synchronising' ||
    (abilities.literal === 'minus' && sizeBytes > literalMinusBytes) ||
    (abilities.appendLimitBytes === null && sizeBytes > bigMessageBytes);
  return { sizeBytes, synchronising, binary, body };
}

/** APPENDUID (RFC 4315 §3) is believed only where it is whole: one UID per message, ascending, a UIDVALIDITY. */
function stored(code: ResponseCode | null, count: number): AppendOutcome {
  const nothing: AppendOutcome = { kind: 'stored', uidValidity: null, uids: null };
  if (code === null || !('uids' in code) || !('uidValidity' in code) || code.uidValidity <= 0) return nothing;
  const uids: number[] = [];
  for (const [first, last] of code.uids) {
    if (first <= 0 || last - first >= count) return nothing;
    for (let uid = first; uid <= last; uid++) uids.push(uid);
  }
  const ascending = uids.every((uid, i) => i === 0 || uid > (uids[i - 1] ?? 0));
  if (uids.length !== count || !ascending) return nothing;
  return { kind: 'stored', uidValidity: code.uidValidity, uids };
}
