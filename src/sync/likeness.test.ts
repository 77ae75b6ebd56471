import { describe, expect, it } from 'vitest';
import { isAltered, likenessOf, RunningLikeness } from './likeness.ts';

const mail = 'Received: by mx; 1\r\nSubject: a\r\n b\r\nFrom: x\r\n\r\nText\r\nmore\r\n';
const like = (text: string) => likenessOf(Buffer.from(text, 'latin1'));

describe('likeness', () => {
  it.each([
    { title: 'bare line ends mended', copy: mail.replaceAll('\r\n', '\n') },
    { title: 'a header added on top', copy: `X-Scanned: yes\r\n${mail}` },
    { title: 'a header added in between', copy: mail.replace('From', 'X-UID: 5\r\nFrom') },
    { title: 'a line end added at the end', copy: `${mail}\r\n` },
  ])('recognises $title', ({ copy }) => {
    expect(isAltered(like(mail), like(copy))).toBe(true);
  });

  it.each([
    { title: 'another text', copy: mail.replace('more', 'less') },
    { title: 'a line less in the header', copy: mail.replace('From: x\r\n', '') },
    { title: 'another delivery of the same message', copy: mail.replace('by mx; 1', 'by mx; 2') },
  ])('does not take $title for it', ({ copy }) => {
    expect(isAltered(like(mail), like(copy))).toBe(false);
  });

  it('does not depend on how the bytes were cut into chunks', () => {
    for (let size = 1; size < 12; size++) {
      const running = new RunningLikeness();
      const all = Buffer.from(mail);
      for (let at = 0; at < all.length; at += size) running.update(all.subarray(at, at + size));
      expect(running.done()).toEqual(like(mail));
    }
  });
});
