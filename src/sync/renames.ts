/**
 * A mailbox renamed on old: same UIDVALIDITY under a new name, proved by a sample of UIDs and sizes. On new it is renamed
 * too if we created it; else only the mapping follows (F-24).
 */
import { isMailferryError } from '../base/errors.ts';
import { mapMailboxes } from '../domain/mailbox-mapping.ts';
import type { MailboxRow } from './journal.ts';
import type { Ledger } from './ledger.ts';
import type { ListedMailbox, SelectedMailbox } from './mail-store.ts';
import type { SessionPair } from './open-pair.ts';
import type { RunContext } from './mailbox-work.ts';

/** Twenty messages of the same UID and size under the same UIDVALIDITY are no accident. */
const sampleSize = 20;

export async function followRenames(
  run: RunContext,
  pair: SessionPair,
  candidates: readonly { readonly row: MailboxRow; readonly newOldName: string }[],
): Promise<boolean> {
  let any = false;
  // Parents first: renaming one renames what lies below it (RFC 9051 §6.3.6).
  const ordered = [...candidates].sort((a, b) => a.row.oldName.length - b.row.oldName.length);
  for (const { row, newOldName } of ordered) {
    if (!(await sameMailbox(run, pair, row, newOldName))) continue;
    any = true;
    const newName = await renameOnNew(run, pair, row, newOldName);
    await run.account.record({
      step: 'rename-followed',
      notes: { [proofKey(row)]: null },
      mailboxes: [{ ...row, oldName: newOldName, newName, place: 'active' }],
    });
  }
  return any;
}

/**
 * Under it stands the name that a mailbox was found under before RENAME: once that is through, the messages that proved
 * it may be gone, and what lies on new must not be taken for a stranger's.
 */
function proofKey({ id }: MailboxRow): string {
  return `renamed-on-old/${id}`;
}

async function sameMailbox(
  run: RunContext,
  pair: SessionPair,
  row: MailboxRow,
  name: string,
): Promise<boolean> {
  const ledger = await run.account.ledger(row.id);
  let selected: SelectedMailbox;
  try {
    selected = await pair.old.select(name, 'read');
  } catch (error) {
    // Its own turn will say what is wrong with it.
    if (isMailferryError(error, 'mailbox-unusable')) return false;
    throw error;
  }
  if (selected.status.uidValidity !== row.oldUidValidity) return false;
  if (row.oldMailboxId !== null && selected.status.mailboxId !== null)
    return row.oldMailboxId === selected.status.mailboxId;
  if (run.account.notes.get(proofKey(row)) === name) return true;
  const sample = sampleOf(run, row.id, ledger);
  // Without a single message to compare, a name that vanished and one that appeared prove nothing.
  if (sample.size === 0) return false;
  let same = 0;
  let different = 0;
  const spans = [...sample.keys()].map((uid) => [uid, uid] as const);
  await pair.old.fetchMeta(spans, { date: false, size: true }, (meta) => {
    if (sample.get(meta.uid) === meta.sizeBytes) same++;
    else different++;
  });
  return different === 0 && same > 0;
}

/** UIDs and sizes that are known of the mailbox: from the ledger, or from what was on its way when a run ended. */
function sampleOf(run: RunContext, mailboxId: number, ledger: Ledger): Map<number, number> {
  const sample = new Map<number, number>();
  for (const intent of run.account.intentsOf(mailboxId)) {
    if (intent.kind !== 'append') continue;
    for (const m of intent.messages.slice(0, sampleSize)) sample.set(m.oldUid, m.sizeBytes);
  }
  for (const row of ledger.rows()) {
    if (sample.size >= sampleSize) break;
    sample.set(row.oldUid, row.sizeBytes);
  }
  return new Map([...sample].sort(([x], [y]) => x - y));
}

async function renameOnNew(
  run: RunContext,
  pair: SessionPair,
  row: MailboxRow,
  newOldName: string,
): Promise<string> {
  if (!row.createdByUs) return row.newName;
  const [old, fresh] = await Promise.all([pair.old.list(), pair.fresh.list()]);
  const { delimiter } = old;
  const renamed = { name: newOldName, delimiter, specialUse: [] };
  const wanted = mapMailboxes({ ...old, mailboxes: [renamed] }, fresh, new Map(), run.options.filter.map)[0]
    ?.newName;
  if (wanted === undefined || wanted === row.newName) return row.newName;
  const target = fresh.mailboxes.find((m) => m.name === row.newName);
  const there = fresh.mailboxes.find((m) => m.name === wanted);
  // Renamed already, with its parent or before a crash.
  if (target === undefined && there !== undefined && isItself(row, there)) return wanted;
  if (target === undefined || there !== undefined) return row.newName;
  await run.account.record({ step: 'rename-intended', notes: { [proofKey(row)]: newOldName } });
  const outcome = await pair.fresh.rename(row.newName, wanted);
  return outcome.kind === 'done' ? wanted : row.newName;
}

function isItself(row: MailboxRow, { status }: ListedMailbox): boolean {
  if (status === null) return false;
  if (row.newMailboxId !== null && status.mailboxId !== null) return row.newMailboxId === status.mailboxId;
  return row.newUidValidity === status.uidValidity;
}
