/** What the first bytes of a line decide before the line is whole: whether this is IMAP at all, and how long it may be. */
import { MailferryError } from '../../base/errors.ts';
import { printable } from './fault.ts';
import type { ParserLimits } from './limits.ts';

/** As many bytes as the functions here look at. */
export const headBytes = 24;

/** The content types alert and handshake of a TLS record (RFC 8446 §5.1); 3 is the major version of every TLS. */
const tlsAlert = 0x15;
const tlsHandshake = 0x16;
const tlsMajor = 0x03;

/**
 * Refuses what cannot be a greeting by its first two bytes: `plaintext-to-tls` for a TLS record, `not-imap` for another
 * control character or 8-bit byte. A single byte that could begin a TLS record is let pass: the second will tell.
 */
export function refuseForeign(head: Uint8Array): void {
  const [first, second] = head;
  if (first === undefined || (first >= 0x20 && first < 0x7f)) return;
  if (first === tlsAlert || first === tlsHandshake) {
    if (second === undefined) return;
    if (second === tlsMajor) {
      throw new MailferryError('plaintext-to-tls', 'the server speaks TLS where plain text was expected');
    }
  }
  throw notImap('');
}

export function notImap(line: string): MailferryError {
  return new MailferryError('not-imap', 'the first words of the server are not IMAP', {
    serverText: line === '' ? undefined : printable(line),
  });
}

/** Lines whose length grows with the mailbox have a limit of their own. */
export function lineLimit(limits: ParserLimits, head: Uint8Array): number {
  const grows = /^\* +(?:E?SEARCH|SORT|VANISHED) /i.test(String.fromCharCode(...head));
  return grows ? limits.setLineBytes : limits.lineBytes;
}
