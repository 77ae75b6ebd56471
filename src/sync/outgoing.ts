/** One old message on its way: what is known before its body arrives, and how it is to be appended. */
import type { IntentMessage, RefusedRow } from './journal.ts';
import { ledgerNote, type LedgerRow } from './ledger.ts';
import type { AppendMessage, BodySource, Refusal } from './mail-store.ts';
import type { MailboxWork } from './mailbox-work.ts';
import { canonicalFlags, settableFlags } from './flags.ts';
import type { Likeness } from './likeness.ts';

export interface Outgoing {
  readonly uid: number;
  /** By the metadata; replaced by the literal's true size when the body comes. */
  sizeBytes: number;
  /** Canonical, joined by blanks: the ledger's form. */
  readonly flags: string;
  /** RFC 9051 date-time; null lets the new server take the time of arrival. */
  readonly date: string | null;
  /** Of `date`. */
  readonly dateStamp: number;
  notes: number;
  digest: Uint8Array | null;
  /** Of a big message: compared with what is on new by its true size. */
  compared?: boolean;
  /** Of a big message that may be on new in an altered form. */
  likeness?: Likeness;
  readonly variant: Variant;
}

/** How a message that was refused once is tried again; each rung changes one thing, never the bytes. */
export interface Variant {
  readonly systemFlagsOnly: boolean;
  readonly withoutDate: boolean;
  readonly binary: boolean;
}

export const asItIs: Variant = { systemFlagsOnly: false, withoutDate: false, binary: false };

/** The next rung after a refusal, or null: then the message is listed. */
export function nextVariant(variant: Variant, reason: Refusal, binaryOffered: boolean): Variant | null {
  if (reason.class === 'bad-flags' && !variant.systemFlagsOnly) return { ...variant, systemFlagsOnly: true };
  if (reason.class === 'bad-date' && !variant.withoutDate) return { ...variant, withoutDate: true };
  const bytesAtFault = reason.class === 'nul' || reason.class === 'content';
  if (bytesAtFault && binaryOffered && !variant.binary) return { ...variant, binary: true };
  return null;
}

export function appendMessage(
  work: MailboxWork,
  message: Outgoing,
  body: Uint8Array | BodySource,
): AppendMessage {
  const kept = keptFlags(work, message);
  return {
    flags: kept.flags,
    internalDate: message.variant.withoutDate ? null : message.date,
    sizeBytes: message.sizeBytes,
    body,
    binary: message.variant.binary,
  };
}

export function keptFlags(work: MailboxWork, message: Outgoing) {
  const refused = message.variant.systemFlagsOnly ? 'all' : work.refusedKeywords;
  return settableFlags(message.flags, work.newSelected.permanentFlags, refused);
}

/** Notes for the ledger, from what was dropped and how it was sent. */
export function notesFor(work: MailboxWork, message: Outgoing): number {
  const kept = keptFlags(work, message);
  let notes = message.notes;
  if (kept.deletedDropped) notes |= ledgerNote.deletedDropped;
  if (kept.keywordsDropped) notes |= ledgerNote.keywordsDropped;
  if (message.variant.binary) notes |= ledgerNote.sentAsBinary;
  if (message.variant.withoutDate) notes |= ledgerNote.dateMissing;
  return notes;
}

/** As they stand in an intent. */
export function asIntended(work: MailboxWork, messages: readonly Outgoing[]): IntentMessage[] {
  return messages.map((m) => intended(work, m));
}

/** As it stands in an intent. */
export function intended(work: MailboxWork, message: Outgoing): IntentMessage {
  return {
    oldUid: message.uid,
    sizeBytes: message.sizeBytes,
    digest: message.digest,
    flags: canonicalFlags(message.flags === '' ? [] : message.flags.split(' ')),
    notes: notesFor(work, message),
    dateStamp: stampOnNew(message),
  };
}

export function rowFor(work: MailboxWork, message: Outgoing, newUid: number, digest: Uint8Array): LedgerRow {
  return {
    oldUid: message.uid,
    newUid,
    sizeBytes: message.sizeBytes,
    digest,
    flags: message.flags,
    notes: notesFor(work, message),
    dateStamp: stampOnNew(message),
  };
}

/** Of the date that new is told; what is sent without one gets new's own. */
export function stampOnNew(message: Outgoing): number {
  return message.variant.withoutDate ? 0 : message.dateStamp;
}

export function refusedCode(reason: Refusal): string {
  if (reason.class === 'too-large') return 'message-too-large';
  if (reason.class === 'over-quota') return 'over-quota';
  if (reason.class === 'temporary') return 'temporarily-refused';
  return 'message-refused';
}

export function refusedRow(
  work: MailboxWork,
  message: { readonly uid: number; readonly sizeBytes: number; readonly date: string | null },
  code: string,
  reason: string,
): RefusedRow {
  const before = work.run.account.refusedOf(work.id).get(message.uid);
  work.run.refusedNow.add(`${work.id}/${message.uid}`);
  return {
    mailboxId: work.id,
    oldUid: message.uid,
    code,
    reason,
    sizeBytes: message.sizeBytes,
    date: message.date ?? before?.date ?? null,
    subject: before?.subject ?? null,
    from: before?.from ?? null,
    attempts: (before?.attempts ?? 0) + 1,
    atMs: work.run.clock.now(),
  };
}
