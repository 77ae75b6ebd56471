/**
 * From what both sides list and what the journal remembers to what has to be done with each mailbox. Pure.
 *
 *   listed on old, known     -> unchanged | look-new | sync          (by the marks)
 *   listed on old, unknown   -> new row, sync (a rename of a row that vanished is proposed, not decided)
 *   known, not listed on old -> gone-on-old
 *   known, not listed on new -> renamed there (same UIDVALIDITY, unmapped) | removed-on-new | to be created
 */
import { type MailboxMapping, mapMailboxes } from '../../domain/mailbox-mapping.ts';
import type { SpecialUse } from '../../domain/special-use.ts';
import type { MailboxRow, SideMark } from '../journal.ts';
import type { ListedMailbox, MailboxStatus, StoreListing } from '../mail-store.ts';

export interface MailboxFilter {
  /** Raw old names; null means all. */
  readonly only: ReadonlySet<string> | null;
  readonly exclude: ReadonlySet<string>;
  readonly map: ReadonlyMap<string, string>;
}

export interface MailboxTask {
  readonly row: MailboxRow;
  readonly old: ListedMailbox;
  readonly specialUse: SpecialUse | null;
  readonly action: 'create' | 'sync' | 'look-new';
}

export interface MailboxPlan {
  /** Rows that are new or changed by the listing alone. */
  readonly changedRows: readonly MailboxRow[];
  readonly tasks: readonly MailboxTask[];
  readonly unchanged: readonly MailboxRow[];
  readonly goneOnOld: readonly MailboxRow[];
  readonly removedOnNew: readonly MailboxRow[];
  /** On old, but not to be opened: reason by the server. */
  readonly unusable: readonly { readonly name: string; readonly reason: string }[];
  /** Old mailboxes that may be a vanished row under another name; to be checked by a sample of UIDs. */
  readonly renameCandidates: readonly { readonly row: MailboxRow; readonly newOldName: string }[];
  readonly mappings: readonly MailboxMapping[];
}

export interface PlanInput {
  readonly old: StoreListing;
  readonly fresh: StoreListing;
  readonly rows: readonly MailboxRow[];
  readonly filter: MailboxFilter;
  /** Mailboxes with open intents or messages to try again: they are opened though nothing else changed. */
  readonly unfinished: ReadonlySet<number>;
  /** Marks that stand for those that are not kept, as long as a run lasts. */
  readonly marksOfRun?: (mailboxId: number) => SideMark | null;
}

export function planMailboxes(input: PlanInput): MailboxPlan {
  const { old, fresh, filter } = input;
  const oldByName = new Map(old.mailboxes.map((m) => [m.name, m]));
  const newByName = new Map(fresh.mailboxes.map((m) => [m.name, m]));
  const rowByOldName = new Map(input.rows.map((r) => [r.oldName, r]));
  const chosen = old.mailboxes.filter((m) => isChosen(m.name, filter));
  const unusable = chosen
    .filter((m) => m.selectable && m.status === null)
    .map((m) => ({ name: m.name, reason: m.problem ?? 'the server gives no status' }));
  const usable = chosen.filter((m) => m.selectable && m.status !== null);

  const isRemapped = ({ oldName, newName, newUidValidity }: MailboxRow) =>
    newUidValidity === null && (filter.map.get(oldName) ?? newName) !== newName;
  const kept = new Map(input.rows.filter((r) => !isRemapped(r)).map((r) => [r.oldName, r.newName]));
  const mappings = mapMailboxes({ ...old, mailboxes: usable }, fresh, kept, filter.map);
  const mappingOf = new Map(mappings.map((m) => [m.oldName, m]));
  const mappedNew = new Set([...kept.values(), ...mappings.map((m) => m.newName)]);

  const changedRows: MailboxRow[] = [];
  const tasks: MailboxTask[] = [];
  const unchanged: MailboxRow[] = [];
  const removedOnNew: MailboxRow[] = [];
  let nextId = Math.max(0, ...input.rows.map((r) => r.id)) + 1;

  for (const box of usable) {
    const mapping = mappingOf.get(box.name);
    if (mapping === undefined || box.status === null) continue;
    const known = rowByOldName.get(box.name);
    let row = known ?? freshRow(nextId++, box.name, mapping);
    let changed = known === undefined;
    if (isRemapped(row) && mapping.newName !== row.newName) {
      // Nothing was ever put there, perhaps because new refused the name.
      row = { ...row, newName: mapping.newName, mappedBy: mapping.mappedBy, createdByUs: false };
      changed = true;
    }
    if (row.place === 'gone-on-old') {
      row = { ...row, place: 'active' };
      changed = true;
    }
    // What cannot be selected is only a level above others: what was copied there was removed (F-26).
    let target = newByName.get(row.newName);
    const isLevel = target?.selectable === false || target?.missing === true;
    if (isLevel && row.newUidValidity !== null) target = undefined;
    const moved = target !== undefined && isItself(row, target) ? null : renamedOnNew(row, fresh, mappedNew);
    if (row.newUidValidity !== null && (target === undefined || moved !== null)) {
      if (moved === null) {
        if (row.place !== 'removed-on-new') {
          row = { ...row, place: 'removed-on-new' };
          changed = true;
        }
        if (changed) changedRows.push(row);
        removedOnNew.push(row);
        continue;
      }
      row = { ...row, newName: moved.name, mappedBy: 'renamed-on-new', place: 'active' };
      changed = true;
      target = moved;
    } else if (row.place === 'removed-on-new') {
      row = { ...row, place: 'active' };
      changed = true;
    }
    if (changed) changedRows.push(row);
    const { specialUse } = mapping;
    const action = actionFor(
      row,
      box.status,
      target,
      input.unfinished.has(row.id),
      input.marksOfRun?.(row.id) ?? row.oldMark,
    );
    if (action === 'none') unchanged.push(row);
    else tasks.push({ row, old: box, specialUse, action });
  }

  const vanished = input.rows.filter(
    (r) => !oldByName.has(r.oldName) && isChosen(r.oldName, filter) && r.place !== 'removed-on-new',
  );
  // Renamed on old, and the name taken by another mailbox since.
  const displaced = input.rows.filter((row) => {
    const status = oldByName.get(row.oldName)?.status ?? null;
    return status !== null && row.oldUidValidity !== null && status.uidValidity !== row.oldUidValidity;
  });
  const unknownNames = usable.filter((m) => !rowByOldName.has(m.name));
  return {
    changedRows,
    tasks,
    unchanged,
    goneOnOld: vanished,
    removedOnNew,
    unusable,
    renameCandidates: renameCandidates([...vanished, ...displaced], unknownNames),
    mappings,
  };
}

