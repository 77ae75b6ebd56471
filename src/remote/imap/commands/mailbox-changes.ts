/** CREATE, RENAME, DELETE, SUBSCRIBE (RFC 9051 §6.3.4 to §6.3.7; USE: RFC 6154 §3). Only on the new side. */
import type { ChangeOutcome } from '../../../sync/mail-store.ts';
import { mailboxArgument } from '../command-text.ts';
import { changeOutcome, type CommandContext } from './context.ts';

const useAttribute: Readonly<Record<string, string>> = {
  sent: '\\Sent',
  drafts: '\\Drafts',
  trash: '\\Trash',
  junk: '\\Junk',
  archive: '\\Archive',
};

export async function create(
  context: CommandContext,
  name: string,
  specialUse: string | null,
): Promise<ChangeOutcome> {
  const box = mailboxArgument(name, context.abilities.literal);
  const use = specialUse === null ? undefined : useAttribute[specialUse];
  if (use !== undefined && context.abilities.createSpecialUse) {
    const answer = await context.pipe.run('CREATE', [' ', ...box, ` (USE (${use}))`]);
    // A server may know the word and not this use; the mailbox is what matters.
    if (answer.status === 'OK' || changeClass(answer) === 'exists') return changeOutcome(answer);
  }
  return changeOutcome(await context.pipe.run('CREATE', [' ', ...box]));
}

function changeClass(answer: Parameters<typeof changeOutcome>[0]): string | null {
  const outcome = changeOutcome(answer);
  return outcome.kind === 'refused' ? outcome.reason.class : null;
}

export async function rename(context: CommandContext, from: string, to: string): Promise<ChangeOutcome> {
  const { literal } = context.abilities;
  const parts = [' ', ...mailboxArgument(from, literal), ' ', ...mailboxArgument(to, literal)];
  return changeOutcome(await context.pipe.run('RENAME', parts));
}

export async function remove(context: CommandContext, name: string): Promise<ChangeOutcome> {
  return changeOutcome(
    await context.pipe.run('DELETE', [' ', ...mailboxArgument(name, context.abilities.literal)]),
  );
}

export async function subscribe(context: CommandContext, name: string): Promise<ChangeOutcome> {
  return changeOutcome(
    await context.pipe.run('SUBSCRIBE', [' ', ...mailboxArgument(name, context.abilities.literal)]),
  );
}
