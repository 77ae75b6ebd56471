import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { readAccount } from '../judge/imap-raw.ts';
import { dovecotIsInstalled, startDovecot } from './dovecot.ts';
import {
  fillWorkload,
  modifiedUtf7,
  wireForm,
  workloadMessages,
  workloadSpecialUse,
  workloadUsers,
} from './workload.ts';

const digests = (name: 'W1' | 'W2', seed: number) =>
  [...workloadMessages({ name, scale: 0.02, seed })].map(({ body }) =>
    createHash('sha256').update(body).digest('hex'),
  );

test('the same seed makes the same mail, another seed other mail', () => {
  expect(digests('W1', 1)).toEqual(digests('W1', 1));
  expect(digests('W1', 1)).not.toEqual(digests('W1', 2));
});

test('holds what copiers stumble over', () => {
  const messages = [...workloadMessages({ name: 'W1', scale: 0.1 })];
  const bodies = messages.map(({ body }) => body.toString('latin1'));
  const headers = bodies.map((body) => body.slice(0, body.indexOf('\n\n') + 1));
  expect(new Set(bodies).size, 'twins').toBeLessThan(bodies.length);
  expect(
    headers.some((head) => !/^message-id:/im.test(head)),
    'no Message-ID',
  ).toBe(true);
  expect(
    headers.some((head) => /[\x80-\xff]/.test(head)),
    'raw 8-bit header',
  ).toBe(true);
  expect(headers.filter((head) => head.includes('<template@')).length, 'shared Message-ID').toBeGreaterThan(
    1,
  );
  expect(
    bodies.some((body) => /[^\n]{1999}/.test(body)),
    'long line',
  ).toBe(true);
  expect(
    bodies.some((body) => !body.includes('\n\n')),
    'headers only',
  ).toBe(true);
  expect(messages.some(({ keywords }) => keywords.length > 0)).toBe(true);
});

test.skipIf(!dovecotIsInstalled())(
  'Dovecot serves what was written into its Maildirs (needs Dovecot)',
  async () => {
    const options = { name: 'W1', scale: 0.02 } as const;
    await using dovecot = await startDovecot({ users: workloadUsers('W1'), specialUse: workloadSpecialUse });
    const filled = fillWorkload(dovecot, options);
    const planned = [...workloadMessages(options)];
    expect(filled.reduce((sum, { messages }) => sum + messages, 0)).toBe(planned.length);

    const account = await readAccount({
      port: dovecot.imapPort,
      user: 'anna@example.org',
      password: 'lab-geheim',
    });
    for (const { mailbox, messages, bytes } of filled) {
      const found = account.get(mailbox.map(modifiedUtf7).join('/'));
      expect(found?.subscribed, mailbox.join('/')).toBe(true);
      const expected = planned.filter((message) => message.mailbox.join('/') === mailbox.join('/'));
      expect(found?.messages.map(({ sha256 }) => sha256)).toEqual(
        expected.map(({ body }) => createHash('sha256').update(wireForm(body)).digest('hex')),
      );
      expect(found?.messages.map(({ flags }) => flags)).toEqual(
        expected.map(({ systemFlags, keywords }) =>
          [...systemFlags.map((flag) => flag.toLowerCase()), ...keywords].sort(),
        ),
      );
      expect(found?.messages.map(({ internalDate }) => Date.parse(internalDate) / 1_000)).toEqual(
        expected.map(({ date }) => date),
      );
      expect(found?.messages.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)).toBe(bytes);
      expect(messages).toBe(expected.length);
    }
    expect(account.get('Entw&APw-rfe')?.attributes).toContain('\\drafts');
  },
);
