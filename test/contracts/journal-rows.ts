/** Rows of a journal with the largest and oddest values each column may hold. */
import type { IntentRow, MailboxRow, RefusedRow } from '../../src/sync/journal.ts';

export function mailboxRow(id: number, more: Partial<MailboxRow> = {}): MailboxRow {
  return {
    id,
    oldName: `Old ${id}`,
    newName: `New ${id}`,
    mappedBy: 'same',
    place: 'active',
    createdByUs: true,
    generation: 1,
    oldUidValidity: 4_294_967_295,
    newUidValidity: 1,
    oldMailboxId: null,
    newMailboxId: 'M1',
    oldMark: {
      uidValidity: 4_294_967_295,
      uidNext: 12,
      messages: 3,
      highestModSeq: 9_223_372_036_854_775_807n,
    },
    newMark: { uidValidity: 1, uidNext: 4_294_967_295, messages: 0, highestModSeq: null },
    adoptedBelow: 4_294_967_295,
    subscribed: false,
    ...more,
  };
}

export function intentRow(id: number, more: Partial<IntentRow> = {}): IntentRow {
  return {
    id,
    mailboxId: 1,
    kind: 'append',
    newUidValidity: 17,
    uidNextBefore: 4_294_967_295,
    createdAtMs: 1_793_491_200_123,
    messages: [
      { oldUid: 1, sizeBytes: 0, digest: null, flags: [], notes: 0, dateStamp: 0 },
      {
        oldUid: 4_294_967_295,
        sizeBytes: 5_000_000_000,
        digest: Uint8Array.from({ length: 16 }, (_, i) => i * 17),
        flags: ['\\Seen', '$Forwarded'],
        notes: 5,
        dateStamp: 4_294_967_295,
        fromMailboxId: 2,
        fromNewUid: 7,
        fromOldUid: 9,
      },
    ],
    ...more,
  };
}

export function refusedRow(mailboxId: number, oldUid: number, more: Partial<RefusedRow> = {}): RefusedRow {
  return {
    mailboxId,
    oldUid,
    code: 'message-refused',
    reason: 'virus found',
    sizeBytes: 1234,
    date: 'Fri, 17 Jul 2026 02:44:25 -0700',
    subject: 'Grüße, 日本 \u{1f600} \u0000 \'"%',
    from: null,
    attempts: 2,
    atMs: 1_793_491_200_123,
    ...more,
  };
}
