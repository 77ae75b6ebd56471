/** SELECT and EXAMINE (RFC 9051 §6.3.2, §6.3.3). EXAMINE on the old side: it cannot set a flag there. */
import { isMailferryError, MailferryError } from '../../../base/errors.ts';
import type { SelectedMailbox } from '../../../sync/mail-store.ts';
import type { ImapResponse } from '../../../wire/imap/response.ts';
import { mailboxArgument } from '../command-text.ts';
import { refusal } from '../refusal.ts';
import { type CommandContext, throwIfThrottled } from './context.ts';
import { status } from './status.ts';

interface Gathered {
  messages: number;
  uidNext: number;
  uidValidity: number;
  highestModSeq: bigint | null;
  mailboxId: string | null;
  permanentFlags: readonly string[] | null;
}

export async function select(
  context: CommandContext,
  name: string,
  mode: 'read' | 'write',
): Promise<SelectedMailbox> {
  const got: Gathered = {
    messages: 0,
    uidNext: 0,
    uidValidity: 0,
    highestModSeq: null,
    mailboxId: null,
    permanentFlags: null,
  };
  const condStore = context.abilities.condStore ? ' (CONDSTORE)' : '';
  const verb = mode === 'read' ? 'EXAMINE' : 'SELECT';
  const answer = await context.pipe.run(
    verb,
    [' ', ...mailboxArgument(name, context.abilities.literal), condStore],
    { untagged: (response) => gather(got, response) },
  );
  if (answer.status !== 'OK') {
    throwIfThrottled(context, answer);
    const reason = refusal(answer.code, answer.text);
    throw new MailferryError(
      'mailbox-unusable',
      `the ${context.side} server does not open the mailbox: ${reason.text}`,
      {
        side: context.side,
        serverText: reason.text,
      },
    );
  }
  const { permanentFlags, ...numbers } = got;
  // Courier leaves UIDNEXT out of SELECT, though its STATUS knows it.
  if (numbers.uidNext === 0) numbers.uidNext = await uidNextByStatus(context, name);
  return {
    name,
    status: { ...numbers, sizeBytes: null },
    permanentFlags,
    readOnly: mode === 'read' || answer.code?.name === 'READ-ONLY',
  };
}

async function uidNextByStatus(context: CommandContext, name: string): Promise<number> {
  try {
    return (await status(context, name)).uidNext;
  } catch (error) {
    if (isMailferryError(error, 'mailbox-unusable')) return 0;
    throw error;
  }
}

function gather(got: Gathered, response: ImapResponse): boolean {
  if (response.kind === 'exists') {
    got.messages = response.number;
    return true;
  }
  if (response.kind === 'recent' || response.kind === 'flags') return true;
  if (response.kind !== 'condition' || response.code === null) return response.kind === 'condition';
  const code = response.code;
  if (code.name === 'UIDNEXT' && 'value' in code) got.uidNext = Number(code.value);
  else if (code.name === 'UIDVALIDITY' && 'value' in code) got.uidValidity = Number(code.value);
  else if (code.name === 'HIGHESTMODSEQ' && 'value' in code) {
    got.highestModSeq = typeof code.value === 'bigint' && code.value > 0n ? code.value : null;
  } else if (code.name === 'MAILBOXID' && 'id' in code) got.mailboxId = code.id;
  else if (code.name === 'PERMANENTFLAGS' && 'flags' in code) got.permanentFlags = code.flags;
  return true;
}
