import { describe, expect, it } from 'vitest';
import { deletionBrake, type VanishedCount } from './deletion-brake.ts';

const box = (mailbox: string, known: number, vanished: number, more: Partial<VanishedCount> = {}) => ({
  mailbox,
  known,
  vanished,
  mailboxGone: false,
  emptiedOften: false,
  ...more,
});

describe('the brake on deletions', () => {
  it('lets everyday deletions go', () => {
    expect(deletionBrake([box('INBOX', 1000, 50), box('Sent', 200, 0)])).toBeNull();
    expect(deletionBrake([box('INBOX', 10_000, 400)])).toBeNull();
    expect(deletionBrake([box('INBOX', 100, 3), box('List', 10, 10)])).toBeNull();
  });

  it('stops beyond 5 % and 50 messages together, not at either alone', () => {
    expect(deletionBrake([box('INBOX', 1000, 51)])).toMatch(/^51 of 1,000 messages vanished/);
    expect(deletionBrake([box('INBOX', 1020, 51)])).toBeNull();
    expect(deletionBrake([box('INBOX', 100, 50), box('a', 50, 0)])).toBeNull();
  });

  it('stops when the whole account vanished, however small', () => {
    expect(deletionBrake([box('INBOX', 2, 2), box('a', 1, 1)])).toMatch(/all 3 messages/);
    expect(deletionBrake([box('INBOX', 2, 2), box('a', 1, 0)])).toBeNull();
  });

  it('stops when a mailbox with mail in it is gone', () => {
    expect(deletionBrake([box('INBOX', 900, 0), box('M&APw-ll', 1, 1, { mailboxGone: true })])).toBe(
      'the mailbox "Müll" with 1 message vanished on the old side',
    );
  });

  it('stops when a mailbox of more than ten lost everything at once', () => {
    expect(deletionBrake([box('INBOX', 900, 0), box('a', 11, 11)])).toMatch(
      /"a" lost all of its 11 messages/,
    );
  });

  it('takes no notice of Trash and Junk being emptied', () => {
    expect(deletionBrake([box('INBOX', 900, 0), box('Trash', 800, 800, { emptiedOften: true })])).toBeNull();
  });
});
