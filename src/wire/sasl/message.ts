/** What all SASL mechanisms share: how their messages become bytes and go on an IMAP line (RFC 4422, RFC 9051 §6.2.2). */
import { bytesOf, bytesOfLatin1, latin1Of } from '../../base/bytes.ts';
import { MailferryError } from '../../base/errors.ts';

/**
 * UTF-8 of a field. Throws MailferryError `usage` on NUL and on the further `separators` of the mechanism, with which
 * one field could pass for two. The text of the error never holds the value.
 */
export function field(what: string, value: string, separators = ''): Uint8Array {
  for (const char of value) {
    if (char === '\0' || separators.includes(char)) {
      throw new MailferryError('usage', `the ${what} holds a control character that no login can carry`);
    }
  }
  return bytesOf(value);
}

/** As `field`, and not empty. */
export function filledField(what: string, value: string, separators = ''): Uint8Array {
  if (value === '') throw new MailferryError('usage', `the ${what} is empty`);
  return field(what, value, separators);
}

/** Base 64 for the line; an empty initial response is `=` (RFC 4959 §3), an empty later one is empty. */
export function encodeMessage(message: Uint8Array, initial: boolean): string {
  if (message.length === 0) return initial ? '=' : '';
  return btoa(latin1Of(message));
}

/** The challenge of a `+` line; null when it is no base 64. */
export function decodeChallenge(text: string): Uint8Array | null {
  const trimmed = text.trim();
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(trimmed) || trimmed.length % 4 !== 0) return null;
  return bytesOfLatin1(atob(trimmed));
}
