import { describe, expect, it } from 'vitest';
import { mailboxRow } from '../../test/contracts/journal-rows.ts';
import { MailferryError } from '../base/errors.ts';
import { emptyCounts } from '../sync/engine-options.ts';
import type { CopyResult } from '../sync/index.ts';
import { attentionOf, errorOf, missingOf, troubleIn } from './trouble-of.ts';

describe('an error of any kind', () => {
  it('of ours stays what it is', () => {
    const error = new MailferryError('throttled', 'too fast');
    expect(errorOf(error)).toBe(error);
  });

  it('of somebody else is a defect, with its text and its cause', () => {
    const cause = new TypeError('x is not a function');
    expect(errorOf(cause)).toMatchObject({ code: 'internal', message: 'x is not a function', cause });
    expect(errorOf('odd')).toMatchObject({ code: 'internal', message: 'odd' });
  });
});

describe('what stands at the account', () => {
  it('names the server at fault, the code, the time, and what to do', () => {
    const error = new MailferryError('login-refused', 'the password is wrong', { side: 'old' });
    expect(attentionOf(error, 1234)).toEqual({
      code: 'login-refused',
      reason: 'old server: the password is wrong',
      action: 'Enter the password again, then retry. Nothing was deleted on the new server.',
      sinceMs: 1234,
    });
  });

  it('names no server where none is at fault', () => {
    expect(attentionOf(new MailferryError('check-failed', '3 missing'), 0).reason).toBe('3 missing');
  });
});

describe('a pass that came to its end', () => {
  const result: CopyResult = {
    counts: emptyCounts(),
    messages: { total: 0, copied: 0, present: 0, refused: 0, vanished: 0 },
    mailboxes: [],
    refused: [],
    problems: [],
    deletionsStopped: null,
  };
  const refused = (code: string, reason: string) => ({
    mailboxId: 1,
    oldUid: 1,
    code,
    reason,
    sizeBytes: 0,
    date: null,
    subject: null,
    from: null,
    attempts: 1,
    atMs: 0,
  });

  it('has nothing to tell where all is well, or only single messages were refused', () => {
    expect(troubleIn(result)).toBeNull();
    expect(troubleIn({ ...result, refused: [refused('message-refused', 'virus')] })).toBeNull();
  });

  it('tells that the new side is full', () => {
    const full = { ...result, refused: [refused('message-refused', 'x'), refused('over-quota', 'full')] };
    expect(troubleIn(full)).toMatchObject({ code: 'over-quota', message: 'full', side: 'new' });
  });

  it('tells which mailboxes a person removed on new', () => {
    const removed = { mailbox: 'Entw&APw-rfe', code: 'mailbox-removed-on-new', text: 'x' } as const;
    const other = { mailbox: 'Liste', code: 'mailbox-unusable', text: 'x' } as const;
    const trouble = troubleIn({ ...result, problems: [removed, other] });
    expect(trouble).toMatchObject({ code: 'mailbox-removed-on-new' });
    expect(trouble?.message).toMatch(/: Entwürfe$/);
  });

  it('tells first that the brake stopped deletions', () => {
    const both = {
      ...result,
      refused: [refused('over-quota', 'full')],
      deletionsStopped: '80 of 100 vanished',
    };
    expect(troubleIn(both)).toMatchObject({ code: 'deletions-stopped', message: '80 of 100 vanished' });
  });
});

describe('what the check misses', () => {
  const difference = (oldUid: number) =>
    ({
      class: 'missing-on-new',
      oldUid,
      newUid: null,
      sizeBytes: 9,
      dateMs: null,
      digest: null,
      detail: '',
    }) as const;
  const box = (oldName: string, ...uids: readonly number[]) => ({
    oldName,
    newName: oldName,
    old: 9,
    fresh: 9,
    matched: 9 - uids.length,
    differences: uids.map(difference),
  });
  const mark = { uidValidity: 1, uidNext: 10, messages: 9, highestModSeq: null };
  const passed = (oldName: string, oldMark: typeof mark | null) => ({
    row: { ...mailboxRow(1), oldName, oldMark },
    messages: 9,
    bytes: 0,
    copied: 0,
    vanished: 0,
    refused: 0,
  });

  it('does not count mailboxes that a person removed on new', () => {
    const problems = [
      { mailbox: 'Liste', code: 'mailbox-removed-on-new', text: '' },
      { mailbox: 'Archiv', code: 'mailbox-unusable', text: '' },
    ] as const;
    const mailboxes = [box('INBOX', 1), box('Liste', 1, 2, 3), box('Archiv', 1, 2)];
    expect(missingOf({ mailboxes }, { mailboxes: [], problems })).toBe(3);
  });

  it('does not count what came after the pass', () => {
    const pass = { mailboxes: [passed('INBOX', mark)], problems: [] };
    expect(missingOf({ mailboxes: [box('INBOX', 9, 10, 11)] }, pass)).toBe(1);
  });

  it('counts all where the pass left something open', () => {
    const pass = { mailboxes: [passed('INBOX', null)], problems: [] };
    expect(missingOf({ mailboxes: [box('INBOX', 9, 10, 11)] }, pass)).toBe(3);
  });
});
