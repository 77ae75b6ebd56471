/**
 * A mailbox renamed on old: same UIDVALIDITY under a new name, proved by a sample of UIDs and sizes. On new it is renamed
 * too if we created it; else only the mapping follows (F-24).
 */
import { mapMailboxes } from '../domain/mailbox-mapping.ts';
import type { MailboxRow } from './journal.ts';
import type { StoreListing } from './mail-store.ts';
import type { SessionPair } from './open-pair.ts';
import type { RunContext } from './mailbox-work.ts';

/** Twenty messages of the same UID and size under the same UIDVALIDITY are no accident. */
const sampleSize = 20;

export async function followRenames(
  run: RunContext,
  pair: SessionPair,
  candidates: readonly { readonly row: MailboxRow; readonly newOldName: string }[],
  fresh: StoreListing,
): Promise<boolean> {
  let any = false;
  for (const { row, newOldName } of candidates) {
    if (!(await sameMailbox(run, pair, row, newOldName))) continue;
    any = true;
    const newName = await renameOnNew(run, pair, row, newOldName, fresh);
    await run.account.record({
      step: 'rename-followed',
      mailboxes: [{ ...row, oldName: newOldName, newName, place: 'active' }],
    });
  }
  return any;
}

async function sameMailbox(
  run: RunContext,
  pair: SessionPair,
  row: MailboxRow,
  name: string,
): Promise<boolean> {
  const ledger = await run.account.ledger(row.id);
  const selected = await pair.old.select(name, 'read');
  if (selected.status.uidValidity !== row.oldUidValidity) return false;
  if (row.oldMailboxId !== null && selected.status.mailboxId !== null)
    return row.oldMailboxId === selected.status.mailboxId;
  const uids: number[] = [];
  for (const uid of ledger.oldUids()) {
    uids.push(uid);
    if (uids.length === sampleSize) break;
  }
  // Without a single message to compare, a name that vanished and one that appeared prove nothing.
  if (uids.length === 0) return false;
  let same = 0;
  let different = 0;
  const spans = uids.map((uid) => [uid, uid] as const);
  await pair.old.fetchMeta(spans, { date: false, size: true }, (meta) => {
    if (ledger.get(meta.uid)?.sizeBytes === meta.sizeBytes) same++;
    else different++;
  });
  return different === 0 && same > 0;
}

async function renameOnNew(
  run: RunContext,
  pair: SessionPair,
  row: MailboxRow,
  newOldName: string,
  fresh: StoreListing,
): Promise<string> {
  const target = fresh.mailboxes.find((m) => m.name === row.newName);
  if (!row.createdByUs || target === undefined) return row.newName;
  const delimiter = fresh.delimiter;
  const renamed = { name: newOldName, delimiter, specialUse: [] };
  const oldSide = { ...(await pair.old.list()), mailboxes: [renamed] };
  const wanted = mapMailboxes(oldSide, fresh, new Map(), run.options.filter.map)[0]?.newName;
  const taken = fresh.mailboxes.some((m) => m.name === wanted);
  if (wanted === undefined || wanted === row.newName || taken) return row.newName;
  await run.account.record({ step: 'rename-intended' });
  const outcome = await pair.fresh.rename(row.newName, wanted);
  return outcome.kind === 'done' ? wanted : row.newName;
}
