import { describe, expect, it } from 'vitest';
import type { MailboxRow, SideMark } from '../journal.ts';
import type { ListedMailbox, MailboxStatus } from '../mail-store.ts';
import { type PlanInput, planMailboxes, sameAsMark } from './plan-mailboxes.ts';

const mark: SideMark = { uidValidity: 7, uidNext: 10, messages: 9, highestModSeq: 5n };
const status: MailboxStatus = { ...mark, mailboxId: null, sizeBytes: null };

const listed = (name: string, more: Partial<MailboxStatus> | null = {}): ListedMailbox => ({
  name,
  delimiter: '/',
  selectable: true,
  specialUse: [],
  subscribed: false,
  status: more === null ? null : { ...status, ...more },
  problem: more === null ? 'NO' : null,
});

const known = (id: number, name: string, more: Partial<MailboxRow> = {}): MailboxRow => ({
  id,
  oldName: name,
  newName: name,
  mappedBy: 'same',
  place: 'active',
  createdByUs: true,
  generation: 1,
  oldUidValidity: 7,
  newUidValidity: 7,
  oldMailboxId: null,
  newMailboxId: null,
  oldMark: mark,
  newMark: mark,
  adoptedBelow: 10,
  subscribed: false,
  ...more,
});

function plan(
  old: ListedMailbox[],
  fresh: ListedMailbox[],
  rows: MailboxRow[],
  more: Partial<PlanInput> = {},
) {
  const side = { prefix: '', delimiter: '/' };
  return planMailboxes({
    old: { ...side, mailboxes: old },
    fresh: { ...side, mailboxes: fresh },
    rows,
    filter: { only: null, exclude: new Set(), map: new Map() },
    unfinished: new Set(),
    ...more,
  });
}

const actions = (p: ReturnType<typeof plan>) => p.tasks.map((t) => `${t.row.oldName}: ${t.action}`);

describe('the plan of a pass', () => {
  it('takes another name from --map only for a mailbox that was never opened on new', () => {
    const filter = { only: null, exclude: new Set<string>(), map: new Map([['a', 'b']]) };
    const refused = known(1, 'a', { newUidValidity: null, newMark: null, oldMark: null });
    const p = plan([listed('a')], [], [refused], { filter });
    expect(p.changedRows).toMatchObject([{ id: 1, newName: 'b', mappedBy: 'option', createdByUs: false }]);
    expect(actions(p)).toEqual(['a: create']);
    expect(plan([listed('a')], [listed('a')], [known(1, 'a')], { filter }).changedRows).toEqual([]);
  });

  it('leaves a mailbox alone whose marks are equal on both sides', () => {
    const p = plan([listed('a')], [listed('a')], [known(1, 'a')]);
    expect(actions(p)).toEqual([]);
    expect(p.unchanged.map((r) => r.id)).toEqual([1]);
  });

  it('looks at what changed on old, on new, or has something unfinished', () => {
    const p = (old: Partial<MailboxStatus>, fresh: Partial<MailboxStatus>, ids: number[] = []) =>
      actions(plan([listed('a', old)], [listed('a', fresh)], [known(1, 'a')], { unfinished: new Set(ids) }));
    expect(p({ messages: 8 }, {})).toEqual(['a: sync']);
    expect(p({}, { messages: 8 })).toEqual(['a: look-new']);
    expect(p({}, { uidValidity: 8 })).toEqual(['a: sync']);
    expect(p({}, {}, [1])).toEqual(['a: sync']);
  });

  it('never takes a mailbox for unchanged without a MODSEQ or with UIDVALIDITY 0', () => {
    expect(sameAsMark({ ...mark, highestModSeq: null }, { ...status, highestModSeq: null })).toBe(false);
    expect(sameAsMark({ ...mark, uidValidity: 0 }, { ...status, uidValidity: 0 })).toBe(false);
    expect(sameAsMark(mark, status)).toBe(true);
  });

  it('makes what is missing, and parks what a person removed', () => {
    const p = plan([listed('a'), listed('b')], [], [known(1, 'b')]);
    expect(actions(p)).toEqual(['a: create']);
    expect(p.removedOnNew.map((r) => [r.oldName, r.place])).toEqual([['b', 'removed-on-new']]);
  });

  it('follows a mailbox renamed on new by MAILBOXID or UIDVALIDITY, also when its name was taken again', () => {
    const row = known(1, 'a', { newUidValidity: 77 });
    const p = plan([listed('a')], [listed('b', { uidValidity: 77 })], [row]);
    expect(p.changedRows.map((r) => r.newName)).toEqual(['b']);
    const taken = plan(
      [listed('a')],
      [listed('a', { uidValidity: 99 }), listed('b', { uidValidity: 77 })],
      [row],
    );
    expect(taken.changedRows.map((r) => r.newName)).toEqual(['b']);
    const rebuilt = plan([listed('a')], [listed('a', { uidValidity: 99 })], [row]);
    expect(actions(rebuilt)).toEqual(['a: sync']);
  });

  it('proposes a rename on old by UIDVALIDITY, and reports what is gone or cannot be opened', () => {
    const p = plan([listed('b'), listed('c', null)], [listed('a')], [known(1, 'a')]);
    expect(p.renameCandidates.map((c) => [c.row.oldName, c.newOldName])).toEqual([['a', 'b']]);
    expect(p.goneOnOld.map((r) => r.oldName)).toEqual(['a']);
    expect(p.unusable).toEqual([{ name: 'c', reason: 'NO' }]);
  });

  it('does not take a mailbox that is left out for one that is gone', () => {
    const filter = { only: null, exclude: new Set(['a']), map: new Map<string, string>() };
    expect(plan([listed('b')], [], [known(1, 'a')], { filter }).goneOnOld).toEqual([]);
  });
});