/** Whether the options leave this mailbox of old in. */
export function isChosen(name: string, filter: MailboxFilter): boolean {
  return (filter.only === null || filter.only.has(name)) && !filter.exclude.has(name);
}

function freshRow(id: number, oldName: string, mapping: MailboxMapping): MailboxRow {
  return {
    id,
    oldName,
    newName: mapping.newName,
    mappedBy: mapping.mappedBy,
    place: 'active',
    createdByUs: false,
    generation: 1,
    oldUidValidity: null,
    newUidValidity: null,
    oldMailboxId: null,
    newMailboxId: null,
    oldMark: null,
    newMark: null,
    adoptedBelow: 0,
    subscribed: false,
  };
}

/** Whether the mailbox of this name is still the one that was copied to, and not another that took its name. */
function isItself(row: MailboxRow, { status }: ListedMailbox): boolean {
  if (status === null || row.newUidValidity === null) return true;
  if (row.newMailboxId !== null && status.mailboxId !== null) return status.mailboxId === row.newMailboxId;
  return status.uidValidity === row.newUidValidity;
}

/** The user's act on the new side wins: the mapping follows MAILBOXID, else an unmapped mailbox of the same UIDVALIDITY (F-26). */
function renamedOnNew(
  row: MailboxRow,
  fresh: StoreListing,
  mapped: ReadonlySet<string>,
): ListedMailbox | null {
  const free = fresh.mailboxes.filter((m) => m.status !== null && !mapped.has(m.name));
  const byId = row.newMailboxId === null ? [] : free.filter((m) => m.status?.mailboxId === row.newMailboxId);
  if (byId.length === 1) return byId[0] ?? null;
  const same = free.filter((m) => m.status?.uidValidity === row.newUidValidity);
  return same.length === 1 ? (same[0] ?? null) : null;
}

function actionFor(
  row: MailboxRow,
  oldStatus: MailboxStatus,
  target: ListedMailbox | undefined,
  unfinished: boolean,
  oldMark: SideMark | null,
): MailboxTask['action'] | 'none' {
  if (target === undefined) return 'create';
  if (unfinished || oldMark === null || row.newMark === null || target.status === null) return 'sync';
  if (!sameAsMark(oldMark, oldStatus)) return 'sync';
  if (target.status.uidValidity !== row.newMark.uidValidity) return 'sync';
  return sameAsMark(row.newMark, target.status) ? 'none' : 'look-new';
}

/** Equal marks mean that nothing happened. Without a MODSEQ a changed flag cannot be seen, so the mailbox is looked at. */
export function sameAsMark(mark: SideMark, status: MailboxStatus): boolean {
  return (
    status.uidValidity !== 0 &&
    mark.uidValidity === status.uidValidity &&
    mark.uidNext === status.uidNext &&
    mark.messages === status.messages &&
    mark.highestModSeq !== null &&
    mark.highestModSeq === status.highestModSeq
  );
}

function renameCandidates(
  vanished: readonly MailboxRow[],
  unknown: readonly ListedMailbox[],
): { row: MailboxRow; newOldName: string }[] {
  const found: { row: MailboxRow; newOldName: string }[] = [];
  for (const row of vanished) {
    const fits = unknown.filter(
      ({ status }) =>
        status !== null &&
        status.uidValidity === row.oldUidValidity &&
        status.uidNext >= (row.oldMark?.uidNext ?? 0) &&
        (row.oldMailboxId === null || status.mailboxId === null || status.mailboxId === row.oldMailboxId),
    );
    const only = fits.length === 1 ? fits[0] : undefined;
    if (only !== undefined) found.push({ row, newOldName: only.name });
  }
  return found;
}
