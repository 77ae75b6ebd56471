import { beforeEach, describe, expect, it } from 'vitest';
import { emptyCounts } from '../sync/engine-options.ts';
import type { CopyResult } from '../sync/index.ts';
import { AccountReport } from './account-report.ts';

let report: AccountReport;

beforeEach(() => {
  report = new AccountReport('id', undefined);
});

const listed = (messages: number, unchanged = 0) =>
  report.event({ type: 'listed', mailboxes: 2, messages, unchanged, toDo: 2 });
const started = (messages: number, missing: number) =>
  report.event({ type: 'mailbox-started', mailbox: 'INBOX', messages, missing });
const progress = (copied: number, bytes = copied * 100) =>
  report.event({
    type: 'progress',
    mailbox: 'INBOX',
    here: copied,
    counts: { ...emptyCounts(), copied, bytes },
  });

function passed(messages: Partial<CopyResult['messages']>, bytes = 0): void {
  report.passed(
    {
      counts: { ...emptyCounts(), bytes },
      messages: { total: 0, copied: 0, present: 0, refused: 0, vanished: 0, ...messages },
      mailboxes: [],
      refused: [],
      problems: [],
      deletionsStopped: null,
    },
    1234,
  );
}

describe('the progress of an account', () => {
  it('counts what is on new already, and what is copied', () => {
    listed(100, 40);
    started(60, 50);
    progress(5);
    expect(report.progress).toMatchObject({ messagesTotal: 100, messagesDone: 55, bytesCopied: 500 });
  });

  it('does not go back when a pass begins anew after a lost connection', () => {
    listed(100);
    started(100, 100);
    progress(50);
    listed(100);
    progress(10);
    expect(report.progress.messagesDone).toBe(50);
  });

  it('never counts more than there is, also when mail is deleted on old meanwhile', () => {
    listed(100);
    started(100, 100);
    progress(90);
    listed(80);
    progress(91);
    expect(report.progress).toMatchObject({ messagesTotal: 80, messagesDone: 80 });
  });

  it('adds the octets of one pass to those of the ones before', () => {
    listed(1);
    progress(1, 300);
    passed({ total: 1, copied: 1 }, 300);
    listed(2, 1);
    progress(1, 200);
    expect(report.progress.bytesCopied).toBe(500);
    passed({ total: 2, present: 1, copied: 1 }, 200);
    expect(report.progress.bytesCopied).toBe(500);
  });

  it('keeps the octets of a pass that was cut off', () => {
    report.begins();
    listed(4);
    progress(2, 500);
    report.begins();
    listed(4, 2);
    progress(1, 100);
    expect(report.progress.bytesCopied).toBe(600);
    passed({ total: 4, present: 2, copied: 2 }, 200);
    expect(report.progress.bytesCopied).toBe(700);
  });

  it('is what the pass found at its end: without what is gone on old, refused mail by itself', () => {
    passed({ total: 10, copied: 3, present: 5, refused: 1, vanished: 1 });
    expect(report.progress).toMatchObject({
      messagesTotal: 9,
      messagesDone: 8,
      messagesRefused: 1,
      lastPassMs: 1234,
    });
  });

  it('goes on from what another worker has saved, but does and hears nothing yet', () => {
    listed(10);
    passed({ total: 10, present: 10 }, 700);
    report.set({ heardBy: 'all', activity: 'following' });
    const next = new AccountReport('id', report.progress);
    expect(next.progress).toEqual({ ...report.progress, heardBy: 'nothing', activity: 'waiting' });
  });
});

describe('what is to be saved', () => {
  it('is taken once, and again after a change', () => {
    expect(report.take()).toMatchObject({ accountId: 'id', activity: 'waiting' });
    expect(report.take()).toBeNull();
    report.activity('waiting');
    expect(report.take()).toBeNull();
    report.activity('copying');
    expect(report.take()).toMatchObject({ activity: 'copying' });
  });
});
