/** What a copy would do, by reading only: mapping, counts, octets, and what would stand in the way. Changes nothing. */
import { containsUid, countUids, differenceUids, uidsToRanges } from '../base/uid-ranges.ts';
import { Account } from './account.ts';
import type { EngineDeps, EngineOptions } from './engine-options.ts';
import type { MailboxRow } from './journal.ts';
import { tellKeptMappings } from './kept-mappings.ts';
import type { QuotaResource, StoreSession } from './mail-store.ts';
import { dateTimeMs } from './message-date.ts';
import { openPair } from './open-pair.ts';
import { planMailboxes } from './reconcile/plan-mailboxes.ts';
import { refuseSameAccount } from './same-account.ts';
import { refuseUnknownNames } from './unknown-names.ts';

export interface DryRunMailbox {
  readonly oldName: string;
  readonly newName: string;
  readonly mappedBy: string;
  readonly specialUse: string | null;
  /** On old now. */
  readonly messages: number;
  readonly toCopy: number;
  readonly bytes: number;
  readonly largestBytes: number;
  readonly tooLarge: number;
  readonly willBeCreated: boolean;
}

export interface DryRunBlocker {
  readonly code:
    | 'message-too-large'
    | 'over-quota'
    | 'mailbox-unusable'
    | 'mailbox-removed-on-new'
    | 'keywords-dropped';
  readonly text: string;
}

export interface DryRunResult {
  readonly mailboxes: readonly DryRunMailbox[];
  readonly messages: number;
  readonly bytes: number;
  readonly blockers: readonly DryRunBlocker[];
}

export async function dryRun(deps: EngineDeps, options: EngineOptions): Promise<DryRunResult> {
  const account = await Account.load(deps.journal, deps.clock);
  tellKeptMappings(account, options.filter, deps.onEvent);
  const pair = await openPair(deps);
  try {
    await refuseSameAccount(deps, pair, { canary: false });
    const [old, fresh] = await Promise.all([pair.old.list(), pair.fresh.list()]);
    refuseUnknownNames(account, options.filter, old);
    const rows = [...account.mailboxes.values()];
    const plan = planMailboxes({ old, fresh, rows, filter: options.filter, unfinished: new Set() });
    const blockers: DryRunBlocker[] = [];
    for (const box of plan.unusable) {
      blockers.push({ code: 'mailbox-unusable', text: `${box.name}: ${box.reason}` });
    }
    for (const row of plan.removedOnNew) {
      blockers.push({ code: 'mailbox-removed-on-new', text: `${row.oldName}: removed on the new side` });
    }
    const mailboxes: DryRunMailbox[] = [];
    const limit = pair.fresh.abilities.appendLimitBytes;
    for (const mapping of plan.mappings) {
      const task = plan.tasks.find((t) => t.row.oldName === mapping.oldName);
      const box = old.mailboxes.find((m) => m.name === mapping.oldName);
      const row = task?.row ?? rows.find((r) => r.oldName === mapping.oldName) ?? null;
      const todo =
        task === undefined || task.action === 'look-new'
          ? { toCopy: 0, bytes: 0, largestBytes: 0, tooLarge: 0 }
          : await measure(account, pair.old, task.row, limit, options.sinceMs);
      mailboxes.push({
        oldName: mapping.oldName,
        newName: row?.newName ?? mapping.newName,
        mappedBy: row?.mappedBy ?? mapping.mappedBy,
        specialUse: mapping.specialUse,
        messages: box?.status?.messages ?? 0,
        willBeCreated: task?.action === 'create',
        ...todo,
      });
    }
    const bytes = mailboxes.reduce((sum, m) => sum + m.bytes, 0);
    const messages = mailboxes.reduce((sum, m) => sum + m.toCopy, 0);
    const tooLarge = mailboxes.reduce((sum, m) => sum + m.tooLarge, 0);
    if (tooLarge > 0) {
      const text = `${tooLarge} messages are larger than the ${limit} octets that the new server takes`;
      blockers.push({ code: 'message-too-large', text });
    }
    blockers.push(...quotaBlockers(await pair.fresh.quota(), messages, bytes));
    return { mailboxes, messages, bytes, blockers };
  } finally {
    await Promise.all([pair.old.close(), pair.fresh.close()]);
  }
}

async function measure(
  account: Account,
  old: StoreSession,
  row: MailboxRow,
  limit: number | null,
  sinceMs: number | null,
): Promise<{ toCopy: number; bytes: number; largestBytes: number; tooLarge: number }> {
  const selected = await old.select(row.oldName, 'read');
  const listed = await old.listUids();
  const known = account.mailboxes.has(row.id) && row.oldUidValidity === selected.status.uidValidity;
  const ledger = known ? await account.ledger(row.id) : null;
  const missing = ledger === null ? listed : differenceUids(listed, uidsToRanges(ledger.oldUids()));
  account.releaseLedger(row.id);
  const sum = { toCopy: 0, bytes: 0, largestBytes: 0, tooLarge: 0 };
  if (countUids(missing) === 0) return sum;
  await old.fetchMeta(missing, { date: sinceMs !== null, size: true }, (meta) => {
    if (!containsUid(missing, meta.uid)) return;
    if (sinceMs !== null && (dateTimeMs(meta.internalDate) ?? sinceMs) < sinceMs) return;
    const size = meta.sizeBytes ?? 0;
    sum.toCopy++;
    sum.bytes += size;
    sum.largestBytes = Math.max(sum.largestBytes, size);
    if (limit !== null && size > limit) sum.tooLarge++;
  });
  return sum;
}

function quotaBlockers(quota: readonly QuotaResource[], messages: number, bytes: number): DryRunBlocker[] {
  const blockers: DryRunBlocker[] = [];
  for (const { name, usage, limit } of quota) {
    const needed = name === 'STORAGE' ? bytes : name === 'MESSAGE' ? messages : 0;
    if (usage + needed <= limit) continue;
    const unit = name === 'STORAGE' ? 'octets' : 'messages';
    const text = `${needed} ${unit} are to be copied, but the new account has room for ${Math.max(0, limit - usage)}`;
    blockers.push({ code: 'over-quota', text });
  }
  return blockers;
}
