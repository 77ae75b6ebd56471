import { describe, expect, it, test } from 'vitest';
import { type ErrorCode, errorTable } from '../base/errors.ts';
import {
  codesOf,
  countsByClass,
  retryAfterMs,
  troubleClasses,
  troubleClassOf,
  troubleTable,
} from './trouble.ts';

/** Answers to whoever asked: no worker meets them while it works on an account. */
const answers: readonly ErrorCode[] = ['account-exists', 'account-unknown', 'phase-refused', 'lease-lost'];

const codes = Object.keys(errorTable) as ErrorCode[];

describe('trouble', () => {
  it.each(codes.filter((code) => ['account', 'server', 'mailbox'].includes(errorTable[code].scope)))(
    '%s is no defect of ours, unless it can only be an answer',
    (code) => {
      expect(troubleClassOf(code) === 'defect').toBe(answers.includes(code));
    },
  );

  it.each(codes.filter((code) => code.startsWith('database-')))(
    '%s does not ask the owner of an account',
    (code) => {
      expect(troubleTable[troubleClassOf(code)].asks).toBe(false);
    },
  );

  it('asks a person only where waiting alone does not help', () => {
    const asking = codes.filter((code) => troubleTable[troubleClassOf(code)].asks);
    const waiting = asking.filter(
      (code) => errorTable[code].retry === 'later' && errorTable[code].scope !== 'message',
    );
    // Of the process, not of an account.
    const others = waiting.filter((code) => errorTable[code].scope !== 'process' && !answers.includes(code));
    expect(others).toEqual([]);
  });

  it.each(Object.entries(troubleTable))(
    '%s has its words in German and in English',
    (_, { what, action }) => {
      for (const words of [what, action]) {
        expect(words.de).toMatch(/^[A-ZÄÖÜ].*\.$/s);
        expect(words.en).toMatch(/^[A-Z].*\.$/s);
        expect(words.de).not.toBe(words.en);
      }
    },
  );

  it('calls what it does not know a defect, which a person looks at', () => {
    expect(troubleClassOf('internal')).toBe('defect');
    expect(troubleTable.defect.asks).toBe(true);
  });
});

describe('the pause before the next try', () => {
  it('is 5 s, doubled, up to a quarter of an hour', () => {
    const seconds = [1, 2, 3, 8, 9, 50].map((failures) => retryAfterMs(failures, 0.5) / 1000);
    expect(seconds).toEqual([5, 10, 20, 640, 900, 900]);
  });

  it('varies by a quarter in each direction', () => {
    expect([retryAfterMs(1, 0), retryAfterMs(1, 1)]).toEqual([3750, 6250]);
  });
});

test('every error code belongs to exactly one class, and counts by code are summed by it', () => {
  const all = troubleClasses.flatMap(codesOf);
  expect(all.toSorted()).toEqual(Object.keys(errorTable).toSorted());
  expect(countsByClass({ unreachable: 2, 'connection-lost': 3, 'login-refused': 1, internal: 4 })).toEqual({
    unreachable: 5,
    'wrong-password': 1,
    defect: 4,
  });
});
