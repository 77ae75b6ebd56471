/** What every command function gets. */
import type { StoreAbilities } from '../../../sync/mail-store.ts';
import type { Tagged } from '../command.ts';
import type { CommandPipe } from '../pipe.ts';
import { MailferryError } from '../../../base/errors.ts';
import type { ChangeOutcome } from '../../../sync/mail-store.ts';
import { refusal, throttling } from '../refusal.ts';

export interface CommandContext {
  readonly pipe: CommandPipe;
  readonly abilities: StoreAbilities;
  readonly side: 'old' | 'new';
  /** Capabilities that proved broken on this host; shared by all its sessions. */
  readonly broken: Set<string>;
  /** See `defaultWatchEveryMs`. */
  readonly watchEveryMs: number;
}

/** A command line above this is cut by many servers (8 KB is the common buffer, RFC 7162 §4 advises it). */
export const maxCommandBytes = 7000;

export function changeOutcome(answer: Tagged): ChangeOutcome {
  if (answer.status === 'OK') return { kind: 'done' };
  return { kind: 'refused', reason: refusal(answer.code, answer.text) };
}

/** Throws 'throttled' where the server asks for a pause. For commands whose other refusals are dealt with. */
export function throwIfThrottled(context: CommandContext, answer: Tagged): void {
  if (answer.status === 'OK') return;
  const error = throttling(answer.code, answer.text, context.side);
  if (error !== null) throw error;
}

/** Throws 'command-refused' unless the answer is OK. */
export function expectOk(context: CommandContext, name: string, answer: Tagged): void {
  if (answer.status === 'OK') return;
  throwIfThrottled(context, answer);
  const reason = refusal(answer.code, answer.text);
  const code = reason.class === 'temporary' ? 'server-unavailable' : 'command-refused';
  throw new MailferryError(code, `the ${context.side} server refused ${name}: ${reason.text}`, {
    side: context.side,
    serverText: reason.text,
  });
}
