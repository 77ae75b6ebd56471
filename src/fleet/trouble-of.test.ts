import { describe, expect, it } from 'vitest';
import { MailferryError } from '../base/errors.ts';
import { emptyCounts } from '../sync/engine-options.ts';
import type { CopyResult } from '../sync/index.ts';
import { attentionOf, errorOf, missingOf, removedOnNew, troubleIn } from './trouble-of.ts';

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
  const difference = {
    class: 'missing-on-new',
    oldUid: 1,
    newUid: null,
    sizeBytes: 9,
    dateMs: null,
    digest: null,
    detail: '',
  } as const;
  const box = (oldName: string, many: number) => ({
    oldName,
    newName: oldName,
    old: 9,
    fresh: 9,
    matched: 9 - many,
    differences: Array.from({ length: many }, () => difference),
  });

  it('does not count mailboxes that a person removed on new', () => {
    const removed = removedOnNew({
      problems: [
        { mailbox: 'Liste', code: 'mailbox-removed-on-new', text: '' },
        { mailbox: 'Archiv', code: 'mailbox-unusable', text: '' },
      ],
    });
    const mailboxes = [box('INBOX', 1), box('Liste', 5), box('Archiv', 2)];
    expect(missingOf({ mailboxes }, removed)).toBe(3);
  });
});
