/** What a copy would do, by reading only: mapping, counts, octets, and what would stand in the way. Changes nothing. */
import { containsUid, countUids, differenceUids, uidsToRanges } from '../base/uid-ranges.ts';
import { Account } from './account.ts';
import type { EngineDeps, EngineOptions } from './engine-options.ts';
import type { MailboxRow } from './journal.ts';
import { tellKeptMappings } from './kept-mappings.ts';
import type { QuotaResource, StoreSession } from './mail-store.ts';
import {
  type Gone,
  goneFrom,
  likelyMoved,
  likelyThere,
  type Missing,
  type Removals,
  removalsOf,
} from './foretell.ts';
import { dateStamp, dateTimeMs } from './message-date.ts';
import { openPair } from './open-pair.ts';
import { createdForNothing, mayBeLeftOut } from './reconcile/created-for-nothing.ts';
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
  /** `--since` leaves all of it out, so that it is not created. */
  readonly leftOut: boolean;
  /** Probably on new already, by size and date: recognised, not copied. An estimate, and not in `toCopy`. */
  readonly adopted: number;
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
  /** Mailboxes that old has under another name now, raw. */
  readonly renames: readonly { readonly from: string; readonly to: string }[];
  readonly removals: Removals;
  /** Of the messages to copy those that were probably moved on old, by size and date: they are moved on new. */
  readonly moves: number;
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
    const plan = planMailboxes({
      old,
      fresh,
      rows,
      filter: options.filter,
      unfinished: account.deletionsDue,
    });
    const blockers: DryRunBlocker[] = [];
    for (const box of plan.unusable) {
      blockers.push({ code: 'mailbox-unusable', text: `${box.name}: ${box.reason}` });
    }
    for (const row of plan.removedOnNew) {
      blockers.push({ code: 'mailbox-removed-on-new', text: `${row.oldName}: removed on the new side` });
    }
    const found: Omit<DryRunMailbox, 'leftOut'>[] = [];
    const renamed = new Map(plan.renameCandidates.map((c) => [c.newOldName, c.row]));
    const gone: Gone[] = [];
    for (const row of plan.goneOnOld) {
      if ([...renamed.values()].some((r) => r.id === row.id)) continue;
      gone.push({ row, rows: await goneFrom(account, row.id, []), mailboxGone: true });
    }
    const missing: Missing[] = [];
    /** Ids of mailboxes that would be created for no message. */
    const empty = new Set<number>();
    const limit = pair.fresh.abilities.appendLimitBytes;
    for (const mapping of plan.mappings) {
      const task = plan.tasks.find((t) => t.row.oldName === mapping.oldName);
      const box = old.mailboxes.find((m) => m.name === mapping.oldName);
      const row = task?.row ?? rows.find((r) => r.oldName === mapping.oldName) ?? null;
      const before = renamed.get(mapping.oldName);
      const known = before === undefined ? task?.row : { ...before, oldName: mapping.oldName };
      let todo: Omit<Measured, 'missing' | 'gone'> = nothing;
      if (task !== undefined && known !== undefined && task.action !== 'look-new') {
        const target = fresh.mailboxes.find((m) => m.name === known.newName);
        const measured = await measure(
          account,
          pair,
          known,
          target?.status?.messages ?? 0,
          limit,
          options.sinceMs,
        );
        missing.push(...measured.missing);
        gone.push({ row: known, rows: measured.gone, mailboxGone: false });
        const { missing: _m, gone: _g, ...rest } = measured;
        todo = rest;
        const nothingComes = rest.toCopy === 0 && options.sinceMs !== null && before === undefined;
        if (nothingComes && mayBeLeftOut(task)) empty.add(task.row.id);
      }
      found.push({
        oldName: mapping.oldName,
        newName: row?.newName ?? mapping.newName,
        mappedBy: row?.mappedBy ?? mapping.mappedBy,
        specialUse: mapping.specialUse,
        messages: box?.status?.messages ?? 0,
        willBeCreated: task?.action === 'create' && before === undefined,
        ...todo,
      });
    }
    const replaced = new Set([...plan.tasks.map((t) => t.row), ...plan.goneOnOld].map(({ id }) => id));
    const all = [...rows.filter(({ id }) => !replaced.has(id)), ...plan.tasks.map((t) => t.row)];
    const uncreated = createdForNothing(plan.tasks, empty, all, fresh.delimiter);
    const leftOut = new Set(plan.tasks.filter((t) => uncreated.has(t.row.id)).map((t) => t.row.oldName));
    const mailboxes = found.map((m) => ({
      ...m,
      willBeCreated: m.willBeCreated && !leftOut.has(m.oldName),
      leftOut: leftOut.has(m.oldName),
    }));
    const bytes = mailboxes.reduce((sum, m) => sum + m.bytes, 0);
    const messages = mailboxes.reduce((sum, m) => sum + m.toCopy, 0);
    const tooLarge = mailboxes.reduce((sum, m) => sum + m.tooLarge, 0);
    if (tooLarge > 0) {
      const text = `${tooLarge} messages are larger than the ${limit} octets that the new server takes`;
      blockers.push({ code: 'message-too-large', text });
    }
    blockers.push(...quotaBlockers(await pair.fresh.quota(), messages, bytes));
    const follows = options.deletions === 'follow';
    const left = likelyMoved(gone, missing);
    const moves = sum(gone) - sum(left);
    const removals = follows
      ? await removalsOf(account, gone, left, old, options.confirmDeletions)
      : { messages: 0, stopped: null };
    const renames = [...renamed].map(([to, { oldName }]) => ({ from: oldName, to }));
    return { mailboxes, messages, bytes, blockers, renames, removals, moves };
  } finally {
    await Promise.all([pair.old.close(), pair.fresh.close()]);
  }
}

