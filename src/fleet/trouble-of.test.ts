import { describe, expect, it } from 'vitest';
import { mailboxRow } from '../../test/contracts/journal-rows.ts';
import { type ErrorCode, MailferryError } from '../base/errors.ts';
import { emptyCounts } from '../sync/engine-options.ts';
import type { CopyResult } from '../sync/index.ts';
import {
  anotherPassMs,
  attentionOf,
  errorOf,
  inboxTrouble,
  leftOutOfCheck,
  mayPassByItself,
  missingOf,
  problemsIn,
  troubleIn,
  waitsForAnotherPass,
} from './trouble-of.ts';

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
      action: expect.stringMatching(
        /`mailferry accounts import` with old_password .*`mailferry sync retry ADDRESS`/,
      ),
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

  it('has nothing to tell where all is well, or only single messages were refused', () => {
    expect(troubleIn(result, [], 0)).toBeNull();
    expect(troubleIn({ ...result, refused: [refused('message-refused', 'virus')] }, [], 0)).toBeNull();
  });

  it('tells that the new side is full', () => {
    const full = { ...result, refused: [refused('message-refused', 'x'), refused('over-quota', 'full')] };
    expect(troubleIn(full, [], 0)).toMatchObject({ code: 'over-quota', message: 'full', side: 'new' });
  });

  it('tells which mailboxes a person removed on new', () => {
    const removed = { mailbox: 'Entw&APw-rfe', code: 'mailbox-removed-on-new', text: 'x' } as const;
    const other = { mailbox: 'Liste', code: 'mailbox-unusable', text: 'x' } as const;
    const trouble = troubleIn({ ...result, problems: [removed, other] }, [], 0);
    expect(trouble).toMatchObject({ code: 'mailbox-removed-on-new' });
    expect(trouble?.message).toMatch(/: Entwürfe$/);
  });

  it('tells first that the brake stopped deletions', () => {
    const both = {
      ...result,
      refused: [refused('over-quota', 'full')],
      deletionsStopped: '80 of 100 vanished',
    };
    expect(troubleIn(both, [], 0)).toMatchObject({
      code: 'deletions-stopped',
      message: '80 of 100 vanished',
    });
  });
});

describe('mailboxes that are not carried over', () => {
  const result: CopyResult = {
    counts: emptyCounts(),
    messages: { total: 0, copied: 0, present: 0, refused: 0, vanished: 0 },
    mailboxes: [],
    refused: [],
    problems: [],
    deletionsStopped: null,
  };
  const minutes = 60_000;
  const standing = (mailbox: string, code: ErrorCode, sinceMs = 0) => ({
    mailbox,
    code,
    reason: 'NO',
    sinceMs,
  });

  it('call a person at once where the new side does not take the name', () => {
    const trouble = troubleIn(result, [standing('Entw&APw-rfe', 'mailbox-not-created')], 0);
    expect(trouble).toMatchObject({ code: 'mailbox-not-created' });
    expect(trouble?.message).toContain('Entwürfe (NO)');
  });

  it('call nobody before a mailbox did not open for five minutes', () => {
    const shut = [standing('Box', 'mailbox-unusable'), standing('Other', 'command-refused', 3 * minutes)];
    expect(troubleIn(result, shut, 5 * minutes - 1)).toBeNull();
    const trouble = troubleIn(result, shut, 5 * minutes);
    expect(trouble).toMatchObject({ code: 'mailbox-unusable' });
    expect(trouble?.message).toMatch(/: Box \(NO\)$/);
    expect(troubleIn(result, shut, 8 * minutes)?.message).toContain('Other (NO)');
  });

  it('are named up to five, and the others counted', () => {
    const many = Array.from({ length: 7 }, (_, n) => standing(`m${n}`, 'mailbox-not-created'));
    expect(troubleIn(result, many, 0)?.message).toMatch(/m4 \(NO\), and 2 more$/);
  });

  it('stand in the report once each, with as much of the reason as a person reads, and a thousand at most', () => {
    const twice = [
      { mailbox: 'a', code: 'mailbox-unusable', text: 'x'.repeat(9_000) },
      { mailbox: 'a', code: 'command-refused', text: 'second' },
    ] as const;
    expect(problemsIn({ problems: twice })).toEqual([
      { mailbox: 'a', code: 'mailbox-unusable', reason: 'x'.repeat(500) },
    ]);
    const many = Array.from({ length: 1_001 }, (_, n) => ({ ...twice[1], mailbox: `m${n}` }));
    expect(problemsIn({ problems: many })).toHaveLength(1_000);
  });

  it('are left out of the check, but never INBOX, without which nothing is in step', () => {
    const problems = ['INBOX', 'Box'].map(
      (mailbox) => ({ mailbox, code: 'mailbox-unusable', text: 'NO' }) as const,
    );
    expect(leftOutOfCheck({ problems })).toEqual(new Set(['Box']));
    expect(inboxTrouble({ problems })).toMatchObject({ code: 'mailbox-unusable', message: 'INBOX: NO' });
    expect(inboxTrouble({ problems: problems.slice(1) })).toBeNull();
  });

  it('have another pass, as a full account has, which a mailbox that a person removed does not need', () => {
    const of = (code: ErrorCode) =>
      waitsForAnotherPass({ refused: [], problems: [{ mailbox: 'Box', code, text: '' }] });
    expect([of('mailbox-unusable'), of('mailbox-not-created'), of('mailbox-removed-on-new')]).toEqual([
      true,
      true,
      false,
    ]);
    const [full, virus] = [refused('over-quota', 'x'), refused('message-refused', 'x')];
    expect(waitsForAnotherPass({ problems: [], refused: [virus, full] })).toBe(true);
    expect(waitsForAnotherPass({ problems: [], refused: [virus] })).toBe(false);
    expect([0, 1, 2, 3, 4, 5_000].map((passes) => anotherPassMs(passes, 600_000) / 60_000)).toEqual([
      1, 2, 4, 8, 10, 10,
    ]);
    expect(anotherPassMs(0, 30_000)).toBe(30_000);
  });

  it('are tried again at once only where that may help', () => {
    const of = (code: ErrorCode) => mayPassByItself({ problems: [{ mailbox: 'Box', code, text: '' }] });
    expect([of('mailbox-unusable'), of('command-refused')]).toEqual([true, true]);
    expect([of('mailbox-not-created'), of('mailbox-removed-on-new')]).toEqual([false, false]);
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
