import { expect, test } from 'vitest';
import { judgeRefusals } from './refusals.ts';

const body = Buffer.from(
  'From: Bela <bela@example.net>\r\nSubject: =?UTF-8?B?TcO8bGw=?=\r\n =?UTF-8?B?ZXI=?=\r\n\r\ntext\r\n',
);
const old = { fetchBody: async () => body };
const told = {
  mailbox: 'INBOX',
  uid: 7,
  code: 'message-too-large',
  reason: 'Quota exceeded',
  sizeBytes: body.length,
  date: '2026-11-24T09:00:00.000Z',
  subject: 'Müller',
  from: 'Bela <bela@example.net>',
  attempts: 1,
};

test('finds nothing wrong with a refusal that is told in full', async () => {
  const { violations, refused } = await judgeRefusals(old, [told]);
  expect(violations).toEqual([]);
  expect(refused).toMatchObject([{ mailbox: 'INBOX', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
});

test.each([
  { code: 'no-such-code' },
  // Of an account, not of a message.
  { code: 'over-quota' },
  { reason: '' },
  { reason: '552' },
  { sizeBytes: 1 },
  { subject: null },
  { subject: 'Müll er' },
  { from: null },
  { date: null },
  { attempts: 0 },
])('sees %o', async (wrong) => {
  const { violations } = await judgeRefusals(old, [{ ...told, ...wrong }]);
  expect(violations).toMatchObject([{ invariant: 'I9', mailbox: 'INBOX' }]);
});
