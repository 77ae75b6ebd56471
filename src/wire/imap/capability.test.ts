import { expect, test } from 'vitest';
import { capabilityNumber, hasCapability } from './capability.ts';

test('finds capabilities without regard to case', () => {
  expect(hasCapability(['imap4rev1', 'Literal+'], 'LITERAL+')).toBe(true);
  expect(hasCapability(['IMAP4rev1', 'LITERAL-'], 'literal+')).toBe(false);
});

test('takes LITERAL and a plus sign apart for LITERAL+', () => {
  expect(hasCapability(['IMAP4rev1', 'LITERAL', '+', 'ID'], 'LITERAL+')).toBe(true);
  expect(hasCapability(['IMAP4rev1', 'LITERAL', 'ID', '+'], 'LITERAL+')).toBe(false);
});

test('does not take the beginning of a word for the word', () => {
  expect(hasCapability(['AUTH=PLAINTEXT', 'IDLEX'], 'IDLE')).toBe(false);
});

test('reads the number of a limit', () => {
  expect(capabilityNumber(['IMAP4rev1', 'appendlimit=35882577'], 'APPENDLIMIT')).toBe(35882577);
  expect(capabilityNumber(['APPENDLIMIT', 'APPENDLIMIT=x'], 'APPENDLIMIT')).toBeNull();
});
