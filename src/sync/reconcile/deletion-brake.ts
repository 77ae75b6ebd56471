/**
 * When so much vanishes at once that a fault is likelier than a wish (a wrong backend, an empty disk, a mailbox deleted
 * by mistake), deletions stop and a person is asked (F-32). Pure.
 */
import { displayName } from '../../domain/mailbox-mapping.ts';

export interface VanishedCount {
  /** Raw, on old. */
  readonly mailbox: string;
  /** Rows of the ledger for this mailbox. */
  readonly known: number;
  /** Of these, gone on old and not moved elsewhere. */
  readonly vanished: number;
  /** The mailbox itself is gone. */
  readonly mailboxGone: boolean;
  /** Trash and Junk are emptied all the time; they do not count. */
  readonly emptiedOften: boolean;
}

/** More than this share and more than this many of the account's messages stop deletions. */
export const brakeShare = 0.05;
export const brakeMessages = 50;
/** A mailbox of up to ten messages is emptied by hand; a larger one that is empty all at once is looked at by a person. */
export const brakeWholeMailbox = 10;

/** Why deletions stop, in plain words, or null when they may go on. */
export function deletionBrake(counts: readonly VanishedCount[]): string | null {
  const counted = counts.filter((c) => !c.emptiedOften);
  const known = counts.reduce((sum, c) => sum + c.known, 0);
  const vanished = counted.reduce((sum, c) => sum + c.vanished, 0);
  if (vanished > brakeMessages && vanished > known * brakeShare) {
    return `${number(vanished)} of ${messages(known)} vanished on the old side at once`;
  }
  if (known > 0 && counts.every((c) => c.vanished === c.known) && known > 1) {
    return `all ${messages(known)} of the account vanished on the old side`;
  }
  const gone = counted.find((c) => c.mailboxGone && c.vanished > 0);
  if (gone !== undefined)
    return `the mailbox "${displayName(gone.mailbox)}" with ${messages(gone.vanished)} vanished on the old side`;
  const emptied = counted.find((c) => c.vanished === c.known && c.known > brakeWholeMailbox);
  if (emptied !== undefined)
    return `the mailbox "${displayName(emptied.mailbox)}" lost all of its ${messages(emptied.known)} at once on the old side`;
  return null;
}

function messages(value: number): string {
  return `${number(value)} ${value === 1 ? 'message' : 'messages'}`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
