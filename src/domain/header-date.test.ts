import { describe, expect, it } from 'vitest';
import { headerDate } from './header-date.ts';

const dateOf = (...lines: string[]) => headerDate(Buffer.from(`${lines.join('\r\n')}\r\n\r\nbody`, 'latin1'));

describe('the date of a message by its header', () => {
  it('is that of the topmost Received field', () => {
    const found = dateOf(
      'Received: from a by b (Postfix; local)',
      '\twith ESMTP id 1; Tue, 3 Mar 2020 10:11:12 +0100 (CET)',
      'Received: from c by d; Mon, 2 Mar 2020 10:11:12 +0100',
      'Date: Sun, 1 Mar 2020 10:11:12 +0000',
    );
    expect(found?.source).toBe('received');
    expect(found?.text.trim()).toMatch(/^0?3-Mar-2020 10:11:12 \+0100$/);
  });

  it('is that of Date where Received has none that can be read', () => {
    const found = dateOf('Received: from a by b', 'Date: Sun, 1 Mar 2020 10:11:12 +0000');
    expect(found?.source).toBe('date');
    expect(found?.text.trim()).toMatch(/^0?1-Mar-2020 10:11:12 \+0000$/);
  });

  it('is none where neither can be read', () => {
    expect(dateOf('Date: gestern')).toBeNull();
    expect(dateOf('Subject: x')).toBeNull();
    expect(headerDate(new Uint8Array())).toBeNull();
  });

  it('does not look at the body', () => {
    expect(headerDate(Buffer.from('Subject: x\r\n\r\nDate: Sun, 1 Mar 2020 10:11:12 +0000\r\n'))).toBeNull();
  });
});
