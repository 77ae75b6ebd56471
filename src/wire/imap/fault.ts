/** The ways in which a response can be wrong: broken alone (the line becomes `unknown`), or a reason to hang up. */
import { MailferryError } from '../../base/errors.ts';

/**
 * Thrown inside the grammar when a line does not fit; caught where the line ends, never seen outside. One object
 * without a stack: a server that sends only rubbish must not cost us a stack trace a line.
 */
export const brokenLine: Error = Object.assign(new Error('the line does not fit the grammar'), { stack: '' });

/** The byte stream cannot be followed any further. */
export function protocolViolation(message: string, serverText?: string): MailferryError {
  return new MailferryError('protocol-violation', message, { serverText });
}

export function limitExceeded(what: string, limit: number): MailferryError {
  return new MailferryError('limit-exceeded', `the server sent ${what} above the limit of ${limit}`);
}

/** Server's words for a report: control characters as `?`, at most 200 characters. */
export function printable(text: string): string {
  let out = '';
  for (const char of text.slice(0, 200)) out += char < ' ' || (char >= '\x7f' && char < '\xa0') ? '?' : char;
  return out;
}