const sum = (gone: readonly Gone[]) => gone.reduce((total, g) => total + g.rows.length, 0);

interface Measured {
  readonly toCopy: number;
  readonly bytes: number;
  readonly largestBytes: number;
  readonly tooLarge: number;
  readonly adopted: number;
  readonly missing: readonly Missing[];
  readonly gone: Gone['rows'];
}

const nothing = { toCopy: 0, bytes: 0, largestBytes: 0, tooLarge: 0, adopted: 0 };

async function measure(
  account: Account,
  { old, fresh }: { readonly old: StoreSession; readonly fresh: StoreSession },
  row: MailboxRow,
  onNew: number,
  limit: number | null,
  sinceMs: number | null,
): Promise<Measured> {
  const selected = await old.select(row.oldName, 'read');
  const listed = await old.listUids();
  const known = account.mailboxes.has(row.id) && row.oldUidValidity === selected.status.uidValidity;
  const ledger = known ? await account.ledger(row.id) : null;
  const missing = ledger === null ? listed : differenceUids(listed, uidsToRanges(ledger.oldUids()));
  const gone = known ? await goneFrom(account, row.id, listed) : [];
  if (countUids(missing) === 0) return { ...nothing, missing: [], gone };
  const found: Missing[] = [];
  await old.fetchMeta(missing, { date: true, size: true }, (meta) => {
    if (!containsUid(missing, meta.uid)) return;
    if (sinceMs !== null && (dateTimeMs(meta.internalDate) ?? sinceMs) < sinceMs) return;
    found.push({ sizeBytes: meta.sizeBytes ?? 0, dateStamp: dateStamp(meta.internalDate) });
  });
  // As the copy does: only what was not looked at before can be recognised.
  const mayBeThere = onNew > (ledger?.count ?? 0) && row.adoptedBelow === 0;
  const there = mayBeThere
    ? await likelyThere(fresh, row.newName, found, (uid) => ledger?.claims(uid) ?? false)
    : [];
  const recognised = new Set(there);
  const open = found.filter((m) => !recognised.has(m));
  return {
    toCopy: open.length,
    bytes: open.reduce((total, m) => total + m.sizeBytes, 0),
    largestBytes: Math.max(0, ...open.map((m) => m.sizeBytes)),
    tooLarge: limit === null ? 0 : open.filter((m) => m.sizeBytes > limit).length,
    adopted: there.length,
    missing: open,
    gone,
  };
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
