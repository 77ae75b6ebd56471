/** XOAUTH2, Google's and Microsoft's forerunner of OAUTHBEARER: one message, fields ended by U+0001. */
import { concatBytes, bytesOf } from '../../base/bytes.ts';
import { filledField } from './message.ts';

/**
 * After a refusal the server sends a challenge with the reason as JSON and waits for an empty message.
 * Throws MailferryError `usage` on empty fields, NUL and U+0001.
 */
export function xoauth2(credentials: { readonly user: string; readonly token: string }): Uint8Array {
  return concatBytes([
    bytesOf('user='),
    filledField('user name', credentials.user, '\x01'),
    bytesOf('\x01auth=Bearer '),
    filledField('token', credentials.token, '\x01'),
    bytesOf('\x01\x01'),
  ]);
}
