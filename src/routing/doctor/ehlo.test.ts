import { expect, test } from 'vitest';
import { extensionsOf, replyText, SmtpReplies } from './ehlo.ts';

test('replies are whole however their bytes come', () => {
  const text = '220 mx ESMTP\r\n250-mx\r\n250-size 100\r\n250 8BITMIME\r\n';
  for (let at = 0; at <= text.length; at++) {
    const replies = new SmtpReplies();
    const all = [...replies.push(text.slice(0, at)), ...replies.push(text.slice(at))];
    expect(all.map(({ code }) => code)).toEqual([220, 250]);
    expect(all[1] && extensionsOf(all[1])).toEqual(['SIZE 100', '8BITMIME']);
  }
});

test('a reply of several lines is told as one', () => {
  const [reply] = new SmtpReplies().push('550-5.1.1 no\r\n550 such user\r\n');
  expect(reply && replyText(reply)).toBe('550 5.1.1 no such user');
});

test('a code alone is a reply', () => {
  expect(new SmtpReplies().push('250\r\n')).toEqual([{ code: 250, lines: [''] }]);
});

test.each(['* OK IMAP ready\r\n', 'HTTP/1.1 400 Bad\r\n', '25 x\r\n'])('%j is no SMTP', (text) => {
  expect(() => new SmtpReplies().push(text)).toThrow('this is no SMTP');
});

test('what never ends is ended, and what ends in time may go on', () => {
  const replies = new SmtpReplies();
  for (let n = 0; n < 100; n++) expect(replies.push(`250 ${'x'.repeat(1_000)}\r\n`)).toHaveLength(1);
  expect(() => replies.push('x'.repeat(16_385))).toThrow('it says too much');
  const lines = new SmtpReplies();
  expect(() => lines.push(`250-${'x'.repeat(80)}\r\n`.repeat(300))).toThrow('it says too much');
});
